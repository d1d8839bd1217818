"""Units on a Slurm cluster, through submitit; files in the shared folder say where they stand."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import CheckpointError, ConfigError, StorageError
from tenfold.extras import require
from tenfold.files import storage, write_atomically
from tenfold.quoting import message
from tenfold.resources import Resources
from tenfold.runs.launch.carried import LAUNCHED, Carried
from tenfold.runs.launch.cluster import Lost
from tenfold.runs.launch.order import Order, Status

_BEAT = 1.0  # seconds between two signs of life
_SILENCE = 30.0  # seconds without one before the queue is asked
_SILENCE_OF_CHILD = 5.0  # ... before it is asked of a process that this one has started, which takes no time
_LONG_SILENCE = 600.0  # seconds that a job may be silent of which the queue says nothing
_SLOW_TO_SHOW = 60.0  # seconds that a file system may take to show a file that another machine has written
_TO_SAVE = 60.0  # seconds for a unit to save where it is
ATTEMPT = "attempt"
"""The key in an order of the submission that it is for; orders of older versions have none."""
_ALIVE = ("PENDING", "RUNNING", "REQUEUED", "RESIZING", "SUSPENDED", "COMPLETING", "CONFIGURING", "UNKNOWN")
_ADVICE = {
    "OUT_OF_MEMORY": "give more with --memory",
    "CANCELLED": "give the same command again to run it",
}


class SlurmCluster:
    """A Slurm cluster, used from one of its machines.

    Parameters
    ----------
    kind : {"slurm", "local"}
        ``local`` runs the jobs on this machine: to try everything but the queue.

    Raises
    ------
    ConfigError
        Without submitit, or where there is no Slurm.
    """

    shares_folders = True

    def __init__(self, kind: str = "slurm") -> None:
        require("--on slurm", "slurm", "submitit")
        import submitit

        self._kind = kind
        if kind == "slurm" and submitit.SlurmExecutor.affinity() < 0:
            raise ConfigError(
                "--on slurm: expected a machine of a Slurm cluster, found no `srun` here; give the command "
                "on a login node, or try it without a queue with --on slurm:local"
            )
        logging.getLogger("submitit").setLevel(logging.CRITICAL)  # what counts is said by us
        submitit.SlurmJob.watcher.delay_s = int(_SILENCE)  # sacct is asked that often, for all jobs together
        self._lock = Lock()

    def start(self, order: Order, resources: Resources, files: Mapping[str, bytes]) -> SlurmJob:
        """Submit a unit, or find the job that a driver submitted which is no longer there."""
        papers = Papers(Path(order.home) / LAUNCHED, order.identity)
        found = papers.job_id()
        if found is None or ((status := papers.status()) is not None and status.ended):
            papers.remove()
            attempt = secrets.token_hex(8)
            papers.put_order(order.to_json() | {ATTEMPT: attempt})
            found, job = self._submitted(papers, order, resources, attempt)
            papers.put_job_id(found)
            silence = _SILENCE if self._kind == "slurm" else _SILENCE_OF_CHILD
        else:
            job = self._job_class()(papers.folder, found)
            silence = _SILENCE
        return SlurmJob(papers, job, silence)

    def close(self) -> None:
        """Nothing: the queue goes on by itself."""

    def _job_class(self) -> Any:
        import submitit

        return submitit.SlurmJob if self._kind == "slurm" else submitit.LocalJob

    def _submitted(self, papers: Papers, order: Order, resources: Resources, attempt: str) -> tuple[str, Any]:
        import submitit

        with self._lock, _accepted():  # an executor is not made for several threads
            executor = submitit.AutoExecutor(papers.folder, cluster=self._kind)
            executor.update_parameters(
                name=f"tenfold-{order.name}",
                timeout_min=resources.minutes,
                mem_gb=resources.memory / 1024,
                cpus_per_task=resources.cores,
            )
            job = executor.submit(carry, str(papers.folder), papers.name, attempt)
            for left in papers.folder.glob(".submission_file_*.sh"):  # the queue has its own copy
                left.unlink(missing_ok=True)
            return str(job.job_id), job


@contextmanager
def _accepted() -> Iterator[None]:
    """In a ``with`` block, what hinders a submission is said in one line."""
    import submitit

    try:
        yield
    except (submitit.core.utils.FailedSubmissionError, submitit.core.utils.FailedJobError) as error:
        why = " ".join(str(error).split())
        raise ConfigError(
            f"--on slurm: expected the queue to take the job, found {why:.200}; correct it (--cores, "
            "--memory, --minutes, $SBATCH_PARTITION, $SBATCH_ACCOUNT)"
        ) from error
    except OSError as error:
        raise StorageError(
            f"--on slurm: no job could be submitted ({message(error)})", "try again"
        ) from error


class Papers:
    """The files of one unit in its home's folder ``.launched``.

    Parameters
    ----------
    folder : Path
    name : str
        Starts their names.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self._status = folder / f"{name}.status.json"
        self._order = folder / f"{name}.order.json"
        self._job = folder / f"{name}.job.json"
        self._stop = folder / f"{name}.stop"

    def put_order(self, order: dict[str, Any]) -> None:
        """Write what is to be done."""
        self._put(self._order, order)

    def order_of(self, attempt: str, patience: float | None = None) -> dict[str, Any] | None:
        """Return what is to be done, None if it is the order of another attempt."""
        end = time.monotonic() + (_SLOW_TO_SHOW if patience is None else patience)
        while (found := self._read(self._order)) is None or found.pop(ATTEMPT, "") != attempt:
            if time.monotonic() > end:
                return None
            time.sleep(_BEAT)
        return found

    def put_job_id(self, job_id: str) -> None:
        """Write which job does it."""
        self._put(self._job, {"job": job_id})

    def job_id(self) -> str | None:
        """Return which job does it, None if none was submitted."""
        found = self._read(self._job)
        return None if found is None else str(found["job"])

    def tell(self, status: dict[str, Any]) -> None:
        """Write where it stands, as well as the disk allows."""
        with suppress(OSError):
            write_atomically(self._status, dump_json(status))

    def status(self) -> Status | None:
        """Return where it stands, None before it is run."""
        found = self._read(self._status)
        return None if found is None else Status(**found)

    def put_stop(self) -> None:
        """Have it end."""
        write_atomically(self._stop, b"")

    def is_to_stop(self) -> bool:
        """Return whether it is to end."""
        return self._stop.exists()

    def remove(self) -> None:
        """Remove them all, with those of submitit."""
        job_id = self.job_id()
        of_job = [] if job_id is None else self.folder.glob(f"{job_id}_*")
        for path in (self._stop, self._status, self._job, self._order, *of_job):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> dict[str, Any] | None:
        try:
            found = read_json(path)
        except (CheckpointError, OSError):  # not there, or the file system is slow to show it
            return None
        return found if isinstance(found, dict) else None

    @staticmethod
    def _put(path: Path, content: dict[str, Any]) -> None:
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, dump_json(content))


class SlurmJob:
    """A unit as a job of the queue.

    Parameters
    ----------
    papers : Papers
    job : submitit.Job
    silence : float
        Seconds without a sign of life before the queue is asked.
    """

    def __init__(self, papers: Papers, job: Any, silence: float) -> None:
        self._papers, self._job, self._silence = papers, job, silence
        self._beat, self._heard = -1, time.monotonic()
        self._ended = False

    def status(self) -> Status | None:
        """Return where it stands; see `tenfold.runs.launch.cluster.Job`."""
        found = self._papers.status()
        if found is not None and not found.ended and found.beat == self._beat:
            self._refuse_dead()
            found = self._papers.status()
        if found is None:
            self._refuse_dead()
        elif found.beat != self._beat:
            self._beat, self._heard = found.beat, time.monotonic()
        self._ended = found is not None and found.ended
        return found

    def stop(self) -> None:
        """Have it save and end; the job sees the file."""
        self._papers.put_stop()

    def fetch(self) -> Mapping[str, bytes]:
        """Return nothing: the home is shared."""
        return {}

    def end(self) -> None:
        """Cancel it if it runs, and remove its files."""
        if not self._ended:
            with suppress(Exception):  # the queue may have forgotten it
                self._job.cancel(check=False)
        for _ in range(20):  # its last files come when its end is known already
            if self._state() not in _ALIVE:
                break
            time.sleep(0.25)
        self._papers.remove()

    def _refuse_dead(self) -> None:
        """Raise if nothing was heard for a while, and the queue knows no living job.

        Raises
        ------
        Lost
        """
        silent = time.monotonic() - self._heard
        if silent < self._silence or (state := self._state()) in _ALIVE[:-1]:
            return
        if state == _ALIVE[-1] and (self._beat < 0 or silent < _LONG_SILENCE):
            return
        last = self._papers.status()
        if last is None or not last.ended:
            raise Lost(f"its job {self._job.job_id} has ended ({state})", _ADVICE.get(state))

    def _state(self) -> str:
        """Return what the queue says of the job, in one word."""
        info = self._job.get_info(mode="standard")
        return str(info.get("State") or info.get("jobState") or "UNKNOWN").split()[0]


def carry(folder: str, name: str, attempt: str = "") -> None:
    """Run a unit, on a machine of the cluster; what submitit calls there.

    A driver may be killed after it has submitted a job and before it has noted which. So the job notes it
    itself when it begins. A job that begins after another driver has submitted the unit again does nothing.
    """
    import submitit

    papers = Papers(Path(folder), name)
    order = papers.order_of(attempt)
    if order is None:
        return
    papers.put_job_id(submitit.JobEnvironment().job_id)
    if papers.order_of(attempt, patience=0) is None:  # another driver came at this moment, and finds this job
        return
    carried = Carried(order)
    thread = Thread(target=carried.run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_BEAT)
            papers.tell(carried.status())
            if papers.is_to_stop():
                carried.stop()
    except BaseException:  # submitit raises when the time is nearly up, or the job is to make room
        carried.stop("its job was ended by the queue; if its time was up, give more with --minutes")
        thread.join(_TO_SAVE)
        raise
    finally:
        papers.tell(carried.status())
