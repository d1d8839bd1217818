"""One trial of the ledger: a run whose figures go there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import dump_json
from tenfold.errors import StorageError
from tenfold.files import make_subfolder, write_atomically
from tenfold.runs.folder import advised, claimed, refuse_other_run
from tenfold.runs.pipeline import carry_out
from tenfold.runs.training_ensemble import train_member
from tenfold.runs.trial_figures import trial_figures
from tenfold.train import Callback, Progress
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo import MEMBERS, digest

if TYPE_CHECKING:
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.job import Job
    from tenfold.runs.training import Notice

_SECONDS_BETWEEN = 0.3
_AGAIN = "give the same command again"


def carry_out_trial(
    job: Job, ledger: Ledger, wanted: Trial, callbacks: Sequence[Callback], notice: Notice
) -> None:
    """Train, or go on where the last attempt was broken off; write the figures; drop the checkpoints."""
    _check(ledger)
    with claimed(job, resume=True, again=_AGAIN) as lock:
        if ledger.find(wanted) is None:  # another process may have been faster
            done = carry_out(job, lock, resume=True, callbacks=callbacks, notice=notice)
            if done.judged is not None:
                what = digest(job.entry, job.epochs)
                ledger.put(wanted, trial_figures(done.record, done.judged, what))
        for folder in (job.out, *(job.out / MEMBERS / name for name in job.entry.members)):
            shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
        for name in job.entry.members:
            member_file(job.out, name).unlink(missing_ok=True)


def carry_out_member(
    job: Job, ledger: Ledger, wanted: Trial, name: str, callbacks: Sequence[Callback]
) -> None:
    """Train one member of a trial's ensemble, or resume it; the trial then uses it as it is.

    Other processes may train other members of the trial, so its folder is not locked, but the member's is.
    """
    _check(ledger)
    with advised(job.out, _AGAIN):
        if ledger.find(wanted) is not None:
            return
        make_subfolder(job.out)
        refuse_other_run(job)
        history = train_member(job, name, callbacks)
        write_atomically(member_file(job.out, name), dump_json({"member": name, "epochs": len(history)}))


def member_file(run: Path, name: str) -> Path:
    """Return the file in a trial's run that says that a member is trained; it goes with the checkpoints."""
    return run / MEMBERS / name / "trained.json"


def _check(ledger: Ledger) -> None:
    """Refuse a ledger that is not there: whoever starts this makes it, and it must not be made twice.

    Raises
    ------
    StorageError
    """
    if not ledger.trials.is_dir():
        raise StorageError(f"{ledger.trials}: expected the ledger's folder, found nothing", "put it back")


def standing(progress: Progress) -> dict[str, Any]:
    """Return where a run stands: epoch, latest accuracy, images a second, seconds left."""
    rows, tally = progress.history.rows, progress.tally
    accuracy = tally.accuracy
    if rows:
        held_out = rows[-1].validation_accuracy
        accuracy = rows[-1].train_accuracy if held_out is None else held_out
    rate = tally.images / tally.seconds if tally.seconds > 0 else 0.0
    whole = progress.images_per_epoch * (progress.epochs - progress.epoch)
    return {
        "epoch": progress.epoch + 1,
        "epochs": progress.epochs,
        "accuracy": accuracy,
        "rate": rate,
        "left": (whole - tally.images) / rate if rate else None,
    }


class TellsStanding(Callback):
    """Tells now and then where a run stands.

    Parameters
    ----------
    tell : callable
        Told what `standing` returns.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell, self._last = tell, 0.0

    def on_chunk(self, progress: Progress) -> None:
        """Tell it, unless that was done just now."""
        if monotonic() - self._last > _SECONDS_BETWEEN:
            self._last = monotonic()
            self._tell(standing(progress))
