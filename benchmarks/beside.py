"""The rows about whole networks: compared with PyTorch and, at the first minibatch size, other libraries."""

from __future__ import annotations

from contestant import PREDICT, TRAIN
from entry import Event, enter
from field import OURS, PYTORCH, Field
from networks import NETWORKS, Timed
from race import WHOLE, Timing, race
from rows import Found, Row, Target
from settings import Settings

MATCHED = {("lenet5", PREDICT): "ONNX Runtime"}  # what we aim to match besides


def network(field: Field, name: str, threads: int, settings: Settings) -> Found:
    """Time a network at all its minibatches."""
    found = Found()
    for minibatch in NETWORKS[name].minibatches:
        event = Event(name, minibatch, threads)
        entered, missing = enter(field, event, settings)
        for what in event.whats:
            timing = race(event, what, entered, missing, settings.rounds)
            found.rows += [beside_pytorch(timing), *beside_others(timing)]
            found.timings.append(timing.to_json())
    return found


def not_timed(name: str) -> Found:
    """Return the rows of a network that is not timed in this run."""
    timed = NETWORKS[name]
    lines = [(m, what) for m in timed.minibatches for what in Event(name, m, threads=1).whats]
    return Found([Row(what, label(name, m, what), None, target=target(timed, what)) for m, what in lines])


def label(name: str, minibatch: int, what: str) -> str:
    """Return a network's name, with the minibatch where it matters."""
    return f"{name} ({minibatch})" if what == TRAIN else name


def target(timed: Timed, what: str) -> Target:
    """Return the target ratio to PyTorch for a network."""
    return Target("ratio", at_least=timed.train_target if what == TRAIN else timed.predict_target)


def beside_pytorch(timing: Timing) -> Row:
    """Return the row with PyTorch in its fastest configuration."""
    name = label(timing.network, timing.minibatch, timing.what)
    goal = target(NETWORKS[timing.network], timing.what)
    best = timing.best(PYTORCH)
    if best is None:
        reasons = "; ".join(reason for one, reason in timing.missing.items() if one.startswith(PYTORCH))
        return Row(timing.what, name, timing.spread(OURS), target=goal, note=reasons)
    spreads = timing.spread(OURS), timing.spread(best), timing.ratio(best)
    return Row(timing.what, name, *spreads, goal, best, note=how(timing, best))


def how(timing: Timing, label: str) -> str:
    """Return the way and the number of images of a measurement."""
    way = label.partition(", ")[2]
    images, at_once = timing.contestants[label]["images"], timing.contestants[label]["at_once"]
    words = [way] if way else []
    if timing.what == PREDICT:
        words.append(f"{at_once:,} at once")
    ours = timing.contestants[OURS]["images"]
    if min(images, ours) < 0.9 * WHOLE[timing.what]:  # a part of an epoch or of the test images
        words.append(f"timed {images:,} images" if images == ours else f"timed {images:,}, ours {ours:,}")
    return "; ".join(words)


def beside_others(timing: Timing) -> list[Row]:
    """Return the rows with other libraries, and the reasons for missing ones."""
    name, section = label(timing.network, timing.minibatch, timing.what), f"other {timing.what}"
    rows = []
    for other in timing.seconds:
        if other != OURS and not other.startswith(PYTORCH):
            goal = (
                Target("ratio", at_least=1) if MATCHED.get((timing.network, timing.what)) == other else None
            )
            spreads = timing.spread(OURS), timing.spread(other), timing.ratio(other)
            rows.append(Row(section, f"{name}, {other}", *spreads, goal, other, how(timing, other)))
    for other, reason in timing.missing.items():
        if not other.startswith(PYTORCH):
            rows.append(Row(section, f"{name}, {other}", None, peer=other, note=reason))
    return rows
