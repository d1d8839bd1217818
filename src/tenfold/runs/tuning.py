"""A search for better options of a recipe: many short trainings, compared on held-out images by Optuna."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import dump_json
from tenfold.errors import CheckpointError, ConfigError, DivergedError, TenfoldError
from tenfold.evaluate.wording import command
from tenfold.extras import require
from tenfold.files import shown, write_atomically
from tenfold.files import storage as storage_of
from tenfold.predict import RECORD, UNFINISHED
from tenfold.quoting import message
from tenfold.runs.job import Job, Prepared, prepared
from tenfold.runs.models import network_option
from tenfold.runs.overrides import merged
from tenfold.runs.protocol import Protocol
from tenfold.runs.search_space import Option, Value, as_settings, check_names
from tenfold.train import Callback, Progress
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo import NetworkModel, Splits, digest, hold_out
from tenfold.zoo.changes import changed

if TYPE_CHECKING:
    import optuna

    from tenfold.data import Corpus
    from tenfold.train import History, Recipe
    from tenfold.zoo import Trainable

TUNING = Path("tuning")
FORMAT = 1
JOURNAL = "journal.log"
BEST = "best.toml"
_STARTUP = 5  # trials before any is stopped early


@dataclass(frozen=True)
class Search:
    """What is searched, on what.

    Attributes
    ----------
    entry : Trainable
        A network with its recipe.
    corpus : Corpus
        The test images are not used.
    space : tuple of Option
    seed : int
        Of the held-out images, of every training, and of the suggestions.
    epochs : int or None
        In place of the recipe's.
    source : str or None
        Where the corpus is, as it was given.
    """

    entry: Trainable
    corpus: Corpus
    space: tuple[Option, ...]
    seed: int = 0
    epochs: int | None = None
    source: str | None = None

    @property
    def name(self) -> str:
        """Names the study in the journal; whatever decides the outcome of a trial is in it."""
        space = " ".join(map(str, self.space))
        what = f"{digest(self.entry, self.epochs)} {self.corpus.sha256} {self.seed} {space}"
        code = (self.entry.origin or {}).get("sha256")  # of the user's file: what its layers compute
        what += f" {code}" if code else ""
        return f"{self.entry.name}-{sha256(what.encode()).hexdigest()[:12]}"

    def check(self) -> None:
        """Refuse, before anything is trained, options that the network does not have.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            For a name or a value that cannot be used.
        """
        check_names(self.space)
        for option in self.space:
            for value in option.ends:
                self.changed({option.name: value})
        if self.epochs is not None and any(option.name == "recipe.epochs" for option in self.space):
            raise ConfigError(
                f"--epochs: expected it only where the epochs are not searched, got {self.epochs} and "
                "--search epochs=...; leave one of them out"
            )

    @property
    def present(self) -> dict[str, Value]:
        """The recipe's own values that are in the space: the first trial gets them."""
        recipe = self.entry.recipe() if self.entry.recipe else None
        own = {option.name: present(recipe, option.name) for option in self.space}
        return {option.name: own[option.name] for option in self.space if option.holds(own[option.name])}

    def changed(self, values: dict[str, Value]) -> Trainable:
        """Return the entry with these values of its options."""
        return changed(self.entry, merged(*as_settings(values)))

    def prepared(self, values: dict[str, Value]) -> Prepared:
        """Return what a trial is given: its network, and always held-out images."""
        job = Job(
            self.changed(values), self.corpus, Protocol.honest, self.seed, self.epochs, Path(), made_by="tune"
        )
        given = prepared(job)
        if given.splits.held_out is None:
            splits = Splits(*hold_out(given.splits.train, self.seed), "validation")
            given = given._replace(splits=splits)
        return given


def present(recipe: Recipe | None, name: str) -> Any:
    """Return the value that an option of a recipe has; ``None`` for others."""
    table, *path = name.split(".")
    value = recipe if table == "recipe" else None
    for part in ["optimizer", "learning_rate"] if path == ["learning_rate"] else path:
        value = getattr(value, part, None)
    return value


@dataclass(frozen=True)
class TrialResult:
    """What became of a trial.

    Attributes
    ----------
    number : int
    values : dict
        By the names of the options.
    state : {"complete", "stopped early", "diverged"}
    accuracy : float or None
        On the held-out images, of the epoch that the recipe chooses, or of the last one.
    epochs : int
    seconds : float
    """

    number: int
    values: dict[str, Value]
    state: str
    accuracy: float | None
    epochs: int
    seconds: float


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
        rerun_unfinished(study)
        while len(results(study)) < trials:
            _run(search, study)
            done = results(study)
            tell(done[-1], best(done))
            write_best(folder, best(done))
        return results(study)


def searchable(entry: Trainable) -> tuple[Trainable, Recipe]:
    """Return the entry and its recipe, if it is a network.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if entry.recipe is None:
        raise ConfigError(
            f"{entry.name}: expected a network with a recipe, got a model without one; choose a network, "
            "see `tenfold models`"
        )
    return entry, entry.recipe()


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


def best(results: Sequence[TrialResult]) -> TrialResult | None:
    """Return the complete trial with the highest accuracy; of equals, the first."""
    complete = [one for one in results if one.state == "complete" and one.accuracy is not None]
    return max(complete, key=lambda one: one.accuracy or 0.0, default=None)


def results(study: optuna.Study) -> list[TrialResult]:
    """Return the finished trials of a study; those that were broken off are FAIL, and run again."""
    from optuna.trial import TrialState

    return [
        TrialResult(
            trial.number,
            dict(trial.params),
            trial.user_attrs["state"],
            trial.user_attrs["accuracy"],
            trial.user_attrs["epochs"],
            trial.user_attrs["seconds"],
        )
        for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    ]


@contextmanager
def open_study(search: Search, folder: Path) -> Iterator[optuna.Study]:
    """Open the folder's study, or begin one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna calls parts of its interface experimental
        import optuna
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        _drop_half_a_line(folder / JOURNAL)
        epochs = search.prepared({}).model.known_recipe().epochs
        pruner = optuna.pruners.MedianPruner(_STARTUP, n_warmup_steps=1 + max(1, epochs // 5))
        options: dict[str, Any] = {"direction": "maximize", "pruner": pruner, "load_if_exists": True}
        try:
            storage = optuna.storages.JournalStorage(JournalFileBackend(str(folder / JOURNAL)))
            _refuse_others(optuna.get_all_study_names(storage), search, folder)
            study = optuna.create_study(storage=storage, study_name=search.name, **options)
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, TenfoldError):
                raise
            raise CheckpointError(
                f"{folder / JOURNAL}: expected the journal of a search, found a damaged file "
                f"({message(error, 60)}); remove it to begin again"
            ) from error
        if not study.get_trials(deepcopy=False):
            study.enqueue_trial(search.present)
        yield study


def _refuse_others(names: Sequence[str], search: Search, folder: Path) -> None:
    """Refuse a folder that holds another search."""
    others = [name for name in names if name != search.name]
    if others:
        raise ConfigError(
            f"{folder}: expected no search, or this one, found another "
            f"(of {others[0].rpartition('-')[0]}, with other options, data, epochs, seed or code); "
            "choose another folder with --out"
        )


def _drop_half_a_line(journal: Path) -> None:
    """Remove the end of a journal that a killed process began to write: Optuna would append to it."""
    with storage_of(journal):
        content = journal.read_bytes() if journal.exists() else b""
        if not content.endswith(b"\n"):
            write_atomically(journal, content[: content.rfind(b"\n") + 1])


def rerun_unfinished(study: optuna.Study) -> None:
    """Have trials that were not finished run again, first."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)


def ask(search: Search, study: optuna.Study, place: int = 0) -> tuple[optuna.Trial, dict[str, Value]]:
    """Return a new trial and its values; ``place`` tells those apart that are asked for together."""
    import optuna

    # A new sampler for each, so that the suggestions do not depend on where the search was interrupted.
    what = f"{search.seed} {len(results(study))}" + (f" {place}" if place else "")
    seed = int.from_bytes(sha256(what.encode()).digest()[:4], "big")
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    trial = study.ask()
    return trial, {option.name: option.suggest(trial) for option in search.space}


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


def finish(study: optuna.Study, trial: optuna.Trial, told: dict[str, Any]) -> None:
    """Tell the study what became of a trial: state, accuracy, epochs and seconds."""
    from optuna.trial import TrialState

    for name, value in told.items():
        trial.set_user_attr(name, value)
    if told["state"] == "complete":
        study.tell(trial, told["accuracy"])
    else:  # to Optuna a divergence is a bad trial as well, not one that tells nothing
        study.tell(trial, state=TrialState.PRUNED)


def _run(search: Search, study: optuna.Study) -> None:
    """Run one trial."""
    from optuna.trial import TrialState

    trial, values = ask(search, study)
    began, watcher = perf_counter(), _Pruning(trial)
    try:
        state, accuracy = train(search, values, watcher)
    except KeyboardInterrupt:
        study.tell(trial, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
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
