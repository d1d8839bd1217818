"""The epochs of a run whose checkpoints were kept, and a new run that branches from one."""

from __future__ import annotations

import os
from pathlib import Path

from tenfold import checkpoint
from tenfold.checkpoint import Checkpoint, CheckpointStore, read_json
from tenfold.checkpoint.folder import MAX_STATE, STATE
from tenfold.errors import CheckpointError, ConfigError
from tenfold.files import shown, storage, sync_folder, temporary_path
from tenfold.train.run_checkpoints import CHECKPOINTS

_SHOWN = 12  # epochs that an error lists


def kept_epochs(run: Path | str) -> dict[int, int]:
    """Return the epochs (from 1) of a run that have a checkpoint, damaged or not, each with its step.

    `CheckpointEvery.all` keeps all epochs; without it, a few of the latest are kept.

    Raises
    ------
    StorageError
        If the folder cannot be read.

    Examples
    --------
    >>> kept_epochs("no-such-run")
    {}
    """
    found: dict[int, int] = {}
    store = _store(run)
    for at in store.positions():
        if at.epoch and at.epoch not in found and _is_end_of_epoch(store.root / at.folder_name):
            found[at.epoch] = at.step
    return found


def epoch_checkpoint(run: Path | str, epoch: int) -> Checkpoint:
    """Return the checkpoint of the end of an epoch (from 1).

    Raises
    ------
    CheckpointError
        If it was not kept, or is damaged.
    """
    kept = kept_epochs(run)
    if epoch not in kept:
        raise CheckpointError(
            f"{shown(Path(run))}: expected an epoch whose checkpoint was kept ({_words(list(kept))}), "
            f"got {epoch}; start a run with --keep-all to keep all epochs"
        )
    return _store(run).find(epoch, kept[epoch])


def branch(run: Path | str, epoch: int, out: Path | str) -> Path:
    """Copy the checkpoint of an epoch into a new folder, to resume there; the run itself stays as it is.

    Then resume there: ``model.fit(..., out=out, resume=True)`` ends with the same bits as the uninterrupted
    run if nothing else changes.

    Parameters
    ----------
    run : path
        The run's folder.
    epoch : int
        From 1.
    out : path
        A folder without checkpoints; created if it does not exist.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    CheckpointError
        If the epoch's checkpoint was not kept, or a needed checkpoint is damaged.
    ConfigError
        If there are checkpoints in ``out``.
    StorageError
        If it cannot be written.
    """
    last, source, target = epoch_checkpoint(run, epoch), _store(run), _store(out)
    if target.positions():
        raise ConfigError(f"{shown(Path(out))}: expected no run, found one; choose another folder")
    needed = [source.find(*at) for at in last.state.get("needs", [])]
    copies = temporary_path(target.root)  # moved into place all at once, or not at all
    for name, one in {one.folder.name: one for one in (*needed, last)}.items():
        checkpoint.save(copies / name, one.tensors, one.state)
    with storage(target.root):
        os.replace(copies, target.root)
        sync_folder(target.root.parent)
    return Path(out)


def _store(run: Path | str) -> CheckpointStore:
    return CheckpointStore(Path(run) / CHECKPOINTS)


def _is_end_of_epoch(folder: Path) -> bool:
    """Return whether a checkpoint is of the end of its epoch, and not of a step of the next."""
    try:
        return bool(read_json(folder / STATE, max_bytes=MAX_STATE)["progress"]["step_in_epoch"] == 0)
    except (CheckpointError, KeyError, TypeError):
        return False


def _words(epochs: list[int]) -> str:
    if not epochs:
        return "there is none"
    some = ", ".join(map(str, epochs[-_SHOWN:]))
    return some if len(epochs) <= _SHOWN else f"{epochs[0]}, ..., {some}"
