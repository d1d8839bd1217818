"""From weights and a picture to a digit, or to a reason why there is none."""

from __future__ import annotations

from tenfold.predict.answer import BLANK, Prediction, answers
from tenfold.predict.pictures import predict_file, read_pictures
from tenfold.predict.run import RECORD, find_run

__all__ = [
    "BLANK",
    "RECORD",
    "Prediction",
    "answers",
    "find_run",
    "predict_file",
    "read_pictures",
]
