"""Read pictures: find the digits of each, and classify all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tenfold.data import Candidate, Page, find_digits, read_picture
from tenfold.errors import ConfigError
from tenfold.predict.reading import UNKNOWN, UNSURE, Digit, Mark, Reading
from tenfold.predict.recogniser import Predictions, Recogniser, shipped
from tenfold.zoo.model_input import shape_words

if TYPE_CHECKING:
    from tenfold.data.picture_file import Picture

FEW = 2  # so few rejected marks say nothing about the others


class Reader:
    """Reads pictures with one recogniser.

    Parameters
    ----------
    recogniser : Recogniser
        For instance `tenfold.predict.shipped`.

    Raises
    ------
    ConfigError
        If its model is not one of the ten digits; `tenfold.predict.classify` takes any.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        if not recogniser.reads_digits:
            model = recogniser.model
            raise ConfigError(
                f"{model.name}: expected a network of the ten digits at 28 x 28, got one of {model.classes} "
                f"classes at {shape_words(model.input_shape)}; classify whole pictures with "
                "tenfold.predict.classify"
            )
        self.recogniser = recogniser

    def read(self, picture: Picture, *, single: bool = False) -> Reading:
        """Read one picture; see `tenfold.read`."""
        return self.read_many([picture], single=single)[0]

    def read_many(self, pictures: Sequence[Picture], *, single: bool = False) -> list[Reading]:
        """Read pictures; one call of the recogniser classifies all their digits.

        Parameters
        ----------
        pictures : sequence
            Each as for `tenfold.read`.
        single : bool
            Each picture holds one digit.

        Raises
        ------
        DataError
            If one of them cannot be read; then none is returned.
        """
        return self.answer([find_digits(read_picture(picture), single=single) for picture in pictures])

    def answer(self, pages: Sequence[Page]) -> list[Reading]:
        """Classify the marks that were found in pictures.

        Parameters
        ----------
        pages : sequence of Page
            From `tenfold.data.find_digits`.

        Returns
        -------
        list of Reading
            In the order of the pages.
        """
        asked = [one for page in pages for line in page.lines for whole in line for one in _with_parts(whole)]
        if not asked:
            return [Reading("", (), page.reason) for page in pages]
        predictions = self.recogniser.predict(np.stack([one.image for one in asked]))
        each = iter(_answers(asked, predictions, self.recogniser.threshold))
        return [_reading(page, each) for page in pages]


def read(picture: Picture, recogniser: Recogniser | None = None, *, single: bool = False) -> Reading:
    """Read the digits in a picture.

    Parameters
    ----------
    picture : path, bytes, PIL.Image.Image or uint8 array
        PNG or JPEG: a photo, scan, screenshot or drawing, dark ink on light paper or the reverse, with one
        digit, a line or a page of them. An array is (h, w), (h, w, 3) or (h, w, 4).
    recogniser : Recogniser, optional
        By default the built-in network.
    single : bool
        The picture holds one digit: the answer is the likeliest one, whatever else is in the picture.

    Returns
    -------
    Reading
        ``text`` has the digits and the signs among them; ``reason`` says why there are none.

    Raises
    ------
    DataError
        If it is not such a picture, is damaged, or has more than 16 megapixels; see `read_picture`.

    Examples
    --------
    >>> import numpy as np, tenfold
    >>> paper = np.full((60, 60), 255, np.uint8)
    >>> tenfold.read(paper).reason
    'blank'
    >>> paper[10:50, 28:32] = 0
    >>> tenfold.read(paper).text
    '1'
    """
    return Reader(shipped() if recogniser is None else recogniser).read(picture, single=single)


def _with_parts(whole: Candidate) -> tuple[Candidate, ...]:
    return (whole, *whole.parts)


def _answers(
    asked: Sequence[Candidate], predictions: Predictions, threshold: float
) -> Iterator[tuple[Digit, float]]:
    """Yield a digit for each image, and its doubt."""
    for one, row, doubt in zip(asked, predictions.probabilities, predictions.doubt, strict=True):
        digit = int(np.argmax(row))
        sure = doubt <= threshold
        probabilities = tuple(float(p) for p in row)
        yield (
            Digit(
                digit if sure else None,
                probabilities[digit],
                probabilities,
                one.box,
                None if sure else UNSURE,
                one.image,
            ),
            float(doubt),
        )


def _reading(page: Page, each: Iterator[tuple[Digit, float]]) -> Reading:
    """Return the reading of one page, whose digits come next in ``each``."""
    lines = [[digit for whole in line for digit in _chosen(whole, each)] for line in page.lines]
    if page.single:
        return _single(lines[0][0]) if lines else Reading("", (), page.reason)
    if _no_numbers(lines):
        lines = [[replace(digit, digit=None, reason=UNSURE) for digit in line] for line in lines]
    digits = tuple(digit for line in lines for digit in line)
    text = "\n".join("".join(_character(digit) for digit in line) for line in lines)
    reason = page.reason
    if digits and all(digit.digit is None for digit in digits):
        reason = UNSURE
    return Reading(text, digits, reason, tuple(_mark(digit) for digit in digits))


def _single(found: Digit) -> Reading:
    """Return the likeliest digit, and the reason for doubt if there is one."""
    digit = replace(found, digit=int(np.argmax(found.probabilities)))
    return Reading(_character(digit), (digit,), found.reason, (_mark(digit),))


def _mark(digit: Digit) -> Mark:
    return Mark(digit.box, "unknown" if digit.digit is None else "digit", _character(digit))


def _no_numbers(lines: Sequence[Sequence[Digit]]) -> bool:
    """Return whether most marks are not digits, as in words or noise: then none of them counts as a digit."""
    refused = [digit.digit is None for line in lines for digit in line]
    return FEW < sum(refused) and 2 * sum(refused) > len(refused)


def _chosen(whole: Candidate, each: Iterator[tuple[Digit, float]]) -> list[Digit]:
    """Return the digit itself or its parts, whichever have the smaller doubt.

    A connected mark is cut only if it is not a digit as a whole and all its parts are. It is not cut into
    ones, because two strokes that touch are a V, a tick or a cross.
    """
    digit, doubt = next(each)
    parts = [next(each) for _ in whole.parts]
    if not parts or max(part_doubt for _, part_doubt in parts) >= doubt:
        return [digit]
    found = [part for part, _ in parts]
    if whole.touching and digit.digit is not None:
        return [digit]
    if whole.touching and (
        any(part.digit is None for part in found) or {part.digit for part in found} == {1}
    ):
        return [digit]
    return found


def _character(digit: Digit) -> str:
    return UNKNOWN if digit.digit is None else str(digit.digit)
