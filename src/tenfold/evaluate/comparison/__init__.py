"""Models compared on the same test images, pair by pair."""

from tenfold.evaluate.comparison.compare import Comparison, compare, three_accuracies
from tenfold.evaluate.comparison.contender import Contender, Result, from_ledger
from tenfold.evaluate.comparison.lines import over_images, over_seeds, pair_lines
from tenfold.evaluate.comparison.pair import OverImages, OverSeeds, Pair
from tenfold.evaluate.comparison.verdict import differs, verdict

__all__ = [
    "Comparison",
    "Contender",
    "OverImages",
    "OverSeeds",
    "Pair",
    "Result",
    "compare",
    "differs",
    "from_ledger",
    "over_images",
    "over_seeds",
    "pair_lines",
    "three_accuracies",
    "verdict",
]
