"""One file a picture: arrays in, a matplotlib figure out. matplotlib is imported only when one is drawn."""

from tenfold.evaluate.figures.canvas import png, signed
from tenfold.evaluate.figures.class_images import class_means, sample_images
from tenfold.evaluate.figures.confusion import confusion
from tenfold.evaluate.figures.error_shares import error_shares
from tenfold.evaluate.figures.filters import filter_images, first_layer_filters
from tenfold.evaluate.figures.grid import picture_grid
from tenfold.evaluate.figures.per_class import digit_accuracy
from tenfold.evaluate.figures.predictions import predictions, wrong_predictions
from tenfold.evaluate.figures.reliability import reliability_diagram
from tenfold.evaluate.figures.steps import reading_steps
from tenfold.evaluate.figures.style import STYLE
from tenfold.evaluate.figures.training import training_curves

__all__ = [
    "STYLE",
    "class_means",
    "confusion",
    "digit_accuracy",
    "error_shares",
    "filter_images",
    "first_layer_filters",
    "picture_grid",
    "png",
    "predictions",
    "reading_steps",
    "reliability_diagram",
    "sample_images",
    "signed",
    "training_curves",
    "wrong_predictions",
]
