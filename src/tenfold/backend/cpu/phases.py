"""How threads share out the work of a step.

A step is a row of *phases*: the images forward and back, the parameters moved. A phase has as many
*units* of work as the minibatch has shards, and begins when all units of the one before are done. A
thread takes the units that nobody has taken, its own first, and continues with the next phase as soon as
the last unit is done, whoever did it. So a thread that the system does not run, because other programs
want its core, delays the others by no more than the unit that it holds: they do its share.

What a unit computes does not depend on who does it, so neither do the results.

All that threads tell each other lies in an array of int64 (`board`), each number in a cache line of its
own: how many units are done, how many threads sleep, and for each unit the last phase in which it was
taken. Numbers only ever grow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.backend.cpu.atomic import fetch_add, read, replace, write
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.sleeping import give_way, sleep_while, wake_all
from tenfold.backend.cpu.threads import ABANDONED  # as many units done: nobody begins another one

_LINE = 8  # int64 in a cache line
_DONE, _SLEEPING, _LIMIT, _TAKEN = (64 * i for i in range(4))  # bytes from the beginning
_SPINS = 4000  # some ten microseconds
_YIELDS = 500  # some hundred microseconds
_LONGEST_SLEEP = 2_000_000  # nanoseconds


def board(units: int) -> np.ndarray[Any, Any]:
    """Return the array through which threads share out ``units`` units a phase, before the first phase."""
    made = np.zeros((3 + units) * _LINE, np.int64)
    made[2 * _LINE + 1] = _LONGEST_SLEEP
    made[3 * _LINE :: _LINE] = -1
    return made


@kernel
def take(board: int, unit: int, phase: int) -> bool:
    """Take a unit of a phase; return False if somebody has it already."""
    taken = board + _TAKEN + 64 * unit
    return read(taken) == phase - 1 and replace(taken, phase - 1, phase)


@kernel
def finish(board: int, units: int) -> None:
    """Tell that a unit is done; the last one of a phase lets all go on."""
    done = fetch_add(board + _DONE, 1) + 1
    if done % units == 0 and read(board + _SLEEPING) > 0:
        wake_all(board + _DONE)


@kernel
def next_phase(board: int, units: int, phase: int) -> int:
    """Wait until all units of a phase are done; return the phase that has been reached, or ABANDONED.

    Mostly the others are done within microseconds: so long a thread looks again and again. Then it
    sleeps, for the one it waits for may need its core.
    """
    spins = 0
    done = read(board + _DONE)
    while done < (phase + 1) * units:
        spins += 1
        if spins > _SPINS + _YIELDS:
            fetch_add(board + _SLEEPING, 1)
            sleep_while(board + _DONE, done, board + _LIMIT)
            fetch_add(board + _SLEEPING, -1)
        elif spins > _SPINS:
            give_way()
        done = read(board + _DONE)
    return ABANDONED if done >= ABANDONED else done // units


@kernel
def abandon(board: int) -> None:
    """Let nobody begin another phase."""
    write(board + _DONE, ABANDONED)
