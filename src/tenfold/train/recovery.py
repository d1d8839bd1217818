"""The epochs that can still be chosen when checkpoints are damaged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, TypeAlias

from tenfold.checkpoint import Checkpoint, CheckpointStore
from tenfold.errors import CheckpointError
from tenfold.train.executor import Weights
from tenfold.train.history import EpochRow
from tenfold.train.progress import Progress
from tenfold.train.selection import Candidate, Selection, rank

Read: TypeAlias = Callable[[Checkpoint], Weights]


def recovered(
    selection: Selection, saved: Mapping[str, Any], store: CheckpointStore, read: Read
) -> dict[Candidate, Weights]:
    """Return the epochs that may be chosen and whose weights can be read, with their weights.

    Parameters
    ----------
    selection : Selection
        Its rule is used; it is not changed.
    saved : mapping
        The progress of the run, as `Progress.to_json` gave it.
    store : CheckpointStore
    read : callable
        ``read(checkpoint)`` returns its weights, or raises CheckpointError if they are not the network's.
    """
    recent = selection.within_window(_completed(selection, saved, store), saved["epoch"])
    found = _readable(sorted(recent, key=rank), store, read)
    best_alone = selection.window is None
    return dict(islice(found, 1) if best_alone else sorted(found, key=lambda pair: pair[0].epoch))


def _completed(selection: Selection, saved: Mapping[str, Any], store: CheckpointStore) -> list[Candidate]:
    """Return the completed epochs of which there are checkpoints, whole or not."""
    rows = {row["epoch"]: EpochRow.from_dict(row) for row in saved["rows"]}
    # The first checkpoint after an epoch is that of its end; the others are from within the next.
    steps = {at.epoch: at.step for at in reversed(store.positions()) if at.epoch in rows}
    return [selection.candidate(rows[epoch], step) for epoch, step in steps.items()]


def _readable(
    candidates: Iterable[Candidate], store: CheckpointStore, read: Read
) -> Iterator[tuple[Candidate, Weights]]:
    """Yield the candidates whose checkpoints are whole, and from the very end of their epoch."""
    for candidate in candidates:
        with suppress(CheckpointError, KeyError, TypeError):  # damaged, or a state that no run saves
            checkpoint = store.find(candidate.epoch, candidate.step)
            if checkpoint.state["progress"]["step_in_epoch"] == 0:
                yield candidate, read(checkpoint)


def lost_weights_notice(lost: Collection[int], selection: Selection, progress: Progress) -> str:
    """Return the notice of the epochs whose weights are lost, and of those that can still be chosen."""
    monitor = progress.history.shown(selection.monitor)
    left = [f"epoch {candidate.epoch}" for candidate in selection.candidates]
    if progress.stop is None and progress.epoch < progress.epochs:
        left.append("those to come")
    return (
        f"the weights of epoch {', '.join(map(str, lost))} are lost, their checkpoint is damaged: "
        f"the choice by {monitor} is now among {', '.join(left) or 'none'}; "
        "a new run in another folder chooses among all"
    )
