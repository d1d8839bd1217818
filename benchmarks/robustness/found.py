"""What was found on pictures of one kind: counts, and the mistakes themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

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

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Self:
        """Return what `to_json` returned."""
        return cls(Score(**values["score"]), tuple(Mistake(**one) for one in values["mistakes"]))
