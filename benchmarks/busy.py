"""Training while other programs use the cores, compared with PyTorch in the same situation."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from contestant import Contestant
from field import OURS, PYTORCH, Field
from networks import NETWORKS
from rounds import Spread, in_turn, ratio
from rows import Found, Row, Target
from scaling import EPOCH
from settings import Settings
from worker import MissingError

NAME, MINIBATCH = "lenet5", 32
# On two cores one busy process leaves two thirds of the time, two leave half of it: 1.5 and 2 times as long.
LIMITS = {1: 1.8, 2: 2.6}
WAYS = {OURS: "", PYTORCH: "channels last"}


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep a number of processes computing."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        time.sleep(0.3 if others else 0.0)  # until the system has found them a place
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def beside_busy_processes(field: Field, cores: int, settings: Settings) -> Found:
    """Train on a quiet machine, then next to one and two busy processes; tenfold and the peer alternate."""
    folder, found = field.network(NAME, NETWORKS[NAME].build()), Found()
    entered: dict[str, Contestant] = {}
    for name, way in WAYS.items():
        try:
            one = Contestant.enter(field.worker(name), folder, MINIBATCH, cores, way, f"{name}, busy")
        except MissingError:
            if name == OURS:
                raise
            continue
        one.settle_training(len(field.corpus.train), settings.piece)
        entered[name] = one

    def timed(one: Contestant, processes: int) -> Callable[[int], float]:
        def run(number: int) -> float:
            with busy(processes):
                return one.train(one.train_images, seed=1 + number) * EPOCH / one.train_images

        return run

    loads = (0, *LIMITS)
    runs = {f"{name} {load}": timed(one, load) for load in loads for name, one in entered.items()}
    seconds = in_turn(runs, settings.rounds)
    for load in LIMITS:
        found.add(slowed(load, {name: (seconds[f"{name} {load}"], seconds[f"{name} 0"]) for name in entered}))
    return found


def slowed(load: int, seconds: dict[str, tuple[list[float], list[float]]]) -> Found:
    """Return the line of a number of processes: how many times as long an epoch takes.

    ``seconds`` are those of each library next to the processes, and on the quiet machine.
    """
    what = f"{load} busy process{'es' if load > 1 else ''}"
    times = {name: ratio(loaded, quiet) for name, (loaded, quiet) in seconds.items()}
    peer = seconds.get(PYTORCH)
    note = f"PyTorch {times[PYTORCH].median:.1f} times as long" if peer else "PyTorch is missing"
    theirs = Spread.over(peer[0]) if peer else None
    goal = Target("ratio", at_most=LIMITS[load])
    row = Row("busy", what, Spread.over(seconds[OURS][0]), theirs, times[OURS], goal, PYTORCH, note)
    timings = [
        {"what": "busy", "name": f"{name}, {what}", "seconds": loaded, "other_seconds": quiet,
         "compared_with": "a quiet machine"}
        for name, (loaded, quiet) in seconds.items()
    ]  # fmt: skip
    return Found([row], timings)
