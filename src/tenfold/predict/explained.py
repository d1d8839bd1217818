"""How well a view of a picture explains it: which marks may be cut, whether another view may be better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.data import View
from tenfold.predict.part import Part

FEW = 2  # so few rejected marks say nothing about the others
WIDE = 1.05  # width over height; few letters are wider
SURE = 0.02  # a wide digit with more doubt may be two
DOUBTED = 0.25  # a digit with more doubt may be two
MOST_CUT = 40.0  # heights; all marks that are cut in a picture are no wider together
LOST = 1.0  # a mark of the first view that is not seen in another one
MOST_CUT_PIXELS = 400_000  # of their boxes together
FOUND = 1.0  # a digit that is sure speaks for a view
TURNED = 3.0  # a picture that is turned: its digits must speak for it by more, as those of words do not
MOST_READ, MOST_OF_MANY = 3, 9  # digits for each unknown mark; with more, the view is good enough
MANY = 10  # marks
LONE, HALVES = 1.0, 6.0  # a mark without another digit beside it, cut; and for the doubt of its digits
SEVERAL = 0.6  # one digit is a simpler explanation than several parts, by this much
LEAST_TURNED = 3  # digits; fewer do not say which way is up
SURE_OF_ALL, USUAL = 0.05, 0.5  # for each digit of a view that is sure: its doubt, and the cost of parts


@dataclass
class Explained:
    """A view of a picture, and the explanation of its rows.

    ``whole`` is all ink as one digit. ``first`` is the first view: one with fewer marks costs more, one of
    other ink must be clearer.
    """

    place: int
    view: View
    rows: list[list[Part]]
    single: bool = False
    whole: Part | None = None
    first: Explained | None = None

    def in_doubt(self, refuses: bool) -> list[tuple[int, int, float]]:
        """Return the row, the place and the row's height of each part that may be digits that touch.

        Only wide ones are cut if most marks are unknown, as in words, or the network does not reject halves.

        Parameters
        ----------
        refuses : bool
            See `Recogniser.refuses`.
        """
        if self.single:
            return []
        kinds = [part.kind for row in self.rows for part in row]
        words = not refuses or kinds.count("unknown") > FEW + kinds.count("digit")
        found, heights, pixels = [], 0.0, 0
        for row, parts in enumerate(self.rows):
            height = self.view.rows[row].height
            for i, part in enumerate(parts):
                wide = part.width > WIDE * height
                doubt = 1.0 if part.kind == "unknown" else part.judged.doubt if part.kind == "digit" else 0.0
                if doubt > (SURE if wide else DOUBTED) and (wide or not words):
                    found.append((row, i, height))
                    heights += part.width / height
                    pixels += part.judged.candidate.box.pixels
        return found if heights <= MOST_CUT and pixels <= MOST_CUT_PIXELS else []

    def accept(self, row: int, place: int, parts: Sequence[Part]) -> None:
        """Put the parts of a mark in its place, if they cost less."""
        alone = not any(p.kind == "digit" for i, p in enumerate(self.rows[row]) if i != place)
        most = max((part.judged.doubt for part in parts), default=0.0)  # halves of letters resemble digits
        cost = sum(part.cost for part in parts) + alone * (LONE + HALVES * most)
        if parts and cost < self.rows[row][place].cost:
            self.rows[row][place : place + 1] = parts

    def simplify(self) -> None:
        """Take all ink for one digit if that costs less than several parts."""
        parts = [part for row in self.rows for part in row]
        if self.whole is not None and len(parts) > 1:
            if self.whole.cost < SEVERAL + sum(part.cost for part in parts):
                self.rows = [[self.whole]]

    @property
    def is_poor(self) -> bool:
        """Whether few marks are read, so that another view may explain much more."""
        kinds = [part.kind for row in self.rows for part in row]
        most = MOST_READ if len(kinds) < MANY else MOST_OF_MANY
        return not kinds or kinds.count("digit") < most * kinds.count("unknown")

    @property
    def is_clear(self) -> bool:
        """Whether no other view is needed: much is read, and where light or lines may mislead, it is sure.

        An edge of a shadow resembles a 1, and so does what is left of a digit whose bar was taken for a line.
        """
        if self.is_poor:
            return False
        ink, ruled = self.view.ink, self.view.ruled
        certain = ink is None or (ink.name == "plain" and ruled is None)
        return certain or self.is_sure or len(self._digits) > FEW

    @property
    def is_sure(self) -> bool:
        """Whether all marks are digits of usual shapes, the network does not doubt them, and not all are 1s.

        A sign may be what is left of a line.
        """
        doubts = [part.judged.doubt for row in self.rows for part in row if part.kind == "digit"]
        usual = len(doubts) == self.count and self._cost_of_parts <= USUAL * len(doubts)
        return usual and bool({*self._digits} - {"1"}) and sum(doubts) <= SURE_OF_ALL * len(doubts)

    @property
    def cost(self) -> float:
        """The cost of all parts, less what digits speak for the view; infinite if it is not credible.

        Nothing but 1s speaks for no view. Another view than the first one must be sure if the first is not
        poor; other ink must be explained by its digits, and that of a turned page more clearly.
        """
        digits = self._digits
        if not any(self.rows) or (self.view.turned and len(digits) < LEAST_TURNED):
            return float("inf")
        own = self._cost_of_parts - FOUND * len(digits) * (set(digits) != {"1"})
        first = self.first or self
        if self is first:
            return own
        if not first.is_poor and not self.is_sure:
            return float("inf")
        lost = LOST * max(0, first.count - self.count)
        if self.view.turned:
            return own + lost + TURNED if own < -TURNED else float("inf")
        if self.view.ink is first.view.ink:
            return own + (lost if first.is_poor else 0.0)  # of the same ink, nothing is lost
        return own + lost if own < 0 else float("inf")

    @property
    def count(self) -> int:
        """How many digits, signs and unknown marks there are."""
        return sum(part.kind != "speck" for row in self.rows for part in row)

    @property
    def _cost_of_parts(self) -> float:
        return sum(part.cost for row in self.rows for part in row)

    @property
    def _digits(self) -> list[str]:
        return [part.text for row in self.rows for part in row if part.kind == "digit"]
