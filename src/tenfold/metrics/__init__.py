"""Metrics of predictions: pure functions from arrays to numbers."""

from tenfold.metrics.accuracy import Interval, accuracy, wilson_interval
from tenfold.metrics.bootstrap import bootstrap_interval
from tenfold.metrics.calibration import Reliability, reliability
from tenfold.metrics.class_counts import ClassCounts
from tenfold.metrics.confusion import (
    Imbalance,
    confusion_matrix,
    imbalance,
    imbalance_of,
    macro_recall,
    precision,
    recall,
)
from tenfold.metrics.conventions import CORRECTED, DOUBTFUL, corrected, is_mnist_test, undoubted
from tenfold.metrics.log_loss import mean_loss, ruled_out
from tenfold.metrics.mean_interval import deviation, mean_interval
from tenfold.metrics.multiple import holm
from tenfold.metrics.paired import McNemar, PairedT, SignTest, mcnemar, paired_t, sign_flip_test, sign_test
from tenfold.metrics.power import images_needed, seeds_needed
from tenfold.metrics.welch import WelchT, welch_t

__all__ = [
    "CORRECTED",
    "DOUBTFUL",
    "ClassCounts",
    "Imbalance",
    "Interval",
    "McNemar",
    "PairedT",
    "Reliability",
    "SignTest",
    "WelchT",
    "accuracy",
    "bootstrap_interval",
    "confusion_matrix",
    "corrected",
    "deviation",
    "holm",
    "images_needed",
    "imbalance",
    "imbalance_of",
    "is_mnist_test",
    "macro_recall",
    "mcnemar",
    "mean_interval",
    "mean_loss",
    "paired_t",
    "precision",
    "recall",
    "reliability",
    "ruled_out",
    "seeds_needed",
    "sign_flip_test",
    "sign_test",
    "undoubted",
    "welch_t",
    "wilson_interval",
]
