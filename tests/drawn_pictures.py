"""Pictures drawn for tests of reading, and recognisers whose answers are known.

Zeros are rings, which `rings` tells from everything else: then only the finder and the choice of the
explanation are tested, not what a training happens to give.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tenfold.predict import Predictions

HIGH, WIDE, PEN = 60, 40, 6  # of a ring
GAP = 18  # between the marks of a row


class Known:
    """A recogniser with known answers: the digit and the doubt for an image."""

    threshold = 0.5
    reads_digits = refuses = True

    def __init__(self, answer: Callable[[np.ndarray], tuple[int, float]]) -> None:
        self.answer = answer
        self.asked: list[int] = []  # images, call by call

    def predict(self, images: np.ndarray) -> Predictions:
        self.asked.append(len(images))
        answers = [self.answer(image) for image in images]
        rows = np.full((len(images), 10), 0.01)
        rows[np.arange(len(images)), [digit for digit, _ in answers]] = 0.91
        return Predictions(rows, np.array([doubt for _, doubt in answers], np.float64))


def is_ring(image: np.ndarray) -> bool:
    """Whether the middle row and column each cross two strokes, and all ink lies around the middle."""
    inked = image > 100
    for axis in (0, 1):
        ink = np.flatnonzero(inked.any(axis=axis))
        if not len(ink) or abs(ink[0] + ink[-1] - 27) > 3:
            return False
    lines = (inked[13:15].any(axis=0), inked[:, 13:15].any(axis=1))
    twice = all(np.count_nonzero(np.diff(np.pad(line.astype(int), 1)) == 1) == 2 for line in lines)
    return twice and not inked[13:15, 13:15].any()


def is_stroke(image: np.ndarray) -> bool:
    """Whether each row has one short run of ink, from top to bottom."""
    rows = (image > 100)[(image > 100).any(axis=1)]
    starts = np.diff(np.pad(rows.astype(int), ((0, 0), (1, 0))), axis=1) == 1
    return len(rows) >= 15 and bool((starts.sum(axis=1) == 1).all() and (rows.sum(axis=1) <= 9).all())


def rings(image: np.ndarray) -> tuple[int, float]:
    """A ring is a sure 0; nothing else is a digit."""
    return (0, 0.03) if is_ring(image) else (8, 0.97)


def rings_and_strokes(image: np.ndarray) -> tuple[int, float]:
    """A stroke is a sure 1, as networks say of slashes, too."""
    return (1, 0.05) if is_stroke(image) else rings(image)


class Sheet:
    """White paper that is written on from left to right, with 60 pixels as the height of a digit."""

    def __init__(self, width: int, height: int = 140, baseline: int = 100) -> None:
        self.ink = np.zeros((height, width), bool)
        self.at = 25
        self.baseline = baseline
        self._y, self._x = np.mgrid[:height, :width]

    def ring(self, wide: int = WIDE, high: int = HIGH, pen: int = PEN) -> Sheet:
        """A 0."""
        self.ink |= ellipse(self._x, self._y, self.at + wide / 2, self.baseline - high / 2, wide, high, pen)
        return self._moved(wide)

    def box(self, wide: int, high: int, above: int = 0, back: int = 0) -> Sheet:
        """A filled rectangle, so far above the base line."""
        bottom = self.baseline - above
        self.ink[bottom - high : bottom, self.at - back : self.at - back + wide] = True
        return self if back else self._moved(wide)

    def line(self, right: int, top: int, bottom: int, pen: int = PEN) -> Sheet:
        """A straight stroke from below to the right end above; heights from the base line upwards."""
        start, end = (self.at, self.baseline - bottom), (self.at + right, self.baseline - top)
        self.ink |= near(self._x, self._y, start, end) <= pen / 2
        return self._moved(right)

    def write(self, text: str) -> Sheet:
        """Write 0 and signs; ``|``, ``(``, ``)``, ``=`` and ``+`` are signs that are not read."""
        for one in text:
            self._write(one)
        return self

    def _write(self, one: str) -> None:
        left, base = self.at, self.baseline
        match one:
            case "0":
                self.ring()
            case ".":
                self.box(8, 8)
            case ",":
                self.line(5, 5, -10, 5)
            case ":":
                self.box(8, 8, 40, back=0).at -= 8 + GAP
                self.box(8, 8, 6)
            case "-":
                self.box(24, 6, 28)
            case "/":
                self.line(32, 68, -8, 5)
            case "|":
                self.box(5, 88, -12)
            case "(" | ")":
                middle = left + 24 if one == "(" else left - 6
                arc = ellipse(self._x, self._y, middle, base - 30, 48, 84, 5)
                self.ink |= arc & (self._x >= left) & (self._x < left + 18)
                self.at += 18 + GAP
            case "=":
                self.box(24, 5, 36).at = left
                self.box(24, 5, 20)
            case "+":
                self.box(30, 6, 28).at = left
                self.box(6, 30, 16, back=-12).at += 30 + GAP
            case " ":
                self.at += 40

    def _moved(self, wide: int) -> Sheet:
        self.at += wide + GAP
        return self

    @property
    def picture(self) -> np.ndarray:
        """Grey levels (h, w): black on white."""
        return np.where(self.ink, np.uint8(0), np.uint8(255))


def ellipse(
    x: np.ndarray, y: np.ndarray, across: float, down: float, wide: float, high: float, pen: float
) -> np.ndarray:
    """The ring between two ellipses; bool (h, w)."""
    outer = ((x + 0.5 - across) / (wide / 2)) ** 2 + ((y + 0.5 - down) / (high / 2)) ** 2 <= 1
    inner = ((x + 0.5 - across) / (wide / 2 - pen)) ** 2 + ((y + 0.5 - down) / (high / 2 - pen)) ** 2 <= 1
    return outer & ~inner


def near(x: np.ndarray, y: np.ndarray, start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """The distance of each pixel from a straight stroke."""
    (x0, y0), (x1, y1) = start, end
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    along = np.clip(along, 0, 1)
    return np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
