"""Classifies whole pictures, in a worker, for models of other images than digits."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tenfold.data import PictureLimits, kept_picture
from tenfold.errors import TenfoldError
from tenfold.predict import UNKNOWN, UNSURE, Recogniser, fitted
from tenfold.predict.classify import Classified, classify_images
from tenfold.serve.messages import Message
from tenfold.serve.picture_handler import UNPROCESSABLE


class ClassHandler:
    """Classifies pictures, all of them in one batch.

    Parameters
    ----------
    recogniser : Recogniser
    limits : PictureLimits
    """

    def __init__(self, recogniser: Recogniser, limits: PictureLimits) -> None:
        self._recogniser, self._limits = recogniser, limits

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return the class of each picture, or the error of a picture that cannot be read."""
        answers: dict[int, Message] = {}
        images = {}
        for i, (_, body) in enumerate(messages):
            try:
                images[i] = self._fitted(body)
            except TenfoldError as error:
                answers[i] = {"status": UNPROCESSABLE, "error": str(error)}, b""
        found = classify_images(np.stack([*images.values()]), self._recogniser) if images else []
        answers |= {i: _answer(one) for i, one in zip(images, found, strict=True)}
        return [answers[i] for i in range(len(messages))]

    def _fitted(self, body: bytes) -> NDArray[np.uint8]:
        return fitted(kept_picture(body, limits=self._limits), self._recogniser.model.input_shape)


def _answer(found: Classified) -> Message:
    text = {"text": found.name, "reason": None} if found.sure else {"text": UNKNOWN, "reason": UNSURE}
    content = json.dumps(text | found.to_dict(), allow_nan=False, separators=(",", ":"))
    return {"status": 200, "images": 1}, content.encode()
