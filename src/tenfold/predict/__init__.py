"""Read the digits in a picture, or say why there are none; classify pictures of other things."""

from __future__ import annotations

from tenfold.habits import callable_unit
from tenfold.predict.classify import Classified, classify, fitted
from tenfold.predict.reader import Reader, read
from tenfold.predict.reading import SIGNS, UNKNOWN, UNSURE, Digit, Mark, Reading
from tenfold.predict.recogniser import Predictions, Recogniser, shipped
from tenfold.zoo.saved_models import RECORD
from tenfold.zoo.trained import UNFINISHED, find_run

__all__ = [
    "RECORD",
    "SIGNS",
    "UNFINISHED",
    "UNKNOWN",
    "UNSURE",
    "Classified",
    "Digit",
    "Mark",
    "Predictions",
    "Reader",
    "Reading",
    "Recogniser",
    "classify",
    "find_run",
    "fitted",
    "read",
    "shipped",
]

callable_unit(
    __name__,
    "expected a function, got the unit; write model.predict(images), or tenfold.read('picture.png')",
)
