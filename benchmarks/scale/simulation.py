"""When a cluster has done its units, event by event: nodes start, units end, nodes are lost."""

from __future__ import annotations

import heapq
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from attempt import Attempt
from cluster import Cluster, Unit

PURPOSES = ("start", "compile", "launch", "read", "work", "repeat", "replace", "idle")
"""Uses of the time of a slot: `repeat` is what was lost with a node and must be done again."""


def never() -> float:
    """Return the life of a node that is never lost, in seconds."""
    return math.inf


@dataclass
class Outcome:
    """What happened.

    Attributes
    ----------
    seconds : float
        When the last unit is done.
    done : list of str
        The names of the units, in the order in which they end.
    lost_nodes : int
    slot_seconds : Counter
        The time of all slots until the end, by purpose; see `PURPOSES`.
    """

    seconds: float = 0.0
    done: list[str] = field(default_factory=list)
    lost_nodes: int = 0
    slot_seconds: Counter[str] = field(default_factory=Counter)


@dataclass
class Node:
    """A place in the cluster; ``life`` counts the machines that stood there."""

    life: int = 0
    running: list[Attempt] = field(default_factory=list)
    free: int = 0


class Simulation:
    """One run of all units on a cluster.

    Parameters
    ----------
    units : iterable of Unit
    cluster : Cluster
    lifetime : callable
        Returns how many seconds a new node runs until it is lost.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        cluster: Cluster,
        lifetime: Callable[[], float] = never,
    ) -> None:
        ordered = list(units)
        if cluster.longest_first:
            ordered.sort(key=lambda unit: -unit.seconds)
        self._queue = deque((unit, 0.0) for unit in ordered)  # with the seconds that are saved
        self._left = len(ordered)
        self._cluster, self._lifetime = cluster, lifetime
        self._nodes = [Node() for _ in range(cluster.nodes)]
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()  # events of one moment keep their order
        self._outcome = Outcome()
        self._spent: list[tuple[str, float, float, int]] = []  # purpose, begin, end, slots

    def run(self) -> Outcome:
        """Return what happened until the last unit was done."""
        for node in self._nodes:
            self._boot(node, 0.0)
        while self._left:
            now, _, event = heapq.heappop(self._events)
            event(now)
        self._outcome.slot_seconds = self._totals()
        return self._outcome

    def _at(self, when: float, event: Callable[[float], None]) -> None:
        if when < math.inf:
            heapq.heappush(self._events, (when, next(self._numbers), event))

    def _boot(self, node: Node, now: float) -> None:
        """Start a machine with an empty cache, and decide when it will be lost."""
        cluster = self._cluster
        node.life += 1
        started = now + cluster.start_seconds
        ready, lost = started + cluster.compile_seconds, started + self._lifetime()
        self._spend("start", now, started, cluster.slots)
        self._spend("compile", started, min(ready, lost), cluster.slots)
        if ready < lost:
            self._at(ready, partial(self._ready, node))
        self._at(lost, partial(self._lose, node))

    def _ready(self, node: Node, now: float) -> None:
        node.free = self._cluster.slots
        self._assign(now)

    def _assign(self, now: float) -> None:
        """Start waiting units, each on the node with the most free slots."""
        while self._queue and (node := max(self._nodes, key=lambda one: one.free)).free:
            unit, kept = self._queue.popleft()
            attempt = Attempt(unit, kept, now, self._cluster.slot_rate)
            node.running.append(attempt)
            node.free -= 1
            self._at(attempt.ends, partial(self._end, node, node.life, attempt))

    def _end(self, node: Node, life: int, attempt: Attempt, now: float) -> None:
        """Note that a unit is done, unless its node was lost before."""
        if node.life != life:
            return
        node.running.remove(attempt)
        node.free += 1
        self._spend_attempt(attempt, now, now - attempt.loaded)
        self._outcome.done.append(attempt.unit.name)
        self._outcome.seconds = now
        self._left -= 1
        self._assign(now)

    def _lose(self, node: Node, now: float) -> None:
        """Put the units of a lost node in front of the queue, and order another node."""
        cluster = self._cluster
        self._outcome.lost_nodes += 1
        for attempt in reversed(node.running):
            saved = attempt.saved(now) if cluster.resumes else 0.0
            self._spend_attempt(attempt, now, saved * attempt.unit.factor)
            self._queue.appendleft((attempt.unit, attempt.kept + saved))
        node.running, node.free = [], 0
        node.life += 1
        self._spend("replace", now, now + cluster.replace_seconds, cluster.slots)
        self._at(now + cluster.replace_seconds, partial(self._boot, node))
        self._assign(now)

    def _spend_attempt(self, attempt: Attempt, now: float, useful: float) -> None:
        """Account for an attempt of which so many seconds of work need not be done again."""
        launched, loaded = min(attempt.launched, now), min(attempt.loaded, now)
        self._spend("launch", attempt.began, launched, 1)
        self._spend("read", launched, loaded, 1)
        self._spend("work", loaded, loaded + useful, 1)
        self._spend("repeat", loaded + useful, now, 1)

    def _spend(self, purpose: str, begin: float, end: float, slots: int) -> None:
        self._spent.append((purpose, begin, end, slots))

    def _totals(self) -> Counter[str]:
        """Return the time of all slots until the end, by purpose."""
        last = self._outcome.seconds
        total = Counter(dict.fromkeys(PURPOSES, 0.0))
        for purpose, begin, end, slots in self._spent:
            total[purpose] += slots * max(0.0, min(end, last) - begin)
        every = self._cluster.nodes * self._cluster.slots * last
        total["idle"] = every - sum(total.values())
        return total
