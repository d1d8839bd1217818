"""How our time grows: with threads, with images, with the size of a minibatch."""

from __future__ import annotations

from contestant import TRAIN, Contestant
from field import OURS, Field
from networks import NETWORKS
from race import WHOLE
from rounds import Spread, in_turn, ratio
from rows import Found, Row, Target
from settings import Settings

THREADS = {"lenet5": 32, "scratch-12": 16}  # minibatch
FASTER = Target("ratio", at_least=1.7)
NAME, MINIBATCHES, SHARES = "lenet5", (32, 128, 512, 2048), (4, 2, 1)
LINEAR = Target("ratio", at_least=0.95)  # no dearer than the smallest, and 5 % for what a timing is worth
EPOCH = WHOLE[TRAIN]


def threads(field: Field, name: str, cores: int, settings: Settings) -> Found:
    """Train on one thread and on all."""
    minibatch = THREADS[name]
    if cores == 1:
        return Found([Row("threads", f"{name} ({minibatch})", None, target=FASTER, note="there is one core")])
    entered = [enter(field, name, minibatch, n, settings, f"threads: {n}") for n in (1, cores)]
    one, all_of_them = train(entered, settings)
    return compared("threads", f"{name} ({minibatch})", all_of_them, one, FASTER, f"{cores} threads")


def linear_in_images(field: Field, cores: int, settings: Settings) -> Found:
    """Train on a quarter, a half and all of what is timed, and compare the time for one image."""
    entered = enter(field, NAME, MINIBATCHES[0], cores, settings, "images")
    steps = entered.train_images // MINIBATCHES[0]
    parts = [steps // share * MINIBATCHES[0] for share in SHARES]
    runs = {str(n): (lambda number, n=n: entered.train(n, seed=1 + number)) for n in parts}
    seconds = in_turn(runs, settings.rounds)
    first, *others = ([EPOCH / n * took for took in seconds[str(n)]] for n in parts)
    found = Found()
    for n, scaled in zip(parts[1:], others, strict=True):
        found.add(
            compared(
                "linearity", f"{n:,} images", scaled, first, LINEAR, f"compared with {parts[0]:,} images"
            )
        )
    return found


def linear_in_minibatches(field: Field, cores: int, settings: Settings) -> Found:
    """Train with minibatches of several sizes."""
    sizes = [size for size in MINIBATCHES if size <= len(field.corpus.train)]
    entered = [enter(field, NAME, size, cores, settings, f"minibatches: {size}") for size in sizes]
    first, *others = train(entered, settings)
    found = Found()
    for size, scaled in zip(sizes[1:], others, strict=True):
        name, note = f"minibatches of {size}", f"compared with minibatches of {sizes[0]}"
        found.add(compared("linearity", name, scaled, first, LINEAR, note))
    return found


def enter(
    field: Field, name: str, minibatch: int, threads: int, settings: Settings, label: str
) -> Contestant:
    """Prepare our engine and settle the part that is timed."""
    folder = field.network(name, NETWORKS[name].build())
    one = Contestant.enter(field.worker(OURS), folder, minibatch, threads, label=f"{name}, {label}")
    one.settle_training(len(field.corpus.train), settings.piece)
    return one


def train(entered: list[Contestant], settings: Settings) -> list[list[float]]:
    """Return the seconds an epoch of each, round by round."""
    runs = {
        one.label: (lambda number, one=one: one.train(one.train_images, seed=1 + number)) for one in entered
    }
    seconds = in_turn(runs, settings.rounds)
    return [[EPOCH / one.train_images * took for took in seconds[one.label]] for one in entered]


def compared(
    section: str, name: str, ours: list[float], other: list[float], target: Target, note: str
) -> Found:
    """Return a line and its times, which are seconds an epoch."""
    row = Row(section, name, Spread.over(ours), Spread.over(other), ratio(other, ours), target, note=note)
    timing = {"what": section, "name": name, "seconds": ours, "compared_with": note, "other_seconds": other}
    return Found([row], [timing])
