"""Characters as somebody writes them: each writer keeps to one style of each digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from digits import STYLES
from hand import Hand, somebody
from layout import Character
from letters import LETTERS, SYMBOLS
from numpy.random import Generator
from scene import one

RARE = {("0", "slashed")}  # only where it is asked for


@dataclass(frozen=True)
class Writer:
    """A hand with its habits: digit -> style."""

    hand: Hand
    styles: Mapping[str, str]

    def digits(self, text: str, rng: Generator) -> list[Character]:
        """Write digits."""
        return [self.hand.write(STYLES[digit][self.styles[digit]], rng) for digit in text]

    def letters(self, text: str, rng: Generator) -> list[Character]:
        """Write letters."""
        return [self.hand.write(LETTERS[letter], rng) for letter in text]

    def symbol(self, rng: Generator) -> Character:
        """Draw one of the symbols."""
        return self.hand.write(SYMBOLS[one(sorted(SYMBOLS), rng)], rng)


def a_writer(rng: Generator, styles: Mapping[str, str] | None = None) -> Writer:
    """Return somebody, whose styles are drawn where they are not given."""
    hand = somebody(rng)
    usual = {
        digit: one([style for style in known if (digit, style) not in RARE], rng)
        for digit, known in STYLES.items()
    }
    return Writer(hand, usual | dict(styles or {}))
