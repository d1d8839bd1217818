"""Write the tables and the picture of docs/speedrun.md, and the rows of the README, from results/.

The figures are those of results/speedrun/ and results/experiments/speedrun.json. ``--check`` writes nothing
and lists the files that are out of date.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from drawings import Drawing
from pages import ROOT, put, with_part

from tenfold.checkpoint import read_json
from tenfold.data import Chain, RandomAffine
from tenfold.evaluate.wording import percent, percent_range, seconds
from tenfold.optim import LinearWarmup, Product
from tenfold.runs.speedrun import training_flops
from tenfold.runs.speedrun_lines import operations, remarks, seeds_at_target, spread
from tenfold.runs.speedrun_record import Measurement, Side, measurements
from tenfold.train import Recipe
from tenfold.zoo.speedruns import SPEEDRUNS, Speedrun

README, PAGE, RESULTS = ROOT / "README.md", ROOT / "docs" / "speedrun.md", ROOT / "results"
PICTURE = ROOT / "docs" / "images" / "speedrun.svg"
BEGIN, END = "<!-- {} from results/, by tools/speedrun_page.py -->", "<!-- end of {} -->"
IMAGES = 60_000
MOST_ROWS = 5  # of the README
NONE = "not measured"
_ALTERED = {type(None): "no augmentation", RandomAffine: "shifts", Chain: "warps and shifts"}


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """Return a table in Markdown; the first columns are words, the others figures."""
    aligned = ["---" if place < words else "--:" for place in range(len(heads))]
    lines = [f"| {' | '.join(row)} |" for row in [heads, *rows]]
    return "\n".join([lines[0], f"|{'|'.join(aligned)}|", *lines[1:]])


# --- the results


def machines(results: Path) -> dict[str, dict[str, Measurement]]:
    """Return the measurements by machine and target; the machine that was measured last comes first."""
    found: dict[str, dict[str, Measurement]] = {}
    for entry in SPEEDRUNS.values():
        for one in measurements(entry, [results]):
            found.setdefault(one.machine, {})[entry.target] = one
    return dict(
        sorted(found.items(), key=lambda item: max(one.date for one in item[1].values()), reverse=True)
    )


def results_tables(results: Path) -> str:
    """Return a table for each machine."""
    parts = []
    for machine, found in machines(results).items():
        heads = ("target", "training", "mean accuracy", "95 % interval", "seeds at the target", "reached")
        heads = (*heads, "PyTorch", "its accuracy", "ratio")
        rows = [result_row(entry, found.get(entry.target)) for entry in SPEEDRUNS.values()]
        parts += [table(heads, rows), about(machine, list(found.values()))]
    return "\n\n".join(parts) if parts else "Nothing has been measured yet: `make speedrun`."


def result_row(entry: Speedrun, found: Measurement | None) -> list[str]:
    """Return the figures of a target."""
    name = f"{entry.target} %"
    if found is None:
        return [name, NONE, *[""] * 7]
    ours, peer = found.ours, found.peer
    theirs = ["not measured", "", ""]
    if peer is not None:
        theirs = [spread(peer.seconds), percent(peer.accuracy.mean), f"**{found.ratio:.1f}**"]
    return [
        name,
        f"**{seconds(ours.seconds.median)}**{_ends(ours)}",
        percent(ours.accuracy.mean),
        percent_range(ours.accuracy.interval),
        seeds_at_target(ours),
        "yes" if found.reached else "no",
        *theirs,
    ]


def _ends(side: Side) -> str:
    return spread(side.seconds).removeprefix(seconds(side.seconds.median))


def about(machine: str, found: Sequence[Measurement]) -> str:
    """Return where the figures come from, and what is not part of the seconds."""
    libraries = sorted({one.library for one in found if one.library is not None})
    commits = sorted({commit for one in found for commit in one.commits})
    versions = sorted({version for one in found for version in one.versions})
    load = max(one.load_seconds for one in found)
    warm = max(one.warm_up_seconds for one in found)
    notes = [line for one in found for line in remarks(one)]
    text = (
        f"{machine}, {max(one.date for one in found)}, commit {', '.join(commits)}, {', '.join(versions)}"
        f"{''.join(f', {library}' for library in libraries)}. Apart from the training: reading the images "
        f"{seconds(load)}; fetching compiled code, or compiling it the first time on a machine, "
        f"{seconds(warm)} at most."
    )
    return " ".join([text, *(f"{note.capitalize()}." for note in notes)])


def readme_table(results: Path) -> str:
    """Return a few rows for the README, of the machine that was measured last."""
    found = next(iter(machines(results).items()), None)
    heads = ("target", "training, tenfold", "mean accuracy", "PyTorch, same recipe", "ratio")
    rows = []
    for entry in list(SPEEDRUNS.values())[:MOST_ROWS]:
        one = None if found is None else found[1].get(entry.target)
        if one is None:
            rows.append([f"{entry.target} %", NONE, "", "", ""])
            continue
        theirs = ("", "") if one.peer is None else (seconds(one.peer.seconds.median), f"**{one.ratio:.1f}**")
        mean = f"{percent(one.ours.accuracy.mean)}, {len(one.ours.seeds)} seeds"
        rows.append([f"{entry.target} %", f"**{seconds(one.ours.seconds.median)}**", mean, *theirs])
    text = table(heads, rows)
    if found is None:
        return text
    return f"{text}\n\nTimed on {found[0]}, {max(one.date for one in found[1].values())}."


# --- the recipes, and how they were found


def experiments(results: Path, name: str = "speedrun") -> list[dict[str, Any]]:
    """Return what was tried, from a file of ``results/experiments/``."""
    path = results / "experiments" / f"{name}.json"
    return list(read_json(path, max_bytes=2**24)["experiments"]) if path.is_file() else []


def recipes_table(results: Path) -> str:
    """Return each target's network and recipe, with the accuracy for which it was chosen."""
    tried = {one["digest"]: one for one in experiments(results)}
    heads = ("target", "network", "recipe", "parameters", "operations", "validation accuracy")
    rows = [
        [
            f"{entry.target} %",
            entry.words,
            recipe_words(entry.recipe),
            f"{entry.build().n_parameters:,}",
            operations(training_flops(entry, IMAGES)),
            validated(tried.get(entry.digest)),
        ]
        for entry in SPEEDRUNS.values()
    ]
    return table(heads, rows, words=3)


def validated(tried: Mapping[str, Any] | None) -> str:
    """Return the mean accuracy of an experiment's seeds on validation images."""
    if tried is None:
        return NONE
    found = [float(seed["accuracy"]) for seed in tried["seeds"]]
    seeds = "1 seed" if len(found) == 1 else f"{len(found)} seeds"
    return f"{percent(sum(found) / len(found))} ({seeds})"


def recipe_words(recipe: Recipe) -> str:
    """Return a recipe in words."""
    epochs = "1 epoch" if recipe.epochs == 1 else f"{recipe.epochs} epochs"
    rate = "one cycle to" if _is_one_cycle(recipe) else "from"
    words = [epochs, f"minibatches of {recipe.batch_size}", f"rate {rate} {recipe.optimizer.learning_rate:g}"]
    words.append(_ALTERED[type(recipe.augmentation)])
    if recipe.averages:
        words.append(f"mean of the last {recipe.window()} epochs")
    if smoothing := recipe.loss.config().get("label_smoothing"):
        words.append(f"label smoothing {smoothing:g}")
    return ", ".join(words)


def _is_one_cycle(recipe: Recipe) -> bool:
    return isinstance(recipe.rate, Product) and isinstance(recipe.rate.first, LinearWarmup)


def tried_table(results: Path) -> str:
    """Return a row for each experiment; what became a speed run is in bold."""
    chosen = {entry.digest for entry in SPEEDRUNS.values()}
    rows = []
    for one in experiments(results):
        taken, accuracy = one["digest"] in chosen, validated(one)
        cpu = [float(seed["cpu_seconds"]) for seed in one["seeds"]]
        rows.append(
            [
                f"{one['target']} %",
                f"**{one['what']}**" if taken else one["what"],
                recipe_words(Recipe.from_config(one["recipe"])),
                f"{one['parameters']:,}",
                f"**{accuracy}**" if taken else accuracy,
                f"{sum(cpu) / len(cpu):.1f} s",
            ]
        )
    heads = ("for", "network", "recipe", "parameters", "validation accuracy", "one core")
    return table(heads, rows, words=3)


# --- the picture

LEFT, RIGHT, TOP, BOTTOM = 70, 560, 40, 330
SPANS = {"seconds": (0.1, 1000.0), "errors": (0.003, 0.035)}
SIDES = (("tenfold", "blue", "strong"), ("PyTorch, same recipe", "warm", "back"))


def picture(results: Path) -> str:
    """Return accuracy over seconds of training, both on logarithmic scales, as SVG."""
    drawing = Drawing(760, 400, "Test accuracy over seconds of training, logarithmic scales")
    for power in range(-1, 4):
        x = _x(10.0**power)
        drawing.line(x, TOP, x, BOTTOM, "faint")
        drawing.text(x, BOTTOM + 22, f"{10.0**power:g} s", "s")
    for entry in SPEEDRUNS.values():
        y = _y(entry.accuracy)
        drawing.line(LEFT, y, RIGHT, y, "faint")
        drawing.text(LEFT - 10, y + 4, f"{entry.target} %", "s", "end")
    found = next(iter(machines(results).items()), None)
    if found is not None:
        for place, (words, dots, lines) in enumerate(SIDES):
            sides = [one.ours if place == 0 else one.peer for one in found[1].values()]
            for side in filter(None, sides):
                _mark(drawing, side, dots, lines)
            drawing.circle(590, 70 + 34 * place, 6, kind=dots)
            drawing.text(605, 75 + 34 * place, words, "s", "start")
        for line, words in enumerate(_lines(found[0])):
            drawing.text(590, 150 + 18 * line, words, "s", "start")
    drawing.text((LEFT + RIGHT) / 2, 384, "test accuracy (mean) over seconds of training (median)", "b")
    return drawing.svg()


def _mark(drawing: Drawing, side: Side, dots: str, lines: str) -> None:
    """Draw the median with a line from the least to the most."""
    y = _y(side.accuracy.mean)
    drawing.line(_x(side.seconds.low), y, _x(side.seconds.high), y, lines)
    drawing.circle(_x(side.seconds.median), y, 6, kind=dots)


def _lines(machine: str) -> Iterator[str]:
    yield from machine.split(", ")


def _x(duration: float) -> float:
    return _scaled(duration, *SPANS["seconds"], LEFT, RIGHT)


def _y(accuracy: float) -> float:
    return _scaled(1 - accuracy, *SPANS["errors"], TOP, BOTTOM)


def _scaled(value: float, low: float, high: float, start: float, end: float) -> float:
    """Return a pixel; what lies beyond a scale is drawn at its end."""
    share = (math.log(max(value, low)) - math.log(low)) / (math.log(high) - math.log(low))
    return start + min(share, 1.0) * (end - start)


# --- the files


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """Return a page with its current tables."""
    for name, part in parts.items():
        text = with_part(text, BEGIN.format(name), END.format(name), part)
    return text


def texts(results: Path = RESULTS) -> dict[Path, str]:
    """Return the text that each file should have."""
    parts = {
        "results": results_tables(results),
        "recipes": recipes_table(results),
        "what was tried": tried_table(results),
    }
    return {
        README: with_parts(README.read_text(encoding="utf-8"), {"speed runs": readme_table(results)}),
        PAGE: with_parts(PAGE.read_text(encoding="utf-8"), parts),
        PICTURE: picture(results),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files that are out of date, or with ``--check`` only list them."""
    return put(texts(), "tools/speedrun_page.py", arguments)


if __name__ == "__main__":
    sys.exit(main())
