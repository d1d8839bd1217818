"""The checkpoints of one run: saving, finding and pruning."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tenfold.checkpoint.folder import MAX_STATE, STATE, Checkpoint, load, save
from tenfold.checkpoint.json_file import read_json
from tenfold.errors import CheckpointError
from tenfold.files import make_subfolder, storage, sweep

_NAME = re.compile(r"epoch-(\d{4,9})-step-(\d{8,18})(?:\.(\d{1,9}))?")


class Position(NamedTuple):
    """Position of a checkpoint in a run: completed epochs, total steps, and number of the copy."""

    epoch: int
    step: int
    copy: int = 0

    @property
    def folder_name(self) -> str:
        """Return the folder's name; names sort like positions."""
        return f"epoch-{self.epoch:04d}-step-{self.step:08d}" + (f".{self.copy}" if self.copy else "")


class CheckpointStore:
    """The checkpoints in one folder.

    Parameters
    ----------
    root : Path
        Holds one folder for each checkpoint. Created at the first `save`; its parent must exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def positions(self) -> list[Position]:
        """Return the positions of all checkpoint folders, valid or damaged, the oldest first."""
        if not self.root.is_dir():
            return []
        with storage(self.root):
            matches = [_NAME.fullmatch(path.name) for path in self.root.iterdir()]
        return sorted(Position(*(int(part or 0) for part in match.groups())) for match in matches if match)

    def save(
        self,
        epoch: int,
        step: int,
        tensors: Mapping[str, Mapping[str, np.ndarray[Any, Any]]],
        state: Mapping[str, Any],
        needs: Collection[tuple[int, int]] = (),
    ) -> Path:
        """Save a checkpoint. An existing one at this position stays, and the new copy counts as later.

        Parameters
        ----------
        epoch, step : int
        tensors, state : mappings
            As for `tenfold.checkpoint.save`.
        needs : collection of (epoch, step)
            The checkpoints that are needed to resume from this one.
        """
        make_subfolder(self.root)
        copies = [at.copy for at in self.positions() if (at.epoch, at.step) == (epoch, step)]
        at = Position(epoch, step, max(copies) + 1 if copies else 0)
        return save(self.root / at.folder_name, tensors, {**state, "needs": sorted(needs)})

    def find(self, epoch: int, step: int) -> Checkpoint:
        """Load the latest copy at a position.

        Raises
        ------
        CheckpointError
            If there is none, or it is damaged.
        """
        copies = [at for at in self.positions() if (at.epoch, at.step) == (epoch, step)]
        return load(self.root / (copies[-1] if copies else Position(epoch, step)).folder_name)

    def newest_first(self, notify: Callable[[str], None]) -> Iterator[Checkpoint]:
        """Yield the valid checkpoints, the newest first; ``notify`` is called for each damaged one."""
        for at in reversed(self.positions()):
            try:
                yield load(self.root / at.folder_name)
            except CheckpointError as error:
                notify(f"damaged checkpoint skipped: {error}")

    def prune(self, keep_last: int, every: int | None = None) -> None:
        """Remove the checkpoints that are no longer needed.

        Parameters
        ----------
        keep_last : int
            How many of the newest to keep, each with the checkpoints that it needs: if the newest is
            damaged, the one before it must be usable.
        every : int, optional
            Also keep the end of every ``every``-th epoch.
        """
        positions = self.positions()
        last = positions[-keep_last:]
        keep = {(at.epoch, at.step) for at in last}.union(*map(self._needs, last))
        if every is not None:
            ends = {epoch: step for epoch, step, _ in reversed(positions)}  # the last step of each epoch
            keep |= {(epoch, step) for epoch, step in ends.items() if epoch and epoch % every == 0}
        for at in positions:
            if (at.epoch, at.step) not in keep:
                shutil.rmtree(self.root / at.folder_name, ignore_errors=True)

    def _needs(self, at: Position) -> set[tuple[int, int]]:
        """Return the checkpoints that this one needs; none if it is damaged and so unusable."""
        try:
            state = read_json(self.root / at.folder_name / STATE, max_bytes=MAX_STATE)
            return {(epoch, step) for epoch, step in state["needs"]}
        except (CheckpointError, KeyError, TypeError, ValueError):
            return set()

    def set_aside(self, after: str) -> None:
        """Rename the folders that sort after the one named ``after``, because they are damaged.

        Otherwise they would count as the newest, and `prune` would remove valid ones.
        """
        match = _NAME.fullmatch(after)
        if match is None:
            raise CheckpointError(
                f"expected the name of a checkpoint folder, got {after!r}; use epoch-EEEE-step-SSSSSSSS"
            )
        last_good = Position(*(int(part or 0) for part in match.groups()))
        for at in self.positions():
            if at > last_good:
                target = self.root / f"damaged-{at.folder_name}"
                shutil.rmtree(target, ignore_errors=True)
                with storage(target):
                    (self.root / at.folder_name).rename(target)

    def sweep(self) -> None:
        """Remove the temporary files of killed processes. Call it only while holding the run's lock."""
        if self.root.is_dir():
            with storage(self.root):
                sweep(self.root)
