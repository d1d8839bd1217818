"""The study of a search: Optuna's journal, which suggests values and remembers what became of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import CheckpointError, ConfigError, TenfoldError
from tenfold.files import storage as storage_of
from tenfold.files import write_atomically
from tenfold.quoting import message
from tenfold.runs.search import Search, TrialResult
from tenfold.runs.search_space import Value

if TYPE_CHECKING:
    import optuna

JOURNAL = "journal.log"
_STARTUP = 5  # trials before any is stopped early


@contextmanager
def open_study(search: Search, folder: Path) -> Iterator[optuna.Study]:
    """Open the folder's study, or begin one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna calls parts of its interface experimental
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        _drop_half_a_line(folder / JOURNAL)
        epochs = search.prepared({}).model.known_recipe().epochs
        pruner = optuna.pruners.MedianPruner(_STARTUP, n_warmup_steps=1 + max(1, epochs // 5))
        options: dict[str, Any] = {"direction": "maximize", "pruner": pruner, "load_if_exists": True}
        try:
            storage = _storage(folder / JOURNAL)
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


def _storage(journal: Path) -> optuna.storages.JournalStorage:
    """Open a journal without Optuna's lock.

    The lock is a file, which a killed process leaves behind. The next process would wait for it, and for
    ever where the path is relative. The process that holds the folder is the only one that writes.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class NoLock(JournalFileOpenLock):
        def acquire(self) -> bool:
            return True

        def release(self) -> None:
            pass

    return JournalStorage(JournalFileBackend(str(journal), NoLock(str(journal))))


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


def rerun_unfinished(search: Search, study: optuna.Study) -> None:
    """Have trials that were not finished run again, first."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        run_again(search, study, trial.number)


def run_again(search: Search, study: optuna.Study, number: int) -> None:
    """Give up a trial, and have its values tried again, first.

    A trial that has not got all its values is only given up: they are suggested again, and are the same. The
    values are enqueued first, so that a process that is killed in between loses none.
    """
    from optuna.trial import TrialState

    trial = study.get_trials(deepcopy=False)[number]
    values = _fixed(trial) | trial.params
    waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
    if len(values) == len(search.space) and values not in map(_fixed, waiting):
        study.enqueue_trial(values)
    study.tell(number, state=TrialState.FAIL)


def _fixed(trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
    """Return the values that a trial was enqueued with, before they are suggested."""
    return dict(trial.system_attrs.get("fixed_params", {}))


def ask(
    search: Search, study: optuna.Study, done: int, place: int = 0
) -> tuple[optuna.Trial, dict[str, Value]]:
    """Return a new trial and its values.

    Parameters
    ----------
    search : Search
    study : optuna.Study
    done : int
        How many trials were done when it was asked for, with those that run at the same time.
    place : int
        Its place among them.
    """
    import optuna

    # A new sampler for each, so that the suggestions do not depend on where the search was interrupted.
    what = f"{search.seed} {done}" + (f" {place}" if place else "")
    seed = int.from_bytes(sha256(what.encode()).digest()[:4], "big")
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    trial = study.ask()
    return trial, {option.name: option.suggest(trial) for option in search.space}


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


def finish(study: optuna.Study, trial: optuna.Trial, told: dict[str, Any]) -> None:
    """Tell the study what became of a trial: state, accuracy, epochs and seconds."""
    from optuna.trial import TrialState

    for name, value in told.items():
        trial.set_user_attr(name, value)
    if told["state"] == "complete":
        study.tell(trial, told["accuracy"])
    else:  # to Optuna a divergence is a bad trial as well, not one that tells nothing
        study.tell(trial, state=TrialState.PRUNED)
