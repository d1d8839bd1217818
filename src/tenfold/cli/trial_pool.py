"""Trials side by side, each in a process of its own, the cores shared out among them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tenfold.backend.cpu.threads import available
from tenfold.errors import BusyError, ConfigError, DataError
from tenfold.train.interrupt import CtrlC, Interrupted

if TYPE_CHECKING:
    from tenfold.evaluate import Ledger, Trial

Ending = Literal["done", "failed", "busy", "interrupted"]


@dataclass(frozen=True)
class Outcome:
    """What became of a trial: why it failed, or its accuracy."""

    trial: Trial
    ending: Ending
    reason: str | None = None
    accuracy: float | None = None


class Watcher(Protocol):
    """Who shows what runs; told by several threads."""

    def began(self, trial: Trial) -> None:
        """A trial's process has been started."""

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """A trial says where it stands; see `tenfold.cli.trial.standing`."""

    def ended(self, outcome: Outcome) -> None:
        """A trial's process has ended."""


class TrialPool:
    """Runs trials.

    Parameters
    ----------
    ledger : Ledger
        Where their figures go.
    options : sequence of str
        What each trial's command is given besides.
    jobs : int
        How many at a time. Each gets its equal share of the cores.
    watcher : Watcher

    Notes
    -----
    joblib's own processes are not used: a killed one takes the others with it, and each is used for many
    trials. Its threads only wait here, each for one trial's process.
    """

    def __init__(self, ledger: Ledger, options: Sequence[str], jobs: int, watcher: Watcher) -> None:
        self.ledger, self.options, self.jobs, self.watcher = ledger, list(options), jobs, watcher
        self._shares: SimpleQueue[set[int] | None] = SimpleQueue()
        for share in shares_of_cores(jobs):
            self._shares.put(share)
        self._running: set[subprocess.Popen[str]] = set()
        self._stopping = False

    def run(self, trials: Sequence[Trial]) -> Iterator[Outcome]:
        """Run trials, and yield what became of each as soon as it has ended.

        After the first Ctrl-C those that run save where they are, and no other is started. After the
        second one nothing is waited for.
        """
        from joblib import Parallel, delayed

        with CtrlC(self._stop):
            parallel = Parallel(self.jobs, backend="threading", batch_size=1, return_as="generator_unordered")
            yield from parallel(delayed(self._run_one)(trial) for trial in trials)

    def _stop(self) -> None:
        self._stopping = True
        for process in list(self._running):
            _tell_to_end(process)

    def _run_one(self, trial: Trial) -> Outcome:
        if self._stopping:
            return Outcome(trial, "interrupted")
        with self._share_of_cores():
            self.watcher.began(trial)
            with self._process(trial) as process:
                words = self._listen(trial, process)
                outcome = self._outcome(trial, process.wait(), words)
            self.watcher.ended(outcome)
        return outcome

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
            if self._stopping:
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

    def _outcome(self, trial: Trial, code: int, words: str) -> Outcome:
        figures = self.ledger.find(trial)
        if figures is not None:  # what is written counts, whatever became of the process
            return Outcome(trial, "done", accuracy=figures["accuracy"])
        if code == BusyError.exit_code:
            return Outcome(trial, "busy", words)
        if code == Interrupted.exit_code and self._stopping:
            return Outcome(trial, "interrupted")
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else words or f"exit code {code}"
        with suppress(DataError):  # a full disk, say: the trial has failed all the same, and others wait
            self.ledger.put_mark(trial, reason)
        return Outcome(trial, "failed", reason)


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
