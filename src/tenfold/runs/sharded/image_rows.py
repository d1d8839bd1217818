"""Rows of answers for images that a network takes as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tenfold.data.parts import Part, Taken, check_unchanged, take
from tenfold.errors import DataError
from tenfold.predict import UNSURE, Recogniser, fitted
from tenfold.runs.sharded.columns import IMAGES, Column, Row, with_probabilities

_BATCH = 1024
"""So many images at most are evaluated together, and held."""


@dataclass
class _Batch:
    """Images that wait to be evaluated, and errors among them, in the order of their places."""

    images: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    places: list[tuple[int, int | DataError]] = field(default_factory=list)  # the first, and how many follow
    size: int = 0

    def add(self, place: int, found: npt.NDArray[np.uint8] | DataError) -> None:
        if isinstance(found, DataError):
            self.places.append((place, found))
            return
        self.images.append(found)
        self.places.append((place, len(found)))
        self.size += len(found)


class ImageRows:
    """Answers for the images of files.

    Parameters
    ----------
    recogniser : Recogniser
    probabilities : bool
        Whether the rows have those of all classes.
    """

    def __init__(self, recogniser: Recogniser, *, probabilities: bool = False) -> None:
        self._recogniser, self._probabilities = recogniser, probabilities
        self._names = recogniser.model.labels

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the rows."""
        return with_probabilities(self._names) if self._probabilities else IMAGES

    def check(self, parts: tuple[Part, ...]) -> None:
        """Refuse a source whose first image the network does not take, which is then true of all.

        Raises
        ------
        DataError
        """
        part = next(one for one in parts if one.images)
        for _, found in take(part, 0, 1):
            if not isinstance(found, DataError) and isinstance(fits := self._fitting(found, part), DataError):
                raise fits

    def rows(self, part: Part, start: int, stop: int, first: int) -> Iterator[Row]:
        """Yield one row for each image from one place in a file to another.

        Parameters
        ----------
        part : Part
        start, stop : int
        first : int
            The place of ``start`` in the whole source.

        Raises
        ------
        DataError
            If the file is another one than it was.
        """
        check_unchanged(part)
        batch = _Batch()
        for place, found in _every(part, start, stop):
            batch.add(place, found if isinstance(found, DataError) else self._fitting(found, part))
            if batch.size >= _BATCH or len(batch.places) >= _BATCH:
                yield from self._answers(batch, part, first - start)
                batch = _Batch()
        yield from self._answers(batch, part, first - start)
        check_unchanged(part)

    def _fitting(self, pixels: npt.NDArray[np.uint8], part: Part) -> npt.NDArray[np.uint8] | DataError:
        """Return images as the network takes them: (b, h, w) or (b, h, w, c)."""
        h, w, c = self._recogniser.model.input_shape
        pixels = pixels[..., 0] if pixels.shape[3:] == (1,) else pixels
        if pixels.shape[1:] == ((h, w) if c == 1 else (h, w, c)):
            return pixels
        if self._recogniser.reads_digits:
            return DataError(
                f"{part.label}: expected grey images of {h} x {w} pixels, found {pixels.shape[1:]}; bring "
                "them to this size, or name pictures in files of their own, in which digits are found"
            )
        return np.stack([fitted(picture, (h, w, c)) for picture in pixels])

    def _answers(self, batch: _Batch, part: Part, shift: int) -> Iterator[Row]:
        """Evaluate what waits, and yield its rows; ``shift`` leads from a place here to one in the source."""
        likely, doubt = np.empty((0, len(self._names))), np.empty(0)
        if batch.images:
            found = self._recogniser.predict(np.concatenate(batch.images))
            likely, doubt = found.probabilities, found.doubt  # (b, k), (b,)
        best, sure = likely.argmax(axis=1), doubt <= self._recogniser.threshold
        most = likely.max(axis=1, initial=0.0).tolist()
        every = likely.tolist() if self._probabilities else [()] * len(likely)
        at = 0
        for place, held in batch.places:
            if isinstance(held, DataError):
                yield self._row(place + shift, part, place, (None, None, None), (), str(held))
                continue
            for i in range(held):
                reason = None if sure[at] else UNSURE
                answer = self._names[best[at]], most[at], reason
                yield self._row(place + i + shift, part, place + i, answer, every[at], None)
                at += 1

    def _row(self, index: int, part: Part, place: int, answer: Row, likely: Any, error: str | None) -> Row:
        if self._probabilities and error is not None:
            likely = [None] * len(self._names)
        return (index, part.label, place, *answer, *likely, error)


def _every(part: Part, start: int, stop: int) -> Iterator[Taken]:
    """Yield the images of a file; where it is damaged, an error for each one that is left."""
    place = start
    try:
        for place_of_first, found in take(part, start, stop):
            yield place_of_first, found
            place = place_of_first + (1 if isinstance(found, DataError) else len(found))
    except DataError as error:
        damage = error
    else:
        damage = DataError(f"{part.label}: expected {stop - start} images, found fewer; save it again")
    for left in range(place, stop):
        yield left, damage
