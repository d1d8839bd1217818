"""A cluster and its work, as the simulation sees them."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """Work that one slot does alone, such as a trial or a shard of images. It writes one file at its end.

    Attributes
    ----------
    name : str
    seconds : float
        On one core, without what follows.
    launch_seconds : float
        Of each start: the process, its imports, data and network.
    checkpoint_seconds : float
        Work between two checkpoints.
    megabytes : float
        To read from the store at each start.
    factor : float
        How many times longer than that the work takes, on whatever node; nobody knows it beforehand.
    """

    name: str
    seconds: float
    launch_seconds: float = 0.0
    checkpoint_seconds: float = math.inf
    megabytes: float = 0.0
    factor: float = 1.0


@dataclass(frozen=True)
class Cluster:
    """Equal nodes and one store of files.

    Attributes
    ----------
    nodes, slots : int
        Machines, and units that run on each at a time, one for each core.
    start_seconds : float
        From the order of a node until it runs a process.
    compile_seconds : float
        Of the engine, once on each node; 0 if the compiled code travels.
    replace_seconds : float
        From the loss of a node until the next one is ordered.
    resumes : bool
        Whether a unit resumes from its checkpoint, because all nodes share a folder.
    longest_first : bool
        Whether the longest units are started first; else in the order given.
    node_rate, store_rate : float
        Megabytes a second that a node can read, and that the store can send in all.
    """

    nodes: int
    slots: int
    start_seconds: float = 0.0
    compile_seconds: float = 0.0
    replace_seconds: float = 0.0
    resumes: bool = True
    longest_first: bool = False
    node_rate: float = math.inf
    store_rate: float = math.inf

    @property
    def slot_rate(self) -> float:
        """Megabytes a second for each slot while all of them read, which is the worst case."""
        return min(self.node_rate / self.slots, self.store_rate / (self.nodes * self.slots))
