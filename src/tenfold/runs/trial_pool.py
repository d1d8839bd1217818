"""Trials side by side, each in a process of its own, on this machine or on others."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tenfold.errors import BusyError, DataError, StorageError
from tenfold.files import storage
from tenfold.interrupt import Stopped, StopSignals, is_stop_code, signal_of, signal_suffix

if TYPE_CHECKING:
    from tenfold.evaluate import Trial
    from tenfold.files import HeldFolder
    from tenfold.runs.launch import Exit, Launcher, Unit
    from tenfold.runs.trial_units import TrialUnits

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
        """A trial has been given to the launcher."""

    def runs_on(self, trial: Trial, where: str) -> None:
        """Another machine runs a trial, or it waits for one."""

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """A trial says where it stands; see `tenfold.runs.trial.standing`."""

    def notice(self, line: str) -> None:
        """Something that the user should know."""

    def ended(self, outcome: Outcome) -> None:
        """A trial's process has ended."""


class TrialPool:
    """Runs trials.

    Parameters
    ----------
    units : TrialUnits
        Makes the commands; their ledger is where the figures go.
    home : HeldFolder
        The folder that the ledger is in: if it is moved meanwhile, nothing is written in its place.
    launcher : Launcher
        Where they run, and how many at a time.
    watcher : Watcher

    Attributes
    ----------
    stopped : bool
        Whether a signal to end came, or the ledger's folder was moved: no other trial is begun.

    Notes
    -----
    Where units run side by side, the members of an ensemble are trained each by one of its own; when the last
    one has ended, the trial's unit joins them.

    joblib's own processes are not used: a killed one takes the others with it, and each is used for many
    trials. Its threads only wait here, each for one unit.
    """

    def __init__(self, units: TrialUnits, home: HeldFolder, launcher: Launcher, watcher: Watcher) -> None:
        self.units, self.ledger, self.home = units, units.ledger, home
        self.launcher, self.watcher = launcher, watcher
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
            tasks = [task for trial in trials for task in self._tasks(trial)]
            at_once = min(self.launcher.at_once, max(1, len(tasks)))
            parallel = Parallel(at_once, backend="threading", batch_size=1, return_as="generator_unordered")
            yield from filter(None, parallel(delayed(task)() for task in tasks))

    def _stop(self) -> None:
        self.stopped = True
        self.launcher.stop()

    def _tasks(self, trial: Trial) -> list[Callable[[], Outcome | None]]:
        """Return what is to be done for a trial, each for a thread; one of them returns what became of it."""
        names = self.units.members(trial)
        ended = _Ended(len(names))
        return [partial(self._run_member, trial, name, ended) for name in names] or [
            partial(self._run_whole, trial)
        ]

    def _run_member(self, trial: Trial, name: str, ended: _Ended) -> Outcome | None:
        """Train a member; the last one has the trial's unit run, unless one was not trained."""
        unit = self.units.member(trial, name)
        member = replace(trial, model=f"{trial.model}: {name}")
        if (unit.home / unit.file).exists():
            found = Outcome(member, "done")
        else:
            found = self._run(member, unit, self._member_outcome)
        every = ended.add(found)
        if every is None:
            return None
        return next((self._left(trial, one) for one in every if one.ending != "done"), None) or (
            self._run_whole(trial)
        )

    def _run_whole(self, trial: Trial) -> Outcome:
        return self._run(trial, self.units.whole(trial), self._outcome)

    def _run(self, trial: Trial, unit: Unit, outcome: Callable[[Trial, Exit], Outcome]) -> Outcome:
        if self.stopped:
            return self.interrupted(trial)
        try:
            self.home.check()
            self.watcher.began(trial)
            found = outcome(trial, self.launcher.run(unit, _Heard(self.watcher, trial)))
            self.watcher.ended(found)
            return found
        except BaseException:
            self._stop()  # the other trials must not wait for a command that has ended
            raise

    def interrupted(self, trial: Trial, code: int = Stopped().exit_code) -> Outcome:
        """Return the outcome of a trial that saved where it was; the command's own signal comes first."""
        number = self._signals.number
        return Outcome(
            trial, "interrupted", code=code if number is None else Stopped(number=number).exit_code
        )

    def _outcome(self, trial: Trial, end: Exit) -> Outcome:
        figures = self.ledger.find(trial)
        self.home.check()
        if figures is not None:  # what is written counts, whatever became of the process
            return Outcome(trial, "done", accuracy=figures["accuracy"])
        return self._marked(self._not_done(trial, end))

    def _member_outcome(self, member: Trial, end: Exit) -> Outcome:
        return Outcome(member, "done") if end.code == 0 else self._not_done(member, end)

    def _not_done(self, trial: Trial, end: Exit) -> Outcome:
        code = end.code
        if code == BusyError.exit_code:
            return Outcome(trial, "busy", end.words)
        if is_stop_code(code):
            return self.interrupted(trial, code)
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else end.words or f"exit code {code}"
        return Outcome(trial, "failed", reason, code=code)

    def _left(self, trial: Trial, member: Outcome) -> Outcome:
        """Return the outcome of a trial with a member that was not trained."""
        reason = None if member.reason is None else f"{member.trial.model}: {member.reason}"
        found = self._marked(replace(member, trial=trial, reason=reason))
        self.watcher.ended(found)
        return found

    def _marked(self, found: Outcome) -> Outcome:
        """Mark a trial in the ledger if it has failed."""
        if found.ending == "failed":
            with suppress(DataError, StorageError):  # the trial has failed all the same, and others wait
                self.ledger.put_failure(found.trial, found.reason or "")
        return found


class _Ended:
    """What became of the members of an ensemble, told by several threads."""

    def __init__(self, count: int) -> None:
        self._count, self._found, self._lock = count, list[Outcome](), Lock()

    def add(self, outcome: Outcome) -> list[Outcome] | None:
        """Note one; return all once it is the last, those that a signal ended first."""
        with self._lock:
            self._found.append(outcome)
            every = sorted(self._found, key=lambda one: one.ending != "interrupted")
            return every if len(every) == self._count else None


@dataclass(frozen=True)
class _Heard:
    """Passes on to a pool's watcher what a launcher says of one trial."""

    watcher: Watcher
    trial: Trial

    def runs_on(self, where: str) -> None:
        self.watcher.runs_on(self.trial, where)

    def stands(self, report: dict[str, Any]) -> None:
        self.watcher.stands(self.trial, report)

    def notice(self, line: str) -> None:
        self.watcher.notice(line)


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
