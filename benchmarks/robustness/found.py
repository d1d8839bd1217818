"""What was found on pictures of one kind: counts, and the mistakes themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from score import Score


@dataclass(frozen=True)
class Mistake:
    """A picture that was not read correctly, and the text that was read."""

    group: str
    name: str
    index: int
    text: str
    read: str
    confident: bool


@dataclass(frozen=True)
class Found:
    """Of some pictures of a kind; adds up."""

    score: Score = field(default_factory=Score)
    mistakes: tuple[Mistake, ...] = ()

    def __add__(self, other: Found) -> Found:
        return Found(self.score + other.score, self.mistakes + other.mistakes)
