"""What a row of the table has to reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Aims:
    """Shares of digits, but for ``whole`` and ``nothing``, which are of pictures.

    Attributes
    ----------
    right, whole, nothing : float
        The least share of digits read correctly, of pictures wholly right, and of pictures without a digit
        in which none is named.
    refused, confident : float
        The greatest share of refused digits, and of confident mistakes.
    """

    right: float = 0.98
    refused: float = 0.02
    confident: float = 0.002
    whole: float = 0.0
    nothing: float = 0.95

    def words(self) -> str:
        """Return the aims of a group that has its own."""
        asked = f"at least {self.whole:.0%} of the pictures wholly right" if self.whole else ""
        asked = asked or f"at least {100 * self.right:.1f} % right"
        return f"Targets: {asked}, at most {100 * self.confident:.1f} % confident mistakes."


USUAL = Aims()
OWN = {
    "tight": Aims(right=0.985, refused=1.0),
    "forms": Aims(right=0.0, refused=1.0, whole=0.95),
    "touching": Aims(right=0.0, refused=1.0, whole=0.90),
}


def aims(group: str) -> Aims:
    """Return the aims of the kinds of a group."""
    return OWN.get(group, USUAL)
