"""The accuracies that a model of the zoo is known for: its authors', and those of earlier runs here."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from tenfold.errors import DataError
from tenfold.evaluate.evaluation import Evaluation
from tenfold.evaluate.wording import percent, plural
from tenfold.zoo import ENTRIES, Measured, Published, measured
from tenfold.zoo.measured import stem


@dataclass(frozen=True)
class KnownFigures:
    """What an accuracy can be compared with; ``None`` and ``()`` where there is nothing."""

    published: Published | None = None
    runs: tuple[float, ...] = ()

    @property
    def notes(self) -> list[str]:
        """A line for each."""
        found = []
        if self.published is not None:
            one = self.published
            found.append(_note("Published", one.accuracy, one.runs, one.low, one.high))
        if self.runs:
            ends = min(self.runs), max(self.runs)
            found.append(_note("Our runs of the full recipe", fmean(self.runs), len(self.runs), *ends))
        return found


def _note(name: str, accuracy: float, runs: int, low: float, high: float) -> str:
    several = f" ({plural(runs, 'run')}, {percent(low)} to {percent(high)})" if runs > 1 else ""
    return f"{name}: {percent(accuracy)}{several}"


def known_figures(evaluation: Evaluation) -> KnownFigures:
    """Return what is known of the run's model on the test images of MNIST; nothing of other images."""
    entry = ENTRIES.get(evaluation.run.model)
    if entry is None or evaluation.corrected is None:  # not in the zoo, or not these images
        return KnownFigures()
    runs = _measured(entry.name, evaluation.run.protocol or "published")
    return KnownFigures(entry.published, () if runs is None else tuple(run.accuracy for run in runs.runs))


def _measured(name: str, protocol: str) -> Measured | None:
    """Return the runs under a protocol; a model that makes no choices has one file for both."""
    try:
        if ENTRIES[name].protocols == ("published",):
            return measured(name)
        return measured(stem(name, protocol))
    except DataError:  # a damaged ledger does not cost the report
        return None
