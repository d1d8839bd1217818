"""``--from-epoch N``: a run continues from an earlier epoch, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError

if TYPE_CHECKING:
    from tenfold.runs.job import Job


def continued(job: Job, epoch: int) -> Job:
    """Return the job with the folder in which it continues after an epoch (from 1).

    If the run has later epochs, this is a new folder next to its own, into which the epoch is copied: the
    epochs that come after it, and their figures, stay where they are.

    Raises
    ------
    ConfigError, CheckpointError
        If the folder holds another run, or the epoch was not kept.
    """
    from tenfold.runs.folder import refuse_other_run
    from tenfold.train import branch, epoch_checkpoint

    _refuse_epochs_to_come(job, epoch)
    refuse_other_run(job)
    epoch_checkpoint(job.out, epoch)
    if _is_newest(job.out, epoch):
        return job
    out = _free_folder(job.out, epoch)
    branch(job.out, epoch, out)
    return replace(job, out=out, came_from=f"epoch {epoch} of {job.out}")


def _refuse_epochs_to_come(job: Job, epoch: int) -> None:
    recipe = None if job.entry.recipe is None else job.entry.recipe()
    epochs = job.epochs or (recipe and recipe.epochs) or epoch
    if epoch > epochs:
        raise ConfigError(
            f"--from-epoch: expected at most {epochs}, the number of epochs, got {epoch}; "
            "raise it with --epochs"
        )


def _is_newest(out: Path, epoch: int) -> bool:
    """Return whether a run has done nothing after an epoch."""
    from tenfold.checkpoint import CheckpointStore
    from tenfold.train import kept_epochs
    from tenfold.train.run_checkpoints import CHECKPOINTS

    newest = CheckpointStore(out / CHECKPOINTS).positions()[-1]
    return (newest.epoch, newest.step) == (epoch, kept_epochs(out)[epoch])


def _free_folder(out: Path, epoch: int) -> Path:
    folder, copy = out.with_name(f"{out.name}-from-{epoch}"), 2
    while folder.exists():
        folder, copy = out.with_name(f"{out.name}-from-{epoch}-{copy}"), copy + 1
    return folder
