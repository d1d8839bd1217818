"""Our measured figures, read from the ledger in ``results/`` and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from tenfold.checkpoint import read_json
from tenfold.errors import DataError
from tenfold.metrics import deviation, mean_interval
from tenfold.quoting import message
from tenfold.train.former_names import figures_today

MAX_BYTES = 2**24
"""Limit of one file of the ledger: some hundred trials, each with its wrong predictions."""
HONEST = "-honest"
"""The suffix of a model's name for trials under the honest protocol."""
_PACKAGE = Path(__file__).parent.parent
# In an installed package the files lie in it; in a checkout, at the top.
PLACES = (_PACKAGE / "results", _PACKAGE.parent.parent / "results")


@dataclass(frozen=True)
class Spread:
    """A figure over several trials.

    Attributes
    ----------
    mean, low, high : float
        Mean, smallest and largest.
    sd : float or None
        Standard deviation between trials; None for a single one.
    interval : tuple of (float, float) or None
        Student's 95 % interval for the mean; None for a single trial.
    """

    mean: float
    sd: float | None
    low: float
    high: float
    interval: tuple[float, float] | None

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        """Return the spread of ``values``; their order does not change a bit."""
        interval = mean_interval(values)
        ends = None if interval is None else (interval.low, interval.high)
        return cls(mean(values), deviation(values), min(values), max(values), ends)


@dataclass(frozen=True)
class MeasuredRun:
    """One trial.

    Attributes
    ----------
    seed : int
    accuracy : float
        Fraction of the test images, labels as given.
    loss : float or None
        Mean loss on the test images, in nats.
    epochs, best_epoch : int or None
        How many were run, and whose weights were kept, from 1; ``None`` for models without epochs.
    train_seconds, predict_seconds : float or None
        In the trial, often with other trials at the same time: not a measure of speed, see
        `tenfold.zoo.Times`.
    """

    seed: int
    accuracy: float
    loss: float | None
    epochs: int | None
    best_epoch: int | None
    train_seconds: float | None
    predict_seconds: float | None


@dataclass(frozen=True)
class Measured:
    """The figures of a model over its trials.

    Attributes
    ----------
    dataset, protocol : str
        The data, and how choices were made.
    seeds : tuple of int
        One for each trial.
    accuracy : Spread
        Fraction of the test images, labels as given.
    accuracy_corrected, accuracy_without_doubtful : Spread or None
        With ten labels corrected, and with fifteen left out; None unless all trials have it.
    protocol_gain : Spread or None
        The effect of choosing the epoch on the test images; None if nothing was chosen there.
    loss : Spread
        Mean loss on the test images, nats.
    train_seconds, predict_seconds : float
        Means over the trials, as they were while trials ran; the second is for all the test images.
    machines, commits : tuple of str
        The machines of the trials, and the commits of the source.
    runs : tuple of MeasuredRun
        Each trial, sorted by seed.
    """

    dataset: str
    protocol: str
    seeds: tuple[int, ...]
    accuracy: Spread
    accuracy_corrected: Spread | None
    accuracy_without_doubtful: Spread | None
    protocol_gain: Spread | None
    loss: Spread
    train_seconds: float
    predict_seconds: float
    machines: tuple[str, ...]
    commits: tuple[str, ...]
    runs: tuple[MeasuredRun, ...] = ()


def stem(model: str, protocol: str) -> str:
    """Return the name of the file of a model's trials under a protocol.

    >>> stem("nn1l", "published"), stem("nn1l", "honest")
    ('nn1l', 'nn1l-honest')
    """
    return f"{model}{HONEST}" if protocol == "honest" else model


def measured(name: str, places: Sequence[Path] = PLACES) -> Measured | None:
    """Return the figures in a file of the ledger, or ``None`` if there is none.

    Parameters
    ----------
    name : str
        A model's name, for its authors' protocol, or the name with `HONEST` appended.
    places : sequence of Path
        Folders that are searched for ``<name>.json``.

    Raises
    ------
    DataError
        If there is a file that is not one of the ledger.
    """
    for place in places:
        path = place / f"{name}.json"
        if path.is_file():
            return _read(path)
    return None


def _read(path: Path) -> Measured:
    found = read_json(path, max_bytes=MAX_BYTES)
    try:
        trials, summary = [*map(figures_today, found["trials"])], figures_today(found["summary"])
        [dataset] = {trial["dataset"] for trial in trials}
        return Measured(
            dataset=dataset,
            protocol=found["protocol"],
            seeds=tuple(trial["seed"] for trial in trials),
            accuracy=_spread(summary["accuracy"]),
            accuracy_corrected=_spread_or_none(summary["accuracy_corrected"]),
            accuracy_without_doubtful=_spread_or_none(summary["accuracy_without_doubtful"]),
            protocol_gain=_spread_or_none(summary["protocol_gain"]),
            loss=_spread(summary["loss"]),
            train_seconds=float(summary["train_seconds"]),
            predict_seconds=float(summary["predict_seconds"]),
            machines=tuple(sorted({str(trial["machine"]) for trial in trials})),
            commits=tuple(sorted({str(trial["commit"] or "unknown") for trial in trials})),
            runs=tuple(map(_run, trials)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: expected trials recorded by `tenfold trials`, found something else ({message(error)}); "
            "remove it"
        ) from error


def _run(trial: Mapping[str, Any]) -> MeasuredRun:
    return MeasuredRun(
        seed=trial["seed"],
        accuracy=float(trial["accuracy"]),
        loss=trial.get("loss"),
        epochs=trial.get("epochs"),
        best_epoch=trial.get("best_epoch"),
        train_seconds=trial.get("train_seconds"),
        predict_seconds=trial.get("predict_seconds"),
    )


def _spread_or_none(found: Mapping[str, Any] | None) -> Spread | None:
    return None if found is None else _spread(found)


def _spread(found: Mapping[str, Any]) -> Spread:
    sd, interval = found["sd"], found["interval"]
    return Spread(
        mean=float(found["mean"]),
        sd=None if sd is None else float(sd),
        low=float(found["low"]),
        high=float(found["high"]),
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
    )
