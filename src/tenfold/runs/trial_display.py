"""Trials watched by a person: a live table on a terminal, plain lines for a pipe or a log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from tenfold.evaluate.wording import percent

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tenfold.evaluate import Trial
    from tenfold.runs.trial_pool import Outcome

Say = Callable[[str], None]
_SECONDS_BETWEEN_LINES = 30.0


class NoWatcher:
    """Shows nothing but failures.

    Parameters
    ----------
    complain : callable
        Told in one line why a trial was not done.
    """

    def __init__(self, complain: Say) -> None:
        self._complain = complain

    def began(self, trial: Trial) -> None:
        """Nothing."""

    def runs_on(self, trial: Trial, where: str) -> None:
        """Nothing."""

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """Nothing."""

    def notice(self, line: str) -> None:
        """Print it, even if progress is not printed."""
        self._complain(line)

    def ended(self, outcome: Outcome) -> None:
        """Print why a trial was not done, even if progress is not printed."""
        if outcome.ending in ("failed", "busy"):
            self._complain(ending(outcome))

    def close(self) -> None:
        """Nothing."""


class PlainTrials(NoWatcher):
    """Says in a line when a trial begins and ends, and now and then where it stands.

    Parameters
    ----------
    say : callable
        Told each line.
    """

    def __init__(self, say: Say) -> None:
        super().__init__(complain=say)
        self._say = say
        self._spoken: dict[Trial, float] = {}

    def began(self, trial: Trial) -> None:
        """Say that a trial has begun."""
        self._spoken[trial] = monotonic()
        self._say(f"{called(trial)}: begun")

    def runs_on(self, trial: Trial, where: str) -> None:
        """Say where it runs."""
        self._say(f"{called(trial)}: {where}")

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """Say where it stands, if nothing was said for a while."""
        if monotonic() - self._spoken[trial] > _SECONDS_BETWEEN_LINES:
            self._spoken[trial] = monotonic()
            self._say(f"{called(trial)}: epoch {', '.join(cells(report))} left")

    def ended(self, outcome: Outcome) -> None:
        """Say how it ended."""
        self._say(ending(outcome))


class LiveTrials(NoWatcher):
    """Shows a table of the trials that run; a line is left for each that has ended.

    Parameters
    ----------
    waiting : int
        How many trials there are to run.
    console : rich.console.Console
        Where to.
    """

    def __init__(self, waiting: int, console: Console) -> None:
        from rich.live import Live

        super().__init__(complain=console.print)
        self.waiting = waiting
        self._rows: dict[Trial, dict[str, Any] | None] = {}
        self._where: dict[Trial, str] = {}
        self._lock = threading.Lock()
        self._live = Live(get_renderable=self._table, console=console, transient=True, refresh_per_second=4)
        self._live.start()

    def began(self, trial: Trial) -> None:
        """Add a row."""
        with self._lock:
            self.waiting -= 1
            self._rows[trial] = None

    def runs_on(self, trial: Trial, where: str) -> None:
        """Change where it runs; what was said before is of another attempt."""
        with self._lock:
            self._where[trial] = where
            self._rows[trial] = None

    def stands(self, trial: Trial, report: dict[str, Any]) -> None:
        """Change a row."""
        with self._lock:
            self._rows[trial] = report

    def ended(self, outcome: Outcome) -> None:
        """Take a row away and leave a line."""
        with self._lock:
            self._rows.pop(outcome.trial, None)
            self._where.pop(outcome.trial, None)
        self._live.console.print(ending(outcome), soft_wrap=True)

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()

    def _table(self) -> Table:
        from rich import box
        from rich.table import Table

        with self._lock:
            rows, places, waiting = dict(self._rows), dict(self._where), self.waiting
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=f"{len(rows)} running, {waiting} to come")
        for name in ("model", "protocol", "seed", "epoch", "accuracy", "images/s", "left"):
            table.add_column(name, justify="left" if name in ("model", "protocol") else "right")
        if places:
            table.add_column("where", overflow="fold")
        for trial, report in rows.items():
            shown = ("starting", "", "", "") if report is None else cells(report)
            there = [places.get(trial, "")] if places else []
            table.add_row(trial.model, trial.protocol, str(trial.seed), *shown, *there)
        return table


def called(trial: Trial) -> str:
    """Return a trial in words."""
    return f"{trial.model}, {trial.protocol} protocol, seed {trial.seed}"


def ending(outcome: Outcome) -> str:
    """Return how a trial ended, in one line."""
    parts = [called(outcome.trial), outcome.ending]
    if outcome.accuracy is not None:
        parts.append(percent(outcome.accuracy))
    return ": ".join([*parts, *([outcome.reason] if outcome.reason else [])])


def cells(report: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return epoch, accuracy, images a second and time left of a trial that runs."""
    from tenfold.train.display import duration

    left = "-" if report["left"] is None else duration(report["left"])
    rate = f"{report['rate']:,.0f}"
    return f"{report['epoch']}/{report['epochs']}", percent(report["accuracy"]), rate, left
