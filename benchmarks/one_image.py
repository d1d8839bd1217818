"""LeNet-5 asked for one image at a time, by the public call; the others too, on one thread and on all."""

from __future__ import annotations

from statistics import median

from contestant import Contestant
from entry import COMPILED, pytorch_ways
from field import ONNX_RUNTIME, OURS, PYTORCH, Field
from networks import NETWORKS
from rounds import Spread, in_turn, ratio
from rows import Found, Row, Target
from settings import Settings
from worker import MissingError

NAME, MINIBATCH = "lenet5", 32
MICROSECONDS = Target("ours", at_most=60)


def one_image(field: Field, threads: int, settings: Settings) -> Found:
    """Return the median call of each round."""
    missing: dict[str, str] = {}
    entered = enter(field, threads, settings, missing)
    runs = {one.label: (lambda _, one=one: one.single(settings.singles)) for one in entered}
    calls = in_turn(runs, settings.rounds)
    microseconds = {label: [1e6 * seconds for seconds in every] for label, every in calls.items()}
    rows = [beside(library, microseconds, missing) for library in (PYTORCH, ONNX_RUNTIME)]
    return Found(rows, [{"what": "one image", "microseconds": microseconds, "missing": missing}])


def enter(field: Field, threads: int, settings: Settings, missing: dict[str, str]) -> list[Contestant]:
    """Return who takes part; the first are we."""
    field.forget()
    network = NETWORKS[NAME].build()
    folder = field.network(NAME, network)
    entered = [Contestant.enter(field.worker(OURS), folder, MINIBATCH, threads)]
    for library, way in [*((PYTORCH, way) for way in pytorch_ways(network, settings)), (ONNX_RUNTIME, "")]:
        for n in {1, threads} if way != COMPILED else {1}:
            words = (library, way, "1 thread" if n == 1 else f"{n} threads")
            label = ", ".join(word for word in words if word)
            try:
                one = Contestant.enter(field.worker(library), folder, MINIBATCH, n, way, label)
                one.single(10)  # what must be compiled is
                entered.append(one)
            except MissingError as error:
                missing[label] = str(error)
    return entered


def beside(library: str, microseconds: dict[str, list[float]], missing: dict[str, str]) -> Row:
    """Return the line with a library at its best."""
    name, goal = f"compared with {library}", MICROSECONDS if library == PYTORCH else None
    ways = [label for label in microseconds if label.startswith(library)]
    ours = microseconds[OURS]
    if not ways:
        reasons = {reason for label, reason in missing.items() if label.startswith(library)}
        return Row("one image", name, Spread.over(ours), target=goal, note="; ".join(reasons))
    best = min(ways, key=lambda label: median(microseconds[label]))
    theirs = microseconds[best]
    spreads = Spread.over(ours), Spread.over(theirs), ratio(theirs, ours)
    return Row("one image", name, *spreads, goal, best, note=best.partition(", ")[2])
