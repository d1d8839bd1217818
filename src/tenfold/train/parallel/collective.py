"""Sums over all workers of a training, always added in the order of their ranks.

So the same number of workers gives the same bits, whatever carries the numbers and whoever is late.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tenfold.train.executor import HostArray
from tenfold.train.parallel.link import Link
from tenfold.train.parallel.shared_memory import Slots


class Collective(Protocol):
    """What carries numbers between the workers; every worker calls it as often, for arrays of one shape."""

    def all_sum(self, array: HostArray) -> None:
        """Replace the numbers of a contiguous array by their sums over all workers."""


class Centre:
    """The leader's end of connections to all others: it adds up what they send, and sends the sums back.

    Parameters
    ----------
    links : sequence of Link
        To the workers of rank 1, 2, ...
    """

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = links

    def all_sum(self, array: HostArray) -> None:
        """See `Collective`."""
        other = np.empty_like(array)
        for link in self._links:
            link.receive_into(other)
            array += other
        for link in self._links:
            link.send_array(array)


class Outer:
    """A worker's end of its connection to the leader."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def all_sum(self, array: HostArray) -> None:
        """See `Collective`."""
        self._link.send_array(array)
        self._link.receive_into(array)


class SharedCentre:
    """The leader's end where all workers are on one machine: numbers lie in shared memory.

    Parameters
    ----------
    links : sequence of Link
        A byte over them says that the numbers are there.
    slots : Slots
        One for each worker.
    """

    def __init__(self, links: Sequence[Link], slots: Slots) -> None:
        self._links, self._slots, self._byte = links, slots, np.zeros(1, np.uint8)

    def all_sum(self, array: HostArray) -> None:
        """See `Collective`."""
        for rank, link in enumerate(self._links, 1):
            link.receive_into(self._byte)  # it has also read the sums of the last time
            array += self._slots.of(rank, array)
        self._slots.of(0, array)[...] = array
        for link in self._links:
            link.send_array(self._byte)


class SharedOuter:
    """A worker's end where all are on one machine."""

    def __init__(self, link: Link, slots: Slots, rank: int) -> None:
        self._link, self._slots, self._rank = link, slots, rank
        self._byte = np.zeros(1, np.uint8)

    def all_sum(self, array: HostArray) -> None:
        """See `Collective`."""
        self._slots.of(self._rank, array)[...] = array
        self._link.send_array(self._byte)
        self._link.receive_into(self._byte)
        array[...] = self._slots.of(0, array)
