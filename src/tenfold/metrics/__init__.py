"""Arrays to numbers: pure functions that judge predictions, with no opinion on where they came from."""

from tenfold.metrics.accuracy import Interval, accuracy, wilson_interval
from tenfold.metrics.calibration import Reliability, reliability
from tenfold.metrics.conventions import DOUBTFUL, is_mnist_test, undoubted
from tenfold.metrics.cost import mean_cost, ruled_out
from tenfold.metrics.digits import Imbalance, confusion_matrix, imbalance, macro_recall, precision, recall

__all__ = [
    "DOUBTFUL",
    "Imbalance",
    "Interval",
    "Reliability",
    "accuracy",
    "confusion_matrix",
    "imbalance",
    "is_mnist_test",
    "macro_recall",
    "mean_cost",
    "precision",
    "recall",
    "reliability",
    "ruled_out",
    "undoubted",
    "wilson_interval",
]
