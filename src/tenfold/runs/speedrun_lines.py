"""Speed runs in words: the rows of tables and the lines of the command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tenfold.evaluate.tables import Table
from tenfold.evaluate.timing import LIMIT
from tenfold.evaluate.wording import percent, percent_range, plural, seconds
from tenfold.runs.speedrun_record import Measurement, Side, measurements
from tenfold.zoo import speedruns
from tenfold.zoo.measured import PLACES
from tenfold.zoo.speedruns import Speedrun
from tenfold.zoo.times import Duration

PLAN_COLUMNS = ("target", "network", "epochs", "minibatch", "training", "mean accuracy")
COLUMNS = ("target", "training", "mean accuracy", "95 % interval", "seeds at the target", "reached")
_NONE = "not measured"


def planned(results: Path | None) -> list[tuple[Speedrun, list[Measurement]]]:
    """Return all speed runs, each with its measurements in a folder, or in those where ours are."""
    places = PLACES if results is None else [results]
    return [(entry, measurements(entry, places)) for entry in speedruns.SPEEDRUNS.values()]


def plans_table(plans: Iterable[tuple[Speedrun, Sequence[Measurement]]]) -> Table:
    """Return all speed runs as they are planned, with their latest figures."""
    return Table("Speed runs", PLAN_COLUMNS, tuple(plan_row(*one) for one in plans), left=(0, 1))


def plan_row(entry: Speedrun, found: Sequence[Measurement]) -> tuple[str, ...]:
    """Return a speed run as it is planned, with the latest of its measurements, under `PLAN_COLUMNS`."""
    recipe, figures = entry.recipe, (_NONE, "-")
    if found:
        figures = (spread(found[-1].ours.seconds), percent(found[-1].ours.accuracy.mean))
    return f"{entry.target} %", entry.words, str(recipe.epochs), str(recipe.batch_size), *figures


def plans_record(plans: Iterable[tuple[Speedrun, Sequence[Measurement]]]) -> dict[str, Any]:
    """Return all speed runs and their measurements as JSON values."""
    return {
        "targets": [
            {
                "target": entry.target,
                "network": entry.words,
                "recipe": entry.recipe.config(),
                "measured": [one.to_json() for one in found],
            }
            for entry, found in plans
        ]
    }


def results_record(found: Mapping[Path, Measurement]) -> dict[str, Any]:
    """Return the measurements in some files as JSON values."""
    return {"targets": [one.to_json() | {"file": str(path)} for path, one in found.items()]}


def results_parts(found: Mapping[Path, Measurement]) -> Iterator[str | Table]:
    """Yield a table of measurements, and a line for each on what is not in it."""
    yield Table("Speed runs", COLUMNS, tuple(result_row(one) for one in found.values()), left=(0, 5))
    for path, one in found.items():
        yield f"{one.target} %: {apart(one)}; {one.machine}; written to {path}"


def result_row(found: Measurement) -> tuple[str, ...]:
    """Return a measurement under `COLUMNS`."""
    side = found.ours
    return (
        f"{found.target} %",
        spread(side.seconds),
        percent(side.accuracy.mean),
        percent_range(side.accuracy.interval),
        seeds_at_target(side),
        "yes" if found.reached else "no",
    )


def spread(found: Duration) -> str:
    """Return the median with the least and the most.

    >>> spread(Duration(0.512, 0.5, 0.6, 10))
    '512 ms (500 ms to 600 ms)'
    """
    if found.repeats == 1:
        return seconds(found.median)
    return f"{seconds(found.median)} ({seconds(found.low)} to {seconds(found.high)})"


def seeds_at_target(side: Side) -> str:
    """Return how many of the seeds reached the target."""
    return f"{side.at_target} of {len(side.seeds)}"


def operations(number: int) -> str:
    """Return operations with their prefix.

    >>> operations(5_660_000_000), operations(11_810_000_000_000)
    ('5.7 GFLOP', '11.8 TFLOP')
    """
    return f"{number / 1e12:.1f} TFLOP" if number >= 1e12 else f"{number / 1e9:.1f} GFLOP"


def apart(found: Measurement) -> str:
    """Return what is not part of the seconds of training."""
    return (
        f"apart from it: reading the images {seconds(found.load_seconds)}, compiling or fetching compiled "
        f"code {seconds(found.warm_up_seconds)}"
    )


def remarks(found: Measurement) -> list[str]:
    """Return what must be known of a measurement: other programs, and that a mean needs seeds."""
    lines = []
    if found.others is not None and found.others > LIMIT:
        lines.append(
            f"{found.target} %: other programs used {100 * found.others:.0f} % of the processors: the times "
            "are too long; measure again on a quiet machine"
        )
    if found.ours.accuracy.interval is None:
        lines.append(f"{found.target} %: {plural(1, 'seed')} says little about the mean; train more seeds")
    return lines


def seed_line(target: str, row: Mapping[str, Any]) -> str:
    """Return a line for a seed that is done."""
    return f"{target} %, seed {row['seed']}: {seconds(row['seconds'])}, {percent(row['accuracy'])}"
