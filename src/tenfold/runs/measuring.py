"""Trials gathered in a ledger: which are there already, the others run, all of them as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import BusyError, ConfigError, DataError, StorageError
from tenfold.evaluate import Ledger
from tenfold.evaluate.tables import Table
from tenfold.evaluate.tables.overview import other_data
from tenfold.evaluate.wording import percent, percent_range
from tenfold.files.named_folders import held, make_folder
from tenfold.runs.models import Models
from tenfold.runs.trial_pool import Outcome, TrialPool, failure_code, raise_if_interrupted
from tenfold.runs.trial_units import TrialUnits
from tenfold.zoo import digest, fitted_to, measured
from tenfold.zoo.entry import MNIST

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Trial
    from tenfold.runs.launch import Choice
    from tenfold.runs.trial_display import NoWatcher
    from tenfold.zoo import Entry

RESULTS = Path("results")
COLUMNS = ("model", "protocol", "trials", "accuracy", "deviation", "95 % interval of the mean")


def is_there(
    ledger: Ledger, trial: Trial, corpus: Corpus, epochs: int | None, models: Models | None = None
) -> bool:
    """Return whether the ledger holds a trial already; ``models`` are those that have a name.

    Raises
    ------
    ConfigError
        If it holds one of another network, recipe or data.
    """
    found, wanted = ledger.find(trial), (models or Models()).entry(trial.model)
    asked = {
        "dataset_sha256": corpus.sha256,
        "epochs_planned": _planned(wanted, epochs),
        "digest": digest(fitted_to(wanted, corpus.train), epochs),
    }
    for key, now in asked.items():
        if found is not None and found.get(key) != now:
            why = " (another network, recipe or choice)" if key == "digest" else ""
            raise ConfigError(
                f"{ledger.folder}: expected {trial.name} with {key} = {now}, found {found.get(key)}{why}; "
                "remove the old trials, or choose another folder with --results"
            )
    return found is not None


def changed_files(ledger: Ledger, wanted: Iterable[Trial], models: Models) -> list[str]:
    """Return a line for each file of a network that has changed since trials in the ledger were run."""
    lines = []
    for trial in wanted:
        source = models.entry(trial.model).origin or {}
        before = (ledger.find(trial) or {}).get("source") or {}
        if "sha256" in before and before["sha256"] != source.get("sha256"):
            lines.append(
                f"{source.get('file')} has changed since trials of {trial.model} were run, which are kept; "
                "choose another folder with --results to run them again"
            )
    return list(dict.fromkeys(lines))


def _planned(found: Entry, epochs: int | None) -> int | None:
    """Return how many epochs a trial is to have; None for an ensemble and for a model fitted at once."""
    if epochs is not None and not found.in_epochs:
        raise ConfigError(f"{found.name}: expected no --epochs, it is fitted at once; leave the option out")
    if found.recipe is None:
        return None  # each member of an ensemble has its own; they are in the digest
    return found.recipe().epochs if epochs is None else epochs


@dataclass(frozen=True)
class MeasuredTrials:
    """Trials that a ledger holds now, and what became of those that were run."""

    ledger: Ledger
    wanted: Sequence[Trial]
    outcomes: Sequence[Outcome]
    files: dict[tuple[str, str], Path]

    @property
    def exit_code(self) -> int:
        """With which code a command ends."""
        endings = {outcome.ending for outcome in self.outcomes}
        if "failed" in endings:
            return failure_code(self.outcomes)
        return BusyError.exit_code if "busy" in endings else 0

    def to_dict(self) -> dict[str, Any]:
        """Return what became of the trials, and what the ledger holds of them, as JSON values."""
        ends = {outcome.trial: outcome for outcome in self.outcomes}
        rows = []
        for trial in self.wanted:
            outcome, figures = ends.get(trial), self.ledger.find(trial)
            rows.append(
                asdict(trial)
                | {
                    "ending": "there" if outcome is None else outcome.ending,
                    "reason": None if outcome is None else outcome.reason,
                    "accuracy": None if figures is None else figures["accuracy"],
                }
            )
        files = [str(path) for path in self.files.values()]
        return {"results": str(self.ledger.folder), "trials": rows, "files": files}

    def table(self) -> Table:
        """Return what the ledger holds of each model."""
        rows = tuple(gathered_row(*kind, path) for kind, path in self.files.items())
        return Table(str(self.ledger.folder), COLUMNS, rows, left=(0, 1, 5))


def measure(
    wanted: Sequence[Trial],
    ledger: Ledger,
    corpus: Corpus,
    epochs: int | None,
    models: Models,
    place: Choice,
    options: Sequence[str],
    watch: Callable[[int], NoWatcher],
    notice: Callable[[str], None],
) -> MeasuredTrials:
    """Run the trials that a ledger does not hold yet, each gathered as soon as it is done.

    ``options`` are given to each trial's command besides; ``watch`` returns who shows a number of units.

    Raises
    ------
    ConfigError
        If the ledger holds trials of another network, recipe or data.
    Stopped
        After a signal to end.
    """
    missing = [trial for trial in wanted if not is_there(ledger, trial, corpus, epochs, models)]
    for line in changed_files(ledger, wanted, models):
        notice(line)
    units = TrialUnits(ledger, [*options, *models.options], place, models.entry)
    with (
        held(ledger.folder, "--results") as home,
        place.launcher() as launcher,
        closing(watch(units.count(missing))) as watcher,
    ):
        outcomes = _run_all(TrialPool(units, home, launcher, watcher), ledger, missing)
    kinds = dict.fromkeys((trial.model, trial.protocol) for trial in wanted)
    files = {kind: path for kind in kinds if (path := ledger.gather(*kind)) is not None}
    return MeasuredTrials(ledger, wanted, outcomes, files)


def ledger_in(results: Path | None, corpus: Corpus, epochs: int | None, *, own: bool) -> Ledger:
    """Return the ledger of a results folder; figures that must not be mixed with ours need one of their own.

    Raises
    ------
    ConfigError, StorageError
        If none is named for these, or it cannot be made.
    """
    if results is None and (own or corpus.name != MNIST or epochs is not None):
        what = "of your own network" if own else f"on {corpus.name}" if epochs is None else "with --epochs"
        raise ConfigError(
            f"{RESULTS}/: expected whole trials on mnist, got trials {what}; choose a folder with --results"
        )
    folder = results or RESULTS
    make_folder(folder / "trials", "--results")
    return Ledger(folder)


def _run_all(pool: TrialPool, ledger: Ledger, missing: Sequence[Trial]) -> list[Outcome]:
    outcomes = []
    for outcome in pool.run(missing):
        outcomes.append(outcome)
        if outcome.ending == "done":
            with suppress(
                DataError, StorageError
            ):  # said at the end, when all is gathered again; others wait
                ledger.gather(outcome.trial.model, outcome.trial.protocol)
    raise_if_interrupted(outcomes)
    return outcomes


def gathered_row(model: str, protocol: str, path: Path) -> tuple[str, ...]:
    """Return what a ledger's file says of a model, under `COLUMNS`."""
    found = measured(path.stem, [path.parent])
    if found is None:
        return model, protocol, "0", "-", "-", "-"
    accuracy = found.accuracy
    sd = "-" if accuracy.sd is None else f"{100 * accuracy.sd:.3f}"
    return (
        model,
        protocol,
        str(len(found.seeds)),
        percent(accuracy.mean) + other_data(found),
        sd,
        percent_range(accuracy.interval),
    )
