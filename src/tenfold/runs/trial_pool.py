"""Trials side by side, each in a process of its own, on this machine or on others."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tenfold.errors import BusyError, DataError, StorageError
from tenfold.files import storage
from tenfold.interrupt import Stopped, StopSignals, is_stop_code, signal_of, signal_suffix
from tenfold.resources import Resources
from tenfold.runs.launch.unit import Unit

if TYPE_CHECKING:
    from tenfold.evaluate import Ledger, Trial
    from tenfold.files import HeldFolder
    from tenfold.runs.launch import Exit, Launcher

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


def _as_usual(model: str) -> Resources:
    return Resources()


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
    launcher : Launcher
        Where they run, and how many at a time.
    watcher : Watcher
    resources : callable, optional
        Returns what a trial of a model, by its name, is given on other machines.

    Attributes
    ----------
    stopped : bool
        Whether a signal to end came, or the ledger's folder was moved: no other trial is begun.

    Notes
    -----
    joblib's own processes are not used: a killed one takes the others with it, and each is used for many
    trials. Its threads only wait here, each for one trial.
    """

    def __init__(
        self,
        ledger: Ledger,
        home: HeldFolder,
        options: Sequence[str],
        launcher: Launcher,
        watcher: Watcher,
        resources: Callable[[str], Resources] = _as_usual,
    ) -> None:
        self.ledger, self.home = ledger, home
        self.options, self.launcher, self.watcher = list(options), launcher, watcher
        self._resources = resources
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
            at_once = min(self.launcher.at_once, max(1, len(trials)))
            parallel = Parallel(at_once, backend="threading", batch_size=1, return_as="generator_unordered")
            yield from parallel(delayed(self._run_one)(trial) for trial in trials)

    def _stop(self) -> None:
        self.stopped = True
        self.launcher.stop()

    def _run_one(self, trial: Trial) -> Outcome:
        if self.stopped:
            return self.interrupted(trial)
        try:
            self.home.check()
            self.watcher.began(trial)
            outcome = self._outcome(trial, self.launcher.run(self._unit(trial), _Heard(self.watcher, trial)))
            self.watcher.ended(outcome)
            return outcome
        except BaseException:
            self._stop()  # the other trials must not wait for a command that has ended
            raise

    def _unit(self, trial: Trial) -> Unit:
        words = ["run-trial", trial.model, "--seed", str(trial.seed), "--protocol", trial.protocol]
        return Unit(
            name=trial.name,
            words=(*words, *self.options),
            home=self.ledger.folder,
            option="--results",
            file=self.ledger.figures(trial).relative_to(self.ledger.folder),
            resources=self._resources(trial.model),
            besides=self.ledger.run(trial).relative_to(self.ledger.folder),
        )

    def interrupted(self, trial: Trial, code: int = Stopped().exit_code) -> Outcome:
        """Return the outcome of a trial that saved where it was; the command's own signal comes first."""
        number = self._signals.number
        return Outcome(
            trial, "interrupted", code=code if number is None else Stopped(number=number).exit_code
        )

    def _outcome(self, trial: Trial, end: Exit) -> Outcome:
        figures, code = self.ledger.find(trial), end.code
        self.home.check()
        if figures is not None:  # what is written counts, whatever became of the process
            return Outcome(trial, "done", accuracy=figures["accuracy"])
        if code == BusyError.exit_code:
            return Outcome(trial, "busy", end.words)
        if is_stop_code(code):
            return self.interrupted(trial, code)
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else end.words or f"exit code {code}"
        with suppress(DataError, StorageError):  # the trial has failed all the same, and others wait
            self.ledger.put_failure(trial, reason)
        return Outcome(trial, "failed", reason, code=code)


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
