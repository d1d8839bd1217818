"""The ledger: for each model and protocol one file with every trial's figures and what they have in common.

A trial is first written alone, then gathered with the others. The result depends only on the set of
trials, never on the order in which they ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import CheckpointError, DataError, TenfoldError
from tenfold.files import storage, whole_files, write_atomically
from tenfold.quoting import message
from tenfold.train.former_names import figures_today
from tenfold.zoo import MAX_BYTES, Spread
from tenfold.zoo.measured import stem

TRIALS = "trials"
"""Folder of the single trials, running or done, inside the ledger's."""
_REMOVE = "remove it: the next `tenfold trials` runs its trials again"
_COMMON = ("parameters",)
_EQUAL = ("dataset_sha256", "epochs_planned", "digest")
_OVER_ALL = ("accuracy", "accuracy_corrected", "accuracy_without_doubtful", "loss", "protocol_gain")
_SECONDS = ("train_seconds", "predict_seconds")
_NAME = re.compile(r"(?P<model>.+)-(?P<protocol>published|honest)-(?P<seed>0|[1-9][0-9]*)\.json")


@dataclass(frozen=True, order=True)
class Trial:
    """One training of a model under a protocol from a seed."""

    model: str
    protocol: str
    seed: int

    @property
    def name(self) -> str:
        """The name of its files."""
        return f"{self.model}-{self.protocol}-{self.seed}"

    @classmethod
    def of_file(cls, path: Path) -> Trial | None:
        """Return the trial whose figures a file is called after, or None."""
        match = _NAME.fullmatch(path.name)
        return match and cls(match["model"], match["protocol"], int(match["seed"]))


def shard(trials: Sequence[Trial], part: int, parts: int) -> list[Trial]:
    """Return every ``parts``-th trial from the ``part``-th (from 1) on: all shards together are all trials.

    Examples
    --------
    >>> trials = [Trial("nn1l", "honest", seed) for seed in range(5)]
    >>> [trial.seed for trial in shard(trials, 2, 3)]
    [1, 4]
    """
    return list(trials[part - 1 :: parts])


class Ledger:
    """The figures in a folder.

    Parameters
    ----------
    folder : Path
        ``results/`` in a checkout. It need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trials = folder / TRIALS

    def file(self, model: str, protocol: str) -> Path:
        """Return where the gathered trials of a model and a protocol are."""
        return self.folder / f"{stem(model, protocol)}.json"

    def figures(self, trial: Trial) -> Path:
        """Return where a trial's own figures are, once it is done."""
        return self.trials / f"{trial.name}.json"

    def run(self, trial: Trial) -> Path:
        """Return a trial's run folder."""
        return self.trials / trial.name

    def failure_file(self, trial: Trial) -> Path:
        """Return the file that is there while a trial's last attempt was a failure; it says why."""
        return self.trials / f"{trial.name}.failed.json"

    def find(self, trial: Trial) -> dict[str, Any] | None:
        """Return a trial's figures, or None if it has not been done.

        Raises
        ------
        CheckpointError, DataError
            If the file cannot be read, or was not written by a trial.
        """
        return self._alone(trial) or self._gathered(trial.model, trial.protocol).get(trial.seed)

    def put(self, trial: Trial, figures: Mapping[str, Any]) -> Path:
        """Write a trial's figures; the file is there completely or not at all."""
        path = self.figures(trial)
        _write(path, dump_json({"model": trial.model, **figures}))
        with storage(self.failure_file(trial)):
            self.failure_file(trial).unlink(missing_ok=True)
        return path

    def put_failure(self, trial: Trial, why: str) -> None:
        """Mark a trial as failed until it is done.

        Another process may do it at this moment. `put` writes the figures and then removes the mark; here the
        mark is written and then the figures are looked for: in any order of the four, no mark stays.

        Raises
        ------
        StorageError
            If the mark cannot be written, as on a full disk.
        """
        mark = self.failure_file(trial)
        _write(mark, dump_json(asdict(trial) | {"reason": why}))
        if self.figures(trial).exists():
            with storage(mark):
                mark.unlink(missing_ok=True)

    def failure_reason(self, trial: Trial) -> str | None:
        """Return why a trial's last attempt failed, or None if it is not marked as failed."""
        path = self.failure_file(trial)
        found = _read(path) if path.exists() else None
        return str(found["reason"]) if isinstance(found, dict) and "reason" in found else None

    def gather(self, model: str, protocol: str) -> Path | None:
        """Write the file of a model and a protocol from its trials, and return its path; None without any.

        Raises
        ------
        CheckpointError, DataError
            If a file cannot be read, or the trials are not of one kind.
        StorageError
            If the file cannot be written.
        """
        found = self._gathered(model, protocol)
        for trial in self._done():
            if (trial.model, trial.protocol) == (model, protocol):
                found[trial.seed] = self._alone(trial) or {}
                with storage(
                    self.failure_file(trial)
                ):  # of a process that was killed between figures and mark
                    self.failure_file(trial).unlink(missing_ok=True)
        if not found:
            return None
        path = self.file(model, protocol)
        try:
            content = dump_json(gathered(model, protocol, found.values(), path))
        except TenfoldError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"{path}: expected the figures of trials, found others ({message(error)}); {_REMOVE}"
            ) from error
        with storage(path):
            same = path.exists() and path.read_bytes() == content
        if not same:
            _write(path, content)
        return path

    def gather_all(self) -> list[Path]:
        """Gather every trial that was written alone; return the files of the ledger that have them."""
        kinds = sorted({(trial.model, trial.protocol) for trial in self._done()})
        return [path for kind in kinds if (path := self.gather(*kind)) is not None]

    def _done(self) -> list[Trial]:
        return sorted(t for p in whole_files(self.trials, "*.json") if (t := Trial.of_file(p)) is not None)

    def _alone(self, trial: Trial) -> dict[str, Any] | None:
        path = self.figures(trial)
        if not path.exists():
            return None
        found = _read(path)
        if not isinstance(found, dict) or not asdict(trial).items() <= found.items():
            raise DataError(f"{path}: expected the figures of {trial.name}, found others; {_REMOVE}")
        return figures_today({key: value for key, value in found.items() if key != "model"})

    def _gathered(self, model: str, protocol: str) -> dict[int, dict[str, Any]]:
        """Return the trials in the ledger's file by seed."""
        path = self.file(model, protocol)
        if not path.exists():
            return {}
        found = _read(path)
        try:
            common = {key: found[key] for key in _COMMON}
            return {_seed(trial): common | figures_today(trial) for trial in found["trials"]}
        except (KeyError, TypeError) as error:
            raise DataError(
                f"{path}: expected the trials of {model}, got something else ({message(error)}); {_REMOVE}"
            ) from error


def _seed(trial: Mapping[str, Any]) -> int:
    if type(trial["seed"]) is not int:
        raise TypeError(f"seed {trial['seed']!r:.40}")
    return int(trial["seed"])


def _read(path: Path) -> Any:
    try:
        return read_json(path, max_bytes=MAX_BYTES)
    except CheckpointError as error:
        if not isinstance(error.__cause__, ValueError):
            raise  # not damaged: a link, say, or not to be read by this user
        raise DataError(
            f"{path}: expected a file that `tenfold trials` wrote, found other content; {_REMOVE}"
        ) from error


def _write(path: Path, content: bytes) -> None:
    with storage(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


def gathered(
    model: str, protocol: str, trials: Iterable[Mapping[str, Any]], where: Path | str = "trials"
) -> dict[str, Any]:
    """Return the content of a file of the ledger: the trials by seed, and their summary.

    Raises
    ------
    DataError
        If the trials are not of one kind.
    """
    ordered = sorted(trials, key=lambda trial: int(trial["seed"]))
    for key in (*_COMMON, *_EQUAL):
        values = {trial.get(key) for trial in ordered}
        if len(values) > 1:
            raise DataError(
                f"{where}: expected trials of one {key}, found {sorted(map(str, values))}; "
                "remove those that do not belong here"
            )
    own = [{key: value for key, value in trial.items() if key not in _COMMON} for trial in ordered]
    common = {key: ordered[0][key] for key in _COMMON}
    return {"model": model, "protocol": protocol, **common, "trials": own, "summary": summary(own)}


def summary(trials: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many trials there are, the spread of their figures, and their mean times in seconds."""
    found: dict[str, Any] = {"n": len(trials)}
    for key in _OVER_ALL:
        values = [trial[key] for trial in trials]
        found[key] = None if None in values else asdict(Spread.over(values))
    for key in _SECONDS:
        found[key] = Spread.over([trial[key] for trial in trials]).mean
    return found
