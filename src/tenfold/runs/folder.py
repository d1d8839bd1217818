"""A run's folder: whose it is, who may write to it, and whether its run is finished.

A finished run has ``run.json``. While it is not finished there is ``unfinished.json`` in its place,
which says what run it is.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tenfold.checkpoint import CheckpointStore, RunLock, dump_json, is_checkpoint, read_json
from tenfold.checkpoint.run_lock import LOCK
from tenfold.errors import CheckpointError, ConfigError, StorageError, WorkerLostError
from tenfold.files import (
    MovedError,
    is_temporary,
    storage,
    sweep,
    sync_folder,
    temporary_path,
    write_atomically,
)
from tenfold.interrupt import Interrupted, Stopped
from tenfold.predict import RECORD, UNFINISHED
from tenfold.runs.opened import changed_since
from tenfold.runs.record import FORMAT, Identity, Record, write_record
from tenfold.train.live import LIVE
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo import MEMBERS, MODEL_FOLDER, Model

if TYPE_CHECKING:
    from tenfold.runs.job import Job


@contextmanager
def claimed(
    job: Job, *, resume: bool, again: str | None = None, lock: RunLock | None = None
) -> Iterator[RunLock]:
    """Hold the job's folder for this process, once it is clear that the job may write there.

    Parameters
    ----------
    job : Job
    resume : bool
    again : str, optional
        How the run goes on if it is broken off; by default with ``--resume``.
    lock : RunLock, optional
        The folder's, where the caller holds it already.

    Raises
    ------
    ConfigError
        If the folder holds something else than a run, or a run that is not to be resumed.
    CheckpointError
        If the run to be resumed is another one.
    BusyError
        If another process holds the folder.
    StorageError
        If the disk is full or the like, or the folder was moved while the job was done; so does what is done
        in the block, and the error then says how to go on.
    """
    with advised(job.out, again):
        _refuse_foreign(job)
        with RunLock(job.out) if lock is None else nullcontext(lock) as held:
            _sweep(job.out)
            if resume:
                refuse_other_run(job)
            else:
                _refuse_old_run(job)
            try:
                yield held
            except StorageError as error:
                held.check()  # if the folder was moved, that is the reason, and what is to be said
                raise error


@contextmanager
def advised(out: Path, again: str | None) -> Iterator[None]:
    """Have errors that are nobody's fault say how the run goes on, with a folder that is there."""
    try:
        yield
    except MovedError as error:
        if again is not None:
            error.advice, error.then = "put it back", again
        elif error.there is not None:
            error.advice = _resume(error.there)
        elif error.then is None:  # it is to be put back
            error.then = _resume(out)
        raise
    except StorageError as error:
        if error.then is None:
            error.then = again or _resume(out)
        raise
    except WorkerLostError as error:
        error.then = again or _resume(out)
        raise
    except Interrupted as end:
        end.then = again or _resume(out)
        raise
    except KeyboardInterrupt as end:
        number = getattr(end, "number", signal.SIGINT)
        raise Stopped(f"{str(end) or 'interrupted'}; {again or _resume(out)}", number) from end


def _resume(out: Path) -> str:
    return f"resume it with --resume --out {shlex.quote(str(out))}"


def begin(job: Job, workers: int = 1) -> None:
    """From here on, and until `finish`, the folder says that its run is not finished."""
    record = job.out / RECORD
    if record.exists():
        with storage(record):
            os.replace(record, job.out / UNFINISHED)
            sync_folder(job.out)
    else:
        more: dict[str, Any] = {} if job.entry.origin is None else {"source": dict(job.entry.origin)}
        if (epochs := _epochs(job)) is not None:
            more["planned_epochs"] = epochs
        if workers > 1:
            more["workers"] = workers
        write_atomically(job.out / UNFINISHED, dump_json(Identity.of(job).to_json() | more))


def _epochs(job: Job) -> int | None:
    """Return how many epochs a network is to be trained."""
    if job.given is not None:
        return job.given.model.known_recipe().epochs
    recipe = None if job.entry.recipe is None or job.start is not None else job.entry.recipe()
    return job.epochs or (None if recipe is None else recipe.epochs)


def planned_epochs(out: Path) -> int | None:
    """Return how many epochs a folder's run was to be trained; None if nothing says it."""
    found = _said(out)
    recipe = found.get("recipe")
    epochs = found.get("planned_epochs") or (recipe.get("epochs") if isinstance(recipe, dict) else None)
    return epochs if isinstance(epochs, int) and epochs > 0 else None


def begun_workers(out: Path) -> int:
    """Return on how many workers a folder's run was begun; 1 unless something says another number."""
    workers = _said(out).get("workers")
    return workers if isinstance(workers, int) and workers > 0 else 1


def _said(out: Path) -> dict[str, Any]:
    """Return what a folder says of its run, unread; nothing if it says nothing."""
    path = next((path for name in (RECORD, UNFINISHED) if (path := out / name).exists()), None)
    found = None if path is None else read_json(path)
    return found if isinstance(found, dict) else {}


def changed_file(job: Job) -> str | None:
    """Return in one line that the file of the network has changed since the run was begun, or None."""
    now = job.entry.origin or {}
    path = next((path for name in (RECORD, UNFINISHED) if (path := job.out / name).exists()), None)
    if "file" not in now or path is None:
        return None
    found = read_json(path)
    before = found.get("source") if isinstance(found, dict) else None
    if not isinstance(before, dict) or before.get("sha256") in (None, now["sha256"]):
        return None
    return changed_since(now["file"], "the run was begun")


def put_model(model: Model, out: Path) -> Path:
    """Write the model into a run's folder; one that is there already stays until the new one is whole."""
    folder = out / MODEL_FOLDER
    new, old = temporary_path(folder), temporary_path(folder)
    with storage(folder):
        model.save(new)
        if folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)
        sync_folder(out)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def finish(out: Path, record: Record) -> None:
    """Write ``run.json``, the last thing of a run."""
    write_record(out, record)
    with storage(out / UNFINISHED):
        (out / UNFINISHED).unlink(missing_ok=True)


class _Options(NamedTuple):
    """The options of whoever asks for a job, as they are written."""

    out: str
    resume: str

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls("out=", "resume=True") if job.made_by == "python" else cls("--out", "--resume")


def _refuse_foreign(job: Job) -> None:
    """Refuse a folder with something in it that no run wrote: it would be overwritten."""
    out, options = job.out, _Options.of(job)
    if not out.is_dir():
        return
    with storage(out):
        names = sorted(
            name for name in os.listdir(out) if name not in (LOCK, LIVE) and not is_temporary(name)
        )
    if names and _found(job) is None and not _checkpoints(out).positions():
        raise ConfigError(
            f"{out}: expected a new folder, an empty one or that of a run, found {names[0]} in it; "
            f"choose another with {options.out}"
        )
    model = out / MODEL_FOLDER
    if os.path.lexists(model) and not is_checkpoint(model):
        raise ConfigError(
            f"{model}: expected a model that tenfold saved, found something else; "
            f"move it, or choose another folder with {options.out}"
        )


def _refuse_old_run(job: Job) -> None:
    out, options = job.out, _Options.of(job)
    advice = f"choose another with {options.out}, or add {options.resume}"
    if (out / RECORD).exists():
        raise ConfigError(f"{out}: expected an empty folder, found a finished run; {advice}")
    if positions := _checkpoints(out).positions():
        raise ConfigError(
            f"{out}: expected no run, found one that did {positions[-1].epoch} epochs; {advice}"
        )
    if os.path.lexists(out / MEMBERS):
        raise ConfigError(f"{out}: expected no run, found an unfinished run of an ensemble; {advice}")


def refuse_other_run(job: Job) -> None:
    """Refuse to go on as another run than the one that was begun."""
    found, wanted = _found(job), Identity.of(job)
    if found is None and not job.entry.is_network and _checkpoints(job.out).positions():
        found = replace(wanted, model="a network")
    if found is None:
        return
    for name, now in vars(wanted).items():
        if (before := getattr(found, name)) != now:
            raise CheckpointError(
                f"{job.out}: the run was started with {name} = {before!r:.60}, got {now!r:.60}; "
                f"resume with the same settings, or choose another folder with {_Options.of(job).out}"
            )


def _found(job: Job) -> Identity | None:
    """Return what the job's folder says of the run in it, if it says anything.

    Raises
    ------
    CheckpointError
        If it is not what a run says of itself.
    """
    out = job.out
    for path in (out / RECORD, out / UNFINISHED):
        if os.path.lexists(path):
            try:
                return Identity.from_json(read_json(path), path)
            except CheckpointError as error:
                raise CheckpointError(
                    f"{path}: expected a record of format {FORMAT}, found something else; "
                    f"remove {out}, or choose another folder with {_Options.of(job).out}"
                ) from error
    return None


def _checkpoints(out: Path) -> CheckpointStore:
    return CheckpointStore(out / CHECKPOINTS)


def _sweep(out: Path) -> None:
    """Remove what a killed process left half-written."""
    with storage(out):
        sweep(out)
