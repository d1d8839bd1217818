"""Floats side by side in memory: copied, added, set to zero, a register at a time."""

from __future__ import annotations

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.lanewise import add
from tenfold.backend.cpu.vector import LANES, load, store, zeros


@kernel
def copy(source: int, target: int, size: int) -> None:
    """Copy floats from one address to another; the two places do not overlap."""
    for i in range(0, size - LANES + 1, LANES):
        store(load(source + 4 * i, LANES), target + 4 * i, LANES)
    done = size // LANES * LANES
    if done < size:
        store(load(source + 4 * done, size - done), target + 4 * done, size - done)


@kernel
def add_to(source: int, target: int, size: int) -> None:
    """Add floats at one address to those at another."""
    for i in range(0, size - LANES + 1, LANES):
        store(add(load(target + 4 * i, LANES), load(source + 4 * i, LANES)), target + 4 * i, LANES)
    done = size // LANES * LANES
    if done < size:
        at, rest = target + 4 * done, size - done
        store(add(load(at, rest), load(source + 4 * done, rest)), at, rest)


@kernel
def clear(target: int, size: int) -> None:
    """Set floats to zero."""
    for i in range(0, size - LANES + 1, LANES):
        store(zeros(), target + 4 * i, LANES)
    done = size // LANES * LANES
    if done < size:
        store(zeros(), target + 4 * done, size - done)
