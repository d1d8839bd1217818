"""Trials side by side, each in a process of its own, the cores shared out among them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tenfold.backend.cpu.threads import available
from tenfold.errors import BusyError, ConfigError, DataError, StorageError
from tenfold.files import storage, storage_error
from tenfold.interrupt import Stopped, StopSignals, is_stop_code, signal_of, signal_suffix

if TYPE_CHECKING:
    from tenfold.evaluate import Ledger, Trial
    from tenfold.files import HeldFolder

_NAMED = 5  # trials in one line
Ending = Literal["done", "failed", "busy", "interrupted"]


@dataclass(frozen=True)
class Outcome:
    """What became of a trial: why it failed and with which exit code, or its accuracy."""

    trial: Trial
    ending: Ending
    reason: str | None = None
    accuracy: float | None = None
    code: int | None = None


class Watcher(Protocol):
    """Who shows what runs; told by several threads."""

    def began(self, trial: Trial) -> None:
        """A trial's process has been started."""

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """A trial says where it stands; see `tenfold.runs.trial.standing`."""

    def ended(self, outcome: Outcome) -> None:
        """A trial's process has ended."""


class TrialPool:
    """Runs trials.

    Parameters
    ----------
    ledger : Ledger
        Where their figures go.
    home : HeldFolder
        The folder that the ledger is in: if it is moved meanwhile, nothing is written in its place.
    options : sequence of str
        What each trial's command is given besides.
    jobs : int
        How many at a time. Each gets its equal share of the cores.
    watcher : Watcher

    Attributes
    ----------
    stopped : bool
        Whether a signal to end came, or the ledger's folder was moved: no other trial is begun.

    Notes
    -----
    joblib's own processes are not used: a killed one takes the others with it, and each is used for many
    trials. Its threads only wait here, each for one trial's process.
    """

    def __init__(
        self, ledger: Ledger, home: HeldFolder, options: Sequence[str], jobs: int, watcher: Watcher
    ) -> None:
        self.ledger, self.home = ledger, home
        self.options, self.jobs, self.watcher = list(options), jobs, watcher
        self._shares: SimpleQueue[set[int] | None] = SimpleQueue()
        for share in shares_of_cores(jobs):
            self._shares.put(share)
        self._running: set[subprocess.Popen[str]] = set()
        self._signals = StopSignals(self._stop)
        self.stopped = False

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """Run trials, and yield what became of each as soon as it has ended.

        After the first Ctrl-C, or another signal to end, those that run save where they are, and no other is
        started. After the second one nothing is waited for.

        Raises
        ------
        MovedError
            If the ledger's folder is no longer where it was; those that run save where they are.
        """
        from joblib import Parallel, delayed

        with storage(self.ledger.trials):
            self.ledger.trials.mkdir(parents=True, exist_ok=True)
        with self._signals:
            parallel = Parallel(self.jobs, backend="threading", batch_size=1, return_as="generator_unordered")
            yield from parallel(delayed(self._run_one)(trial) for trial in trials)

    def _stop(self) -> None:
        self.stopped = True
        for process in list(self._running):
            _tell_to_end(process)

    def _run_one(self, trial: Trial) -> Outcome:
        if self.stopped:
            return self.interrupted(trial)
        try:
            with self._share_of_cores():
                self.home.check()
                self.watcher.began(trial)
                outcome = self._result(trial)
                self.watcher.ended(outcome)
            return outcome
        except BaseException:
            self._stop()  # the other trials must not wait for a command that has ended
            raise

    def _result(self, trial: Trial) -> Outcome:
        try:
            with self._process(trial) as process:
                words = self._listen(trial, process)
                code = process.wait()
        except OSError as error:  # no process to be had
            code, words = StorageError.exit_code, str(storage_error(error))
        return self._outcome(trial, code, words)

    @contextmanager
    def _share_of_cores(self) -> Iterator[None]:
        """Bind this thread to a share of the cores; processes that it starts inherit that."""
        share = self._shares.get()
        if share is not None:
            os.sched_setaffinity(0, share)
        try:
            yield
        finally:
            self._shares.put(share)

    @contextmanager
    def _process(self, trial: Trial) -> Iterator[subprocess.Popen[str]]:
        """Run a trial's process; it ends when its stdin is closed, so also when this process is killed."""
        words = [
            "--seed",
            str(trial.seed),
            "--protocol",
            trial.protocol,
            "--results",
            str(self.ledger.folder),
        ]
        command = [sys.executable, "-m", "tenfold", "run-trial", trial.model, *words, *self.options]
        pipe, merged = subprocess.PIPE, subprocess.STDOUT
        with subprocess.Popen(  # a session of its own: the terminal's Ctrl-C is for us alone
            command, stdin=pipe, stdout=pipe, stderr=merged, text=True, start_new_session=True
        ) as process:
            self._running.add(process)
            if self.stopped:
                _tell_to_end(process)
            try:
                yield process
            finally:
                self._running.discard(process)

    def _listen(self, trial: Trial, process: subprocess.Popen[str]) -> str:
        """Pass on where the trial stands until its process ends; return its last words."""
        words = ""
        for line in process.stdout or ():
            report = _report(line)
            if report is None:
                words = line.strip() or words
            else:
                self.watcher.stands(trial, report)
        return words.removeprefix("error: ")

    def interrupted(self, trial: Trial, code: int = Stopped().exit_code) -> Outcome:
        """Return the outcome of a trial that saved where it was; the command's own signal comes first."""
        number = self._signals.number
        return Outcome(
            trial, "interrupted", code=code if number is None else Stopped(number=number).exit_code
        )

    def _outcome(self, trial: Trial, code: int, words: str) -> Outcome:
        figures = self.ledger.find(trial)
        self.home.check()
        if figures is not None:  # what is written counts, whatever became of the process
            return Outcome(trial, "done", accuracy=figures["accuracy"])
        if code == BusyError.exit_code:
            return Outcome(trial, "busy", words)
        if is_stop_code(code):
            return self.interrupted(trial, code)
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else words or f"exit code {code}"
        with suppress(DataError, StorageError):  # the trial has failed all the same, and others wait
            self.ledger.put_failure(trial, reason)
        return Outcome(trial, "failed", reason, code=code)


def raise_if_interrupted(outcomes: Sequence[Outcome]) -> None:
    """End as the trials were ended, and say which are left.

    Raises
    ------
    Stopped
        If some were interrupted.
    """
    left = [outcome for outcome in outcomes if outcome.ending == "interrupted"]
    if not left:
        return
    number = next(signal_of(outcome.code) for outcome in left if outcome.code is not None)
    names = ", ".join(
        outcome.trial.name for outcome in sorted(left, key=lambda outcome: outcome.trial)[:_NAMED]
    )
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    raise Stopped(
        f"interrupted{signal_suffix(number)}, {len(left)} of {len(outcomes)} trials left ({names}{more}); "
        "the same command resumes them",
        number,
    )


def failure_code(outcomes: Iterable[Outcome]) -> int:
    """Return with which code a command ends whose trials failed: 4 if all did so for want of a disk."""
    codes = {outcome.code for outcome in outcomes if outcome.ending == "failed"}
    return StorageError.exit_code if codes == {StorageError.exit_code} else 1


def shares_of_cores(jobs: int) -> list[set[int] | None]:
    """Return which cores each of so many jobs may use; None stands for all.

    Raises
    ------
    ConfigError
        If there are fewer cores than jobs, or the system cannot bind a process to cores.
    """
    if jobs == 1:
        return [None]
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(
            f"--jobs: expected 1, as this system does not bind a process to cores, got {jobs}; leave it out"
        )
    if jobs > available():
        raise ConfigError(
            f"--jobs: expected at most one for each of {available()} cores, got {jobs}; use fewer"
        )
    cores = sorted(os.sched_getaffinity(0))
    return [set(cores[job::jobs]) for job in range(jobs)]


def _tell_to_end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def _report(line: str) -> dict[str, Any] | None:
    """Return what a trial says of itself, or None if it is something else that its process printed."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
