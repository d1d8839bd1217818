"""Reads the digits in pictures, in a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenfold.data import Page, PictureLimits, Sheet, find_digits, picture_pages
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
    limits : PictureLimits
    """

    def __init__(self, recogniser: Recogniser, limits: PictureLimits) -> None:
        self._reader, self._limits = Reader(recogniser), limits
        self._features = Features(recogniser.model)

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return the reading of each picture, or the error of a picture that cannot be read.

        Of a file with several pages the first one is read.
        """
        pages: dict[int, Page] = {}
        sheets: dict[int, Sheet] = {}
        errors: dict[int, Message] = {}
        for i, (header, body) in enumerate(messages):
            try:
                sheets[i] = next(picture_pages(body, limits=self._limits))
            except TenfoldError as error:
                errors[i] = {"status": UNPROCESSABLE, "error": str(error)}, b""
            else:
                pages[i] = find_digits(sheets[i].grey, single=header.get("single", False))
        readings = dict(zip(pages, self._reader.answer(list(pages.values())), strict=True))
        return [
            errors[i] if i in errors else self._answer(readings[i], header.get("details", False), sheets[i])
            for i, (header, _) in enumerate(messages)
        ]

    def _answer(self, reading: Reading, details: bool, sheet: Sheet) -> Message:
        answer = replace(reading, remarks=sheet.remarks).to_dict()
        if details:
            more = self._details(reading.digits)
            answer["digits"] = [a | b for a, b in zip(answer["digits"], more, strict=True)]
            height, width = sheet.grey.shape
            answer |= {"width": width, "height": height}
        content = json.dumps(answer, allow_nan=False, separators=(",", ":"))
        return {"status": 200, "images": len(reading.digits)}, content.encode()

    def _details(self, digits: Sequence[Digit]) -> Iterator[dict[str, Any]]:
        """Yield what more there is to say about each digit."""
        if not digits:
            return
        images = [digit.image for digit in digits]
        found = self._reader.recogniser.predict(np.stack(images))
        features = self._features.of(images)
        for digit, none, doubt, layers in zip(digits, found.none, found.doubt, features, strict=True):
            yield {
                "probabilities": digit.probabilities,
                "none": float(none),
                "doubt": float(doubt),
                "image": digit.image.tolist(),
                "features": layers,
            }
