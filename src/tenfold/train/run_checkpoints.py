"""The checkpoints in a run's folder, and whether they belong to the current run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeAlias

from tenfold.checkpoint import Checkpoint, CheckpointStore, RunLock, dump_json, match_tensors, parse_json
from tenfold.errors import CheckpointError, ConfigError, RangeError, StorageError
from tenfold.files import shown
from tenfold.quoting import quoted
from tenfold.train.executor import HostArray
from tenfold.train.former_names import TODAY, with_monitors
from tenfold.train.versions import changes, versions

CHECKPOINTS = "checkpoints"
Restore: TypeAlias = Callable[[Checkpoint, CheckpointStore], None]


@dataclass(frozen=True)
class CheckpointEvery:
    """When a run is saved, and which checkpoints are kept.

    A run is always saved after every epoch, and always keeps its best epoch.

    Parameters
    ----------
    chunks : int
        Within long epochs, save also after so many chunks (of ``Recipe.chunk_images`` images each).
    keep_last : int
        How many of the latest checkpoints to keep, each with those of the epochs that the run might
        still choose. If the newest is damaged, the one before it can be used.
    keep_every : int, optional
        Also keep every n-th epoch.
    """

    chunks: int = 64
    keep_last: int = 2
    keep_every: int | None = None

    @classmethod
    def all(cls) -> CheckpointEvery:
        """Return the setting that keeps every epoch."""
        return cls(keep_every=1)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and value < 1:
                raise RangeError(f"CheckpointEvery: {name}: expected at least 1, got {value}")


class RunCheckpoints:
    """The checkpoints of a run; created only while the folder's lock is held.

    Parameters
    ----------
    lock : RunLock
    identity : mapping
        Everything that must be equal for the run to resume with the same bits, as JSON values.
    cadence : CheckpointEvery
    """

    def __init__(self, lock: RunLock, identity: Mapping[str, Any], cadence: CheckpointEvery) -> None:
        self.lock, self.folder = lock, lock.folder
        self.identity = parse_json(dump_json(dict(identity)), where="run")  # tuples as lists
        self.cadence = cadence
        self.store = CheckpointStore(self.folder / CHECKPOINTS)
        self.last_good: Path | None = None
        self.store.sweep()

    def save(
        self,
        epoch: int,
        step: int,
        tensors: Mapping[str, Mapping[str, HostArray]],
        state: Mapping[str, Any],
        needs: set[tuple[int, int]],
    ) -> Path:
        """Save a checkpoint, and only then remove those that are no longer needed.

        Parameters
        ----------
        epoch, step : int
        tensors, state : mappings
        needs : set of (epoch, step)
            The checkpoints whose weights may still be chosen.

        Raises
        ------
        CheckpointError, StorageError
            If it cannot be saved; the last good checkpoint is named, and still there.
        MovedError
            If the folder is no longer where it was.
        """
        self.lock.check()
        whole = {"run": self.identity, "versions": dict(versions()), **state}
        try:
            self.last_good = self.store.save(epoch, step, tensors, whole, needs)
        except CheckpointError as error:
            raise CheckpointError(f"{error}; {self._kept}") from error
        except StorageError as error:
            error.kept = self._kept
            raise
        self.store.prune(self.cadence.keep_last, self.cadence.keep_every)
        return self.last_good

    @property
    def _kept(self) -> str:
        if self.last_good is None:
            return "nothing had been saved"
        return f"the last good checkpoint is {self.last_good}"

    def refuse_old_run(self) -> None:
        """Refuse to start a new run over an old one.

        Raises
        ------
        ConfigError
            If there are checkpoints.
        """
        if positions := self.store.positions():
            raise ConfigError(
                f"{self.folder}: expected no run, found one that did {positions[-1].epoch} epochs; "
                "resume it or choose another folder"
            )

    def resume(self, methods: Sequence[Restore], notify: Callable[[str], None]) -> Checkpoint | None:
        """Restore the newest checkpoint that is not damaged.

        Parameters
        ----------
        methods : sequence of callables
            ``restore(checkpoint, store)``; if it raises CheckpointError, an older checkpoint is tried.
            If it does so for all, the next method is tried.
        notify : callable
            Called with each checkpoint that is passed over, and why.

        Returns
        -------
        Checkpoint or None
            None if there is no checkpoint.

        Raises
        ------
        ConfigError
            If the checkpoints are those of another run; the first difference is named.
        CheckpointError
            If there are checkpoints and none can be used.
        """
        faults: list[str] = []

        def pass_over(fault: str) -> None:
            faults.append(fault)
            notify(fault)

        for restore in methods:
            for checkpoint in self.store.newest_first(pass_over):
                self._check_identity(checkpoint)
                try:
                    restore(checkpoint, self.store)
                except CheckpointError as error:
                    pass_over(f"damaged checkpoint skipped: {error}")
                    continue
                self._continue_after(checkpoint, notify)
                return checkpoint
        if faults:
            raise CheckpointError(f"{self.folder}: no checkpoint can be used; {faults[0]}")
        return None

    def _continue_after(self, checkpoint: Checkpoint, notify: Callable[[str], None]) -> None:
        self.store.set_aside(after=checkpoint.folder.name)
        self.last_good = checkpoint.folder
        if changed := changes(checkpoint.state.get("versions"), versions()):
            notify(f"the run was saved with {changed}: bits may differ")

    def _check_identity(self, checkpoint: Checkpoint) -> None:
        found = checkpoint.state.get("run")
        now = _without_what_was_not_saved(self.identity, found)
        where = first_difference(with_monitors(found, TODAY), with_monitors(now, TODAY))
        if where is not None:
            name, saved, now = where
            raise ConfigError(
                f"{self.folder}: the run was started with {shown(name):.60} = {quoted(saved)}, "
                f"got {quoted(now)}; resume with {_setting(name)}, or choose another folder"
            )


def _setting(name: str) -> str:
    """Return what has to be as it was: the option, for what has one of its own."""
    options = {
        "recipe.batch_size": "the same --batch-size (in Python batch_size=)",
        "recipe.optimizer.config.learning_rate": "the same --lr (in Python learning_rate=)",
        "seed": "the same --seed (in Python seed=)",
    }
    return options.get(name, "the same settings")


def _without_what_was_not_saved(identity: Mapping[str, Any], saved: Any) -> dict[str, Any]:
    """Return an identity without the names of classes where older checkpoints do not say them."""
    kept = dict(identity)
    for name in ("train", "validation"):
        before = saved.get(name) if isinstance(saved, Mapping) else None
        if isinstance(before, Mapping) and "class_names" not in before and kept.get(name) is not None:
            kept[name] = {key: value for key, value in kept[name].items() if key != "class_names"}
    return kept


def first_difference(saved: Any, now: Any, name: str = "") -> tuple[str, Any, Any] | None:
    """Return the dotted name of the first value that differs, with both values; None if all are equal."""
    if isinstance(saved, dict) and isinstance(now, dict):
        for key in sorted(saved.keys() | now.keys(), key=lambda key: (key == "config", key)):  # kinds first
            inner = first_difference(saved.get(key), now.get(key), f"{name}.{key}" if name else key)
            if inner is not None:
                return inner
        return None
    if isinstance(saved, list) and isinstance(now, list):
        pairs = enumerate(zip_longest(saved, now))
        found = (first_difference(a, b, f"{name}[{i}]") for i, (a, b) in pairs)
        return next((difference for difference in found if difference is not None), None)
    return None if saved == now else (name or "run", saved, now)


def check_checkpoint(checkpoint: Checkpoint, expected: Mapping[str, Mapping[str, HostArray]]) -> None:
    """Reject a checkpoint whose tensors do not match the expected ones, file by file.

    Raises
    ------
    CheckpointError
        With the first file or tensor that differs.
    """
    if checkpoint.tensors.keys() != expected.keys():
        raise CheckpointError(
            f"{checkpoint.folder}: expected the files {', '.join(expected)}, "
            f"found {', '.join(checkpoint.tensors)}; use another checkpoint"
        )
    for file, arrays in expected.items():
        specs = {name: (array.shape, str(array.dtype)) for name, array in arrays.items()}
        match_tensors(checkpoint.tensors[file], specs, where=str(checkpoint.folder / f"{file}.safetensors"))
