"""A search whose trials run side by side: the values of a round are suggested together.

Each trial of a round is a unit of work with a file of its own. So a search with the same number of trials
at a time suggests the same values, wherever it runs and however often it is interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import CheckpointError, TenfoldError
from tenfold.extras import require
from tenfold.files import write_atomically
from tenfold.interrupt import Stopped, StopSignals
from tenfold.resources import Resources
from tenfold.runs.launch.unit import Exit, Unit
from tenfold.runs.search import Search, TrialResult, best
from tenfold.runs.search_space import Value
from tenfold.runs.study import ask, finish, open_study, rerun_unfinished, results
from tenfold.runs.tuning import train, write_best
from tenfold.train import Callback, Progress

if TYPE_CHECKING:
    import optuna

    from tenfold.runs.launch import Launcher

Tell = Callable[[TrialResult, TrialResult | None], None]
_FIGURES = ("state", "accuracy", "epochs", "seconds")
TRIALS = Path("trials")


@dataclass(frozen=True)
class Rounds:
    """How the trials of a search run.

    Attributes
    ----------
    launcher : Launcher
        Its ``at_once`` is the number of trials in a round.
    words : sequence of str
        The options of the search, for the command of one trial.
    resources : Resources
        What each trial is given on other machines.
    notice : callable
        Told what the user should know.
    say : callable
        Told where each trial runs.
    """

    launcher: Launcher
    words: Sequence[str]
    resources: Resources
    notice: Callable[[str], None]
    say: Callable[[str], None]

    def run(self, search: Search, trials: int, folder: Path, tell: Tell) -> list[TrialResult]:
        """Run trials until there are as many as wanted; see `tenfold.runs.tuning.tune`.

        Raises
        ------
        TenfoldError
            If a trial failed; the others of its round are kept.
        Stopped
            After a signal to end.
        """
        require("tuning", "tune", "optuna")
        search.check()
        with open_study(search, folder) as study:
            rerun_unfinished(search, study)
            while (done_before := len(results(study))) < trials:
                for trial, figures in self._round(search, study, done_before, trials, folder):
                    finish(study, trial, figures)
                    done = results(study)
                    tell(done[-1], best(done))
                    write_best(folder, best(done))
            return results(study)

    def _round(
        self, search: Search, study: optuna.Study, done: int, trials: int, folder: Path
    ) -> list[tuple[optuna.Trial, dict[str, Any]]]:
        """Run a round, or the rest of one that was broken off; return its trials and their figures.

        They come in the order in which they were suggested, and only if all of them are done.
        """
        from joblib import Parallel, delayed

        at_once = self.launcher.at_once
        first = done - done % at_once  # of the round, counted over the whole search
        places = range(done - first, min(at_once, trials - first))
        asked = [ask(search, study, first, place) for place in places]
        units = [self._unit(values, folder) for _, values in asked]
        every = {unit.name: unit for unit in units}  # values of a list may be suggested twice
        with StopSignals(self.launcher.stop) as signals:
            parallel = Parallel(len(every), backend="threading", batch_size=1)
            exits = dict(zip(every, parallel(map(delayed(self._exit), every.values())), strict=True))
        if signals.number is not None:
            raise Stopped("interrupted; the same command continues the search", signals.number)
        figures = [_figures(unit, exits[unit.name]) for unit in units]
        return [(trial, found) for (trial, _), found in zip(asked, figures, strict=True)]

    def _exit(self, unit: Unit) -> Exit:
        if (unit.home / unit.file).exists():  # from a round that was interrupted
            return Exit(0)
        return self.launcher.run(unit, _Heard(unit.name, self.notice, self.say))

    def _unit(self, values: dict[str, Value], folder: Path) -> Unit:
        text = dump_json(values).decode().strip()
        name = f"trial-{sha256(text.encode()).hexdigest()[:12]}"
        return Unit(
            name=name,
            words=("run-search", *self.words, "--values", text, "--file", str(TRIALS / f"{name}.json")),
            home=folder,
            option="--out",
            file=TRIALS / f"{name}.json",
            resources=self.resources,
        )


@dataclass(frozen=True)
class _Heard:
    """Passes on what the user should know of a trial."""

    name: str
    notice: Callable[[str], None]
    say: Callable[[str], None]

    def runs_on(self, where: str) -> None:
        self.say(f"{self.name}: {where}")

    def stands(self, report: dict[str, Any]) -> None:
        """Nothing: the end is said."""


def carry_out_search_trial(search: Search, values: dict[str, Value], file: Path) -> None:
    """Run one trial of a round and write its figures."""
    began, epochs = perf_counter(), _CountsEpochs()
    state, accuracy = train(search, values, epochs)
    figures = (state, accuracy, epochs.done, perf_counter() - began)
    file.parent.mkdir(exist_ok=True)
    write_atomically(file, dump_json(dict(zip(_FIGURES, figures, strict=True))))


class _CountsEpochs(Callback):
    done = 0

    def on_epoch_end(self, progress: Progress) -> None:
        self.done = progress.epoch


def _figures(unit: Unit, end: Exit) -> dict[str, Any]:
    """Return what a trial has written.

    Raises
    ------
    TenfoldError
        If it failed.
    """
    path = unit.home / unit.file
    if not path.exists():
        raise TenfoldError(
            f"{unit.name}: expected its figures, found none ({end.words or f'exit code {end.code}'}); give "
            "the same command again to run it again"
        )
    found = read_json(path)
    if not isinstance(found, dict) or set(found) != set(_FIGURES):
        raise CheckpointError(f"{path}: expected the figures of a trial, found others; remove it")
    return found
