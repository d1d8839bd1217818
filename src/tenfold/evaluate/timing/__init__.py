"""How long a model takes: warm, several repeats, on a quiet machine with all its cores."""

from tenfold.evaluate.timing.measure import timing
from tenfold.evaluate.timing.quiet import LIMIT, Others
from tenfold.evaluate.timing.store import put_times

__all__ = ["LIMIT", "Others", "put_times", "timing"]
