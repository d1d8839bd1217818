"""Models compared on the same test images, pair by pair."""

from tenfold.evaluate.comparison.compare import Comparison, compare, three_accuracies, warnings
from tenfold.evaluate.comparison.evidence import pair_lines
from tenfold.evaluate.comparison.model_results import ModelResults, Result, from_ledger
from tenfold.evaluate.comparison.over_images import OverImages
from tenfold.evaluate.comparison.over_seeds import OverSeeds
from tenfold.evaluate.comparison.own_predictions import from_predictions
from tenfold.evaluate.comparison.pair import Pair
from tenfold.evaluate.comparison.verdict import differs, verdict

__all__ = [
    "Comparison",
    "ModelResults",
    "OverImages",
    "OverSeeds",
    "Pair",
    "Result",
    "compare",
    "differs",
    "from_ledger",
    "from_predictions",
    "pair_lines",
    "three_accuracies",
    "verdict",
    "warnings",
]
