"""Single changes to a model, and what each was worth."""

from tenfold.evaluate.ablation.lines import heads, worth_rows
from tenfold.evaluate.ablation.plan import Ablation, Link, read_ablation, shipped
from tenfold.evaluate.ablation.recorded import ablation_table, put_record
from tenfold.evaluate.ablation.worth import ONE_RUN, Step, Worth, worth

__all__ = [
    "ONE_RUN",
    "Ablation",
    "Link",
    "Step",
    "Worth",
    "ablation_table",
    "heads",
    "put_record",
    "read_ablation",
    "shipped",
    "worth",
    "worth_rows",
]
