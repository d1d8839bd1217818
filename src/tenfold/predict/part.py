"""What the network said of a candidate, and what the candidate is taken for."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.data import Candidate
from tenfold.predict.reading import Kind


@dataclass(frozen=True)
class Judged:
    """What the network said of a candidate."""

    candidate: Candidate
    probabilities: tuple[float, ...]
    doubt: float

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return self.probabilities.index(max(self.probabilities))


@dataclass(frozen=True)
class Part:
    """A part of an explanation: a candidate and what it is; ``text`` is empty for a speck."""

    judged: Judged
    kind: Kind
    text: str
    cost: float

    @property
    def width(self) -> int:
        """In pixels."""
        return self.judged.candidate.box.width
