"""A search for better options of a recipe: many short trainings, compared on held-out images by Optuna."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError, DivergedError
from tenfold.evaluate.wording import command
from tenfold.extras import require
from tenfold.files import shown, write_atomically
from tenfold.predict import RECORD, UNFINISHED
from tenfold.runs.models import network_option
from tenfold.runs.search import Search, TrialResult, best
from tenfold.runs.search_space import Value
from tenfold.runs.study import ask, finish, open_study, rerun_unfinished, results, run_again
from tenfold.train import Callback, Progress
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo import NetworkModel

if TYPE_CHECKING:
    import optuna

    from tenfold.train import History

TUNING = Path("tuning")
FORMAT = 1
BEST = "best.toml"


def tune(
    search: Search, trials: int, folder: Path, tell: Callable[[TrialResult, TrialResult | None], None]
) -> list[TrialResult]:
    """Run trials until there are as many as wanted, counting those in the folder's journal.

    A search that was interrupted or killed continues: a trial that was not finished is run again, and the
    suggestions are those of a search without a break.

    Parameters
    ----------
    search : Search
    trials : int
    folder : Path
        It exists, and this process holds it.
    tell : callable
        Called after each trial with its result and the best one so far.

    Returns
    -------
    list of TrialResult
        All of the study, in order.

    Raises
    ------
    ConfigError
        If the folder holds another search, or Optuna is not installed.
    Interrupted
        After a signal to end.
    """
    require("tuning", "tune", "optuna")
    search.check()
    with open_study(search, folder) as study:
        rerun_unfinished(search, study)
        while len(results(study)) < trials:
            _run(search, study)
            done = results(study)
            tell(done[-1], best(done))
            write_best(folder, best(done))
        return results(study)


def default_folder(search: Search) -> Path:
    """Return a folder below ``tuning`` for each model and data set, the same each time."""
    corpus = search.corpus.name
    return TUNING / (search.entry.name if corpus == "mnist" else f"{search.entry.name}-{corpus}")


def refuse_a_run(folder: Path) -> None:
    """Refuse a folder that a training filled: a search has one of its own.

    Raises
    ------
    ConfigError
    """
    for name in (RECORD, UNFINISHED, CHECKPOINTS):
        if os.path.lexists(folder / name):
            raise ConfigError(
                f"{shown(folder)}: expected a new folder, an empty one or that of a search, found a run "
                f"({name}); choose another with --out"
            )


def next_step(search: Search, folder: Path) -> str:
    """Return the command that trains with the best values."""
    network = network_option(search.entry.origin)
    options = {
        "--network": network,
        "--config": folder / BEST,
        "--data": search.source,
        "--epochs": search.epochs,
    }
    return command("tenfold", "train", *([] if network else [search.entry.name]), options=options)


def record(search: Search, results: Sequence[TrialResult], folder: Path) -> dict[str, Any]:
    """Return the outcome as JSON values."""
    top = best(results)
    found = search.prepared({})
    return {
        "format": FORMAT,
        "model": search.entry.name,
        "dataset": search.corpus.name,
        "dataset_sha256": search.corpus.sha256,
        "seed": search.seed,
        "epochs": found.model.known_recipe().epochs,
        "train_images": len(found.splits.train),
        "held_out_images": len(found.splits.held_out or ()),
        "search": [str(option) for option in search.space],
        "trials": [asdict(one) for one in results],
        "best": None if top is None else asdict(top),
        "train": next_step(search, folder),
    }


def train(search: Search, values: dict[str, Value], watcher: Callback) -> tuple[str, float | None]:
    """Train with these values; return how it ended, see `TrialResult`, and the accuracy."""
    given = search.prepared(values)
    try:
        history = NetworkModel.fit(
            given.model,
            given.splits.train,
            validation=given.splits.held_out,
            seed=search.seed,
            held_out=given.splits.what,
            callbacks=[watcher],
        )
    except DivergedError:
        return "diverged", None
    return "stopped early" if history.stopped == _Pruning.REASON else "complete", _accuracy(history)


def _run(search: Search, study: optuna.Study) -> None:
    """Run one trial."""
    trial, values = ask(search, study, len(results(study)))
    began, watcher = perf_counter(), _Pruning(trial)
    try:
        state, accuracy = train(search, values, watcher)
    except KeyboardInterrupt:
        run_again(search, study, trial.number)
        raise
    seconds = perf_counter() - began
    finish(study, trial, {"state": state, "accuracy": accuracy, "epochs": watcher.epochs, "seconds": seconds})


class _Pruning(Callback):
    """Stops a trial whose accuracy is below the median of the earlier trials at the same epoch."""

    REASON = "stopped early: below the median of the earlier trials"

    def __init__(self, trial: optuna.Trial) -> None:
        self._trial, self.epochs = trial, 0

    def on_epoch_end(self, progress: Progress) -> None:
        self.epochs = progress.epoch
        accuracy = progress.history.rows[-1].validation_accuracy
        self._trial.report(0.0 if accuracy is None else accuracy, progress.epoch)
        if progress.epoch < progress.epochs and self._trial.should_prune():
            progress.stop = self.REASON


def _accuracy(history: History) -> float | None:
    """Return the accuracy on the held-out images, of the chosen epoch or the last one."""
    return history.rows[(history.chosen_epoch or len(history.rows)) - 1].validation_accuracy


def write_best(folder: Path, found: TrialResult | None) -> None:
    """Write the best values as a file of changes for ``--config``."""
    if found is None:
        return
    lines = [f"{name} = {dump_json(value).decode().strip()}\n" for name, value in found.values.items()]
    write_atomically(folder / BEST, "".join(lines).encode())
