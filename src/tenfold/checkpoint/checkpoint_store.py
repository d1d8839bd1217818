"""The checkpoints of one run: written, found, thinned out."""

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
    """Where in a run a checkpoint was taken: epochs completed, steps in all, and which copy."""

    epoch: int
    step: int
    copy: int = 0

    @property
    def folder_name(self) -> str:
        """Return the folder's name, which sorts as the positions do."""
        return f"epoch-{self.epoch:04d}-step-{self.step:08d}" + (f".{self.copy}" if self.copy else "")


class CheckpointStore:
    """The checkpoints under one folder.

    Parameters
    ----------
    root : Path
        The folder that holds one folder a checkpoint; made at the first `save`, in one that is there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def positions(self) -> list[Position]:
        """Return the position of every checkpoint folder, valid or not, the oldest first."""
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
        """Save a checkpoint; one already there at this position stays, and the new one counts as later.

        Parameters
        ----------
        epoch, step : int
        tensors, state : mappings
            As for `tenfold.checkpoint.save`.
        needs : collection of (epoch, step)
            The checkpoints without which this one is of no use.
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
        """Yield the valid checkpoints from the newest on; each damaged one is told to ``notify``."""
        for at in reversed(self.positions()):
            try:
                yield load(self.root / at.folder_name)
            except CheckpointError as error:
                notify(f"checkpoint passed over: {error}")

    def prune(self, keep_last: int, every: int | None = None) -> None:
        """Remove the checkpoints that nobody needs any more.

        Parameters
        ----------
        keep_last : int
            How many of the newest to keep, each with those that it needs: if the newest is damaged, the
            one before it must be of use.
        every : int, optional
            Keep also the end of every so-many-th epoch.
        """
        positions = self.positions()
        last = positions[-keep_last:]
        keep = {(at.epoch, at.step) for at in last}.union(*map(self._needs, last))
        if every is not None:
            ends = {epoch: step for epoch, step, _ in reversed(positions)}  # each epoch's first: its very end
            keep |= {(epoch, step) for epoch, step in ends.items() if epoch and epoch % every == 0}
        for at in positions:
            if (at.epoch, at.step) not in keep:
                shutil.rmtree(self.root / at.folder_name, ignore_errors=True)

    def _needs(self, at: Position) -> set[tuple[int, int]]:
        """Return what `save` was told, or nothing if the checkpoint is damaged: nobody can go on from it."""
        try:
            state = read_json(self.root / at.folder_name / STATE, max_bytes=MAX_STATE)
            return {(epoch, step) for epoch, step in state["needs"]}
        except (CheckpointError, KeyError, TypeError, ValueError):
            return set()

    def set_aside(self, after: str) -> None:
        """Rename the folders that sort after the one named ``after``: they are damaged, or unusable.

        Otherwise they would count as the newest, and push out what is good.
        """
        match = _NAME.fullmatch(after)
        if match is None:
            raise CheckpointError(f"expected the name of a checkpoint folder, got {after!r}")
        last_good = Position(*(int(part or 0) for part in match.groups()))
        for at in self.positions():
            if at > last_good:
                target = self.root / f"damaged-{at.folder_name}"
                shutil.rmtree(target, ignore_errors=True)
                with storage(target):
                    (self.root / at.folder_name).rename(target)

    def sweep(self) -> None:
        """Remove what a killed process left half-written; call it only while holding the run's lock."""
        if self.root.is_dir():
            with storage(self.root):
                sweep(self.root)
