"""Reads the digits in pictures, in a worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tenfold.data import Page, find_digits, read_picture
from tenfold.errors import TenfoldError
from tenfold.predict.reader import Reader
from tenfold.predict.reading import Digit, Reading
from tenfold.predict.recogniser import Recogniser
from tenfold.serve.features import Features
from tenfold.serve.messages import Message

UNPROCESSABLE = 422


class PictureHandler:
    """Reads pictures. The network evaluates the digits of all pictures in one batch.

    Parameters
    ----------
    recogniser : Recogniser
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._reader = Reader(recogniser)
        self._features = Features(recogniser.model)

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return the reading of each picture, or the error of a picture that cannot be read."""
        pages: dict[int, Page] = {}
        sizes: dict[int, tuple[int, int]] = {}
        errors: dict[int, Message] = {}
        for i, (_, body) in enumerate(messages):
            try:
                grey = read_picture(body)
            except TenfoldError as error:
                errors[i] = {"status": UNPROCESSABLE, "error": str(error)}, b""
            else:
                pages[i], sizes[i] = find_digits(grey), grey.shape[:2]
        readings = dict(zip(pages, self._reader.answer(list(pages.values())), strict=True))
        return [
            errors[i] if i in errors else self._answer(readings[i], header.get("details", False), sizes[i])
            for i, (header, _) in enumerate(messages)
        ]

    def _answer(self, reading: Reading, details: bool, size: tuple[int, int]) -> Message:
        answer = reading.to_dict()
        if details:
            features = self._features.of([digit.image for digit in reading.digits])
            answer["digits"] = [
                short | _details(digit) | {"features": layers}
                for short, digit, layers in zip(answer["digits"], reading.digits, features, strict=True)
            ]
            answer |= {"width": size[1], "height": size[0]}
        content = json.dumps(answer, allow_nan=False, separators=(",", ":"))
        return {"status": 200, "images": len(reading.digits)}, content.encode()


def _details(digit: Digit) -> dict[str, Any]:
    return {"probabilities": digit.probabilities, "image": digit.image.tolist()}
