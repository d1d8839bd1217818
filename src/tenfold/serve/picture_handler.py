"""Reads the digits in pictures, in a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenfold.data import Page, PictureLimits, find_digits, picture_pages
from tenfold.errors import TenfoldError
from tenfold.predict.reader import Reader
from tenfold.predict.reading import Digit, Reading, joined
from tenfold.predict.recogniser import Predictions, Recogniser
from tenfold.serve.evidence import evidence
from tenfold.serve.features import Features
from tenfold.serve.messages import Message
from tenfold.zoo import NetworkModel

UNPROCESSABLE = 422
_LOOKED_INTO = 12  # digits, so that an answer stays small


@dataclass(frozen=True)
class _File:
    """The pages of a file, what was left out of each, and the size of the first, (h, w)."""

    pages: list[Page]
    remarks: list[tuple[str, ...]]
    size: tuple[int, ...]

    def joined(self, readings: Iterator[Reading]) -> Reading:
        """Join the next readings, which are those of these pages."""
        return joined([replace(next(readings), remarks=remarks) for remarks in self.remarks])


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
        """Return the reading of each picture, or the error of a picture that cannot be read."""
        files: dict[int, _File] = {}
        errors: dict[int, Message] = {}
        for i, (header, body) in enumerate(messages):
            try:
                files[i] = self._opened(body, single=header.get("single", False))
            except TenfoldError as error:
                errors[i] = {"status": UNPROCESSABLE, "error": str(error)}, b""
        readings = iter(self._reader.answer([page for file in files.values() for page in file.pages]))
        whole = {i: file.joined(readings) for i, file in files.items()}
        return [
            errors[i] if i in errors else self._answer(whole[i], header.get("details", False), files[i].size)
            for i, (header, _) in enumerate(messages)
        ]

    def _opened(self, body: bytes, *, single: bool) -> _File:
        """Open a picture; its pages are few, because together they have no more pixels than one may have."""
        sheets = [*picture_pages(body, limits=self._limits)]
        return _File(
            [find_digits(sheet.grey, single=single) for sheet in sheets],
            [sheet.remarks for sheet in sheets],
            sheets[0].grey.shape,
        )

    def _answer(self, reading: Reading, details: bool, size: tuple[int, ...]) -> Message:
        answer = reading.to_dict()
        if details:
            more = self._details(reading.digits)
            answer["digits"] = [a | b for a, b in zip(answer["digits"], more, strict=True)]
            height, width = size
            answer |= {"width": width, "height": height}
        content = json.dumps(answer, allow_nan=False, separators=(",", ":"))
        return {"status": 200, "images": len(reading.digits)}, content.encode()

    def _details(self, digits: Sequence[Digit]) -> Iterator[dict[str, Any]]:
        """Yield what more there is to say about each digit; only the least certain are looked into."""
        if not digits:
            return
        images = np.stack([digit.image for digit in digits])
        found = self._reader.recogniser.predict(images)
        chosen = np.sort(np.argsort(-found.doubt, kind="stable")[:_LOOKED_INTO])
        features = dict(zip(chosen.tolist(), self._features.of(images[chosen]), strict=True))
        parts = Predictions(found.probabilities[chosen], found.doubt[chosen])
        ink: dict[int, list[list[float]]] = {}
        if isinstance(self._reader.recogniser.model, NetworkModel):  # classical models would take seconds
            shares = evidence(self._reader.recogniser, images[chosen], parts)
            ink = dict(zip(chosen.tolist(), shares.tolist(), strict=True))
        for i, digit in enumerate(digits):
            yield {
                "probabilities": digit.probabilities,
                "none": float(found.none[i]),
                "doubt": float(found.doubt[i]),
                "image": digit.image.tolist(),
                "features": features.get(i, []),
                "evidence": ink.get(i),
            }
