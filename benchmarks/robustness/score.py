"""The comparison of the text that was read with the written text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENT = 0.95
REFUSED = "?"


@dataclass(frozen=True)
class Named:
    """One thing that the reader found: a digit, a sign, or ``?``; with its probability."""

    character: str
    probability: float

    @property
    def refused(self) -> bool:
        """Whether the reader would not say which digit it is."""
        return self.character == REFUSED


@dataclass(frozen=True)
class Score:
    """Of one picture, or of all pictures of a kind: counts, which add up.

    Attributes
    ----------
    pictures, pictures_right : int
        How many, and those without any mistake.
    characters, right : int
        Written digits and signs, and correctly read ones minus those reported where none is. A sign that
        has no name (``?`` in the text) is read correctly if it is refused.
    refused : int
        Characters for which no digit was named. Where no digit is written: pictures of which none was named.
    confident_mistakes : int
        Wrong digits, or digits where none is, named with a probability above `CONFIDENT`.
    """

    pictures: int = 0
    pictures_right: int = 0
    characters: int = 0
    right: int = 0
    refused: int = 0
    confident_mistakes: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


def score(text: str, read: str, named: Sequence[Named]) -> Score:
    """Compare a picture's text with the text that was read.

    Parameters
    ----------
    text, read : str
        Lines separated by newlines; ``text`` is empty where no digit is written, and has ``?`` for a mark
        that has no name.
    named : sequence of Named
        What was found, in reading order.
    """
    if not text:
        return _score_nothing(named)
    written = text.replace("\n", "")
    right = refused = confident = 0
    for wanted, got in aligned(written, named):
        right += got is not None and got.character == wanted
        refused += wanted not in (None, REFUSED) and (got is None or got.refused)
        if got is not None and not got.refused and got.character != wanted:
            confident += got.probability > CONFIDENT
            right -= wanted is None
    return Score(1, int(read == text), len(written), max(right, 0), refused, confident)


def _score_nothing(named: Sequence[Named]) -> Score:
    digits = [one for one in named if one.character.isdecimal()]
    sure = any(one.probability > CONFIDENT for one in digits)
    return Score(1, int(not digits), 0, 0, int(not digits), int(sure))


def aligned(written: str, named: Sequence[Named]) -> list[tuple[str | None, Named | None]]:
    """Return pairs of written and read characters with as few differences as possible."""
    n, m = len(written), len(named)
    cost = [[i + j if i == 0 or j == 0 else 0 for j in range(m + 1)] for i in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            swap = cost[i - 1][j - 1] + (written[i - 1] != named[j - 1].character)
            cost[i][j] = min(swap, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    pairs: list[tuple[str | None, Named | None]] = []
    i, j = n, m
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (written[i - 1] != named[j - 1].character):
            i, j = i - 1, j - 1
            pairs.append((written[i], named[j]))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            pairs.append((written[i], None))
        else:
            j -= 1
            pairs.append((None, named[j]))
    return pairs[::-1]
