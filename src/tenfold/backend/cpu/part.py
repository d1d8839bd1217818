"""Which images of a minibatch are a process's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """The images of a minibatch of ``whole`` images from ``first`` to ``last``, and whether they lead.

    One part leads: what is summed over the whole minibatch already enters the gradient there alone.
    """

    first: int
    last: int
    whole: int

    @classmethod
    def of(cls, whole: int, rank: int, size: int) -> Part:
        """Return one of ``size`` parts, as equal as can be; the first has an image if there is one."""
        return cls(-(-whole * rank // size), -(-whole * (rank + 1) // size), whole)

    @property
    def n(self) -> int:
        """How many images."""
        return self.last - self.first

    @property
    def leads(self) -> bool:
        """Whether it is the first."""
        return self.first == 0 and self.last > 0
