"""A search carried out in its folder: its trials are run, its record and its page written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.checkpoint import RunLock
from tenfold.evaluate.tuning_page import write_tuning
from tenfold.files.named_folders import held, make_folder
from tenfold.runs.search import TrialResult, best
from tenfold.runs.tuning import default_folder, record, refuse_a_run, tune
from tenfold.runs.tuning_rounds import Rounds

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.runs.launch import Choice
    from tenfold.runs.search_request import SearchRequest

_IN_A_ROUND = 4  # trials at a time on a cluster: values of one round know nothing of one another
Say = Callable[[str], None]


@dataclass(frozen=True)
class Searched:
    """The trials of a search, its record and its page."""

    results: list[TrialResult]
    record: dict[str, Any]
    page: Path

    def to_dict(self) -> dict[str, Any]:
        """Return what was found as JSON values."""
        return self.record | {"page": str(self.page)}

    def lines(self) -> list[str]:
        """Return what was found in words."""
        if (top := best(self.results)) is None:
            found = ["no trial was completed; search smaller learning rates"]
        else:
            found = [
                f"best of {len(self.results)}: {_described(top)}",
                f"train with it: {self.record['train']}",
            ]
        return [*found, f"page {self.page}"]


def carry_out_search(
    asked: SearchRequest,
    trials: int,
    out: Path | None,
    place: Choice,
    load: Callable[[str | None], Corpus],
    notice: Say,
    say: Say,
) -> Searched:
    """Run trials until there are as many as wanted, with those in the folder; see `tenfold.runs.tuning.tune`.

    Parameters
    ----------
    notice, say : callable
        Told what must be known, and what became of each trial.
    """
    search = asked.search(load)
    search.check()  # before anything is made
    out = out or default_folder(search)
    refuse_a_run(out)
    make_folder(out, "--out")
    if place.on != "local" and place.jobs is None:
        place = replace(place, jobs=_IN_A_ROUND)

    def tell(done: TrialResult, top: TrialResult | None) -> None:
        leading = "" if top is None or top == done else f"; best: trial {top.number + 1}, {top.accuracy:.2%}"
        say(f"trial {done.number + 1} of {trials}: {_described(done)}{leading}")

    with held(out, "--out"), RunLock(out):
        if place.is_serial:
            results = tune(search, trials, out, tell)
        else:
            resources = place.resources(search.entry.resources)
            with place.launcher() as launcher:
                rounds = Rounds(launcher, asked.words, resources, notice, say)
                results = rounds.run(search, trials, out, tell)
        told = record(search, results, out)
        return Searched(results, told, write_tuning(told, out))


def _described(one: TrialResult) -> str:
    """Return a trial's accuracy and its values, with at most three significant digits."""
    texts = {name: f"{x:.3g}" if isinstance(x, float) else str(x) for name, x in one.values.items()}
    values = ", ".join(f"{name.removeprefix('recipe.')} {text}" for name, text in texts.items())
    accuracy = "diverged" if one.accuracy is None else f"{one.accuracy:.2%} of the held-out images"
    ending = f", {one.state} after epoch {one.epochs}" if one.state == "stopped early" else ""
    return f"{accuracy}{ending} ({values})"
