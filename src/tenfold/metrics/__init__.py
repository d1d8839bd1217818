"""Arrays to numbers: pure functions that judge predictions, with no opinion on where they came from."""

from tenfold.metrics.accuracy import Interval, accuracy, wilson_interval
from tenfold.metrics.calibration import Reliability, reliability
from tenfold.metrics.conventions import CORRECTED, DOUBTFUL, corrected, is_mnist_test, undoubted
from tenfold.metrics.cost import mean_cost, ruled_out
from tenfold.metrics.digits import Imbalance, confusion_matrix, imbalance, macro_recall, precision, recall
from tenfold.metrics.spread import deviation, mean_interval

__all__ = [
    "CORRECTED",
    "DOUBTFUL",
    "Imbalance",
    "Interval",
    "Reliability",
    "accuracy",
    "confusion_matrix",
    "corrected",
    "deviation",
    "imbalance",
    "is_mnist_test",
    "macro_recall",
    "mean_cost",
    "mean_interval",
    "precision",
    "recall",
    "reliability",
    "ruled_out",
    "undoubted",
    "wilson_interval",
]
