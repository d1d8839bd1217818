"""Whose turn it is: users take turns, and each user's trainings begin in the order of asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A training that waits or runs.

    Attributes
    ----------
    number : int
        Greater than those of all that were asked for before.
    name : str
        The run; its first part is the user.
    resume : bool
        Whether it continues a run.
    tries : int
        How often it was put back into the queue, because its process was killed, since it last did an epoch.
    begun : float
        When its process was started, in seconds since 1970; 0 while it waits.
    """

    number: int
    name: str
    resume: bool = False
    tries: int = 0
    begun: float = 0.0

    @property
    def user(self) -> str:
        """Whose it is."""
        return self.name.partition("/")[0]


def in_order(waiting: Iterable[Entry], served: Mapping[str, int]) -> list[Entry]:
    """Return who waits, the next one first. What had begun before its process was killed comes first.

    Parameters
    ----------
    waiting : entries
    served : mapping of str to int
        By user, a number that is the greater the later the user's latest training began.

    Examples
    --------
    >>> asked = [Entry(1, "anna/a"), Entry(2, "anna/b"), Entry(3, "bert/c")]
    >>> [entry.name for entry in in_order(asked, {})]
    ['anna/a', 'bert/c', 'anna/b']
    >>> [entry.name for entry in in_order(asked, {"anna": 1})]
    ['bert/c', 'anna/a', 'anna/b']
    """
    ordered = sorted(waiting, key=lambda one: one.number)
    found = [entry for entry in ordered if entry.tries]
    queues: dict[str, list[Entry]] = {}
    for entry in ordered:
        if not entry.tries:
            queues.setdefault(entry.user, []).append(entry)
    last, turn = dict(served), max(served.values(), default=0)
    while queues:
        user = min(queues, key=lambda one: (last.get(one, 0), queues[one][0].number))
        found.append(queues[user].pop(0))
        last[user] = turn = turn + 1
        if not queues[user]:
            del queues[user]
    return found
