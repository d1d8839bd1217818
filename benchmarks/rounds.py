"""Rounds: each times every contestant once, so that other work on the machine affects all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

PAUSE = 0.3  # seconds in which the threads of the one that was just timed go to sleep


@dataclass(frozen=True)
class Spread:
    """What was found over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))


def in_turn(runs: Mapping[str, Callable[[int], float]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round by name; every second round goes backwards.

    Parameters
    ----------
    runs : mapping of str to callable
        Takes the number of the round and returns seconds.
    rounds : int
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        turns = list(runs.items())
        for name, run in turns if number % 2 == 0 else turns[::-1]:
            time.sleep(PAUSE)
            seconds[name].append(run(number))
    return seconds


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> Spread:
    """Return their seconds over ours, round by round."""
    return Spread.over([a / b for a, b in zip(theirs, ours, strict=True)])


def part(run: Callable[[int], float], unit: int, whole: int, seconds: float) -> tuple[int, float]:
    """Return how many images to time so that it takes about ``seconds``, and the seconds for one image.

    It tries with more and more images until it takes long enough to tell.

    Parameters
    ----------
    run : callable
        Takes a number of images and returns seconds.
    unit : int
        The answer is a multiple of it, and at least about 256.
    whole : int
        The most images that there are; a multiple of ``unit``.
    seconds : float
    """
    n = least = min(whole, max(1, 256 // unit) * unit)
    run(n)  # the first time, much is made ready
    took = min(run(n), run(n))
    while took < min(0.2, seconds) and n < whole:
        n = min(whole, 4 * n)
        took = run(n)
    fitting = int(seconds / took * n) // unit * unit
    return max(least, min(whole, fitting)), took / n
