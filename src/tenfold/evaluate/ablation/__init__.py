"""Single changes to a model, and the effect of each."""

from tenfold.evaluate.ablation.effects import ONE_RUN, AblationResult, Step, effect_rows, effects, heads
from tenfold.evaluate.ablation.plan import Ablation, Variant, read_ablation, shipped
from tenfold.evaluate.ablation.recorded import ablation_table, put_record

__all__ = [
    "ONE_RUN",
    "Ablation",
    "AblationResult",
    "Step",
    "Variant",
    "ablation_table",
    "effect_rows",
    "effects",
    "heads",
    "put_record",
    "read_ablation",
    "shipped",
]
