"""Gather the trials in ``results/``; write the README's table, ``docs/models.md`` and ``docs/ablations.md``.

``--check`` writes nothing and lists the files that are out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from pages import ROOT, only_compares, put, with_part

from tenfold.evaluate import Ledger
from tenfold.evaluate.ablation import ablation_table, read_ablation, shipped
from tenfold.evaluate.tables import runs_tables
from tenfold.evaluate.tables.markdown import escaped, raw_markdown
from tenfold.evaluate.tables.overview import HEADS, NOT_TIMED, accuracy_range, not_measured, overview_row
from tenfold.evaluate.wording import percent, percent_range, plural, seconds
from tenfold.zoo import ENTRIES, Duration, Entry, Measured, Spread, measured, times
from tenfold.zoo.acceptance import ENOUGH_SEEDS, gap_to_published, reaches_published
from tenfold.zoo.measured import stem

README, PAGE, RESULTS = ROOT / "README.md", ROOT / "docs" / "models.md", ROOT / "results"
ABLATIONS = ROOT / "docs" / "ablations.md"
BEGIN, END = "<!-- figures from results/, by tools/ledger.py -->", "<!-- end of figures -->"
FEATURED = ("knn", "nn1l", "lenet5", "record", "committee")  # the rows of the README; the page has all
_NONE = "not measured"
_PAGE_HEAD = """# Models: published and measured accuracy

`make ledger` writes every figure on this page from `results/`, which has one file for each model and
protocol with all trials. Accuracies are shares of the 10,000 MNIST test images, unless
another data set is named. The *published protocol*
repeats the authors' procedure. The *honest protocol* makes every choice on 10,000 of the 60,000 training
images. The 95 % interval is Student's interval for the mean over seeds.

A published mean is *reached* if our mean over at least three seeds is at most two standard errors below it.
For a model without randomness, one run is enough, and it may be at most five test images worse. Fewer seeds
can contradict a published figure, but they cannot show that it is reached.

*Run by run* opens a table with one row for each seed, with the authors' runs next to ours: accuracy, loss
(the mean on the test images, in nats), epochs, the epoch whose weights were kept, and seconds of training.
The authors' seconds are from their machine. Our trials ran in parallel, so their seconds do not measure
speed. *Authors 1* and *authors 2* are the two versions of a document. *Time* comes from `tenfold verify
NAME --time` on a quiet machine with all its cores: the median of several repeats after a warm-up, with the
minimum and the maximum.

Differences of 0.01 to 0.04 points between a published mean and ours, in either direction, are due to chance:
two means of five or ten runs of the same model differ by that much.

Fifteen test labels are wrong or unclear. For *ten corrected*, ten of them get the label on which at least
three of five readers agreed. *Fifteen left out* uses only the other 9,985 images (Northcutt, Athalye and
Mueller 2021, arXiv:2103.14749).
"""
_ABLATIONS_HEAD = """# Ablations: the effect of single changes

`tenfold ablate NAME` trains a model with single changes over several seeds and reports the effect of each
change. It resumes: finished trials, here or in `results/`, are not run again. `make ledger` writes the
tables below from `results/ablations/`. If an ablation has not been run, an unchanged model of the zoo has
its figure from `results/`. Accuracies are means over the runs, on the 10,000 test images of MNIST. The
authors' figures are single runs unless the text says otherwise. Two runs of the same network differ by 0.1
points and more, so most of the authors' steps may be due to chance."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files that are out of date, or with ``--check`` only list them."""
    if not only_compares(arguments):
        Ledger(RESULTS).gather_all()
    return put(texts(), "make ledger", arguments)


def texts(results: Path = RESULTS) -> dict[Path, str]:
    """Return the text that each file should have."""
    return {
        README: with_table(_read(README), results),
        PAGE: page(results),
        ABLATIONS: ablations(results),
    }


def with_table(readme: str, results: Path = RESULTS) -> str:
    """Return the README with the current table."""
    return with_part(readme, BEGIN, END, table(results, FEATURED, page="docs/models.md"))


def table(results: Path = RESULTS, names: Iterable[str] = ENTRIES, *, page: str = "") -> str:
    """Return the overview of some models in Markdown, with links into the page."""
    rows = [_row(ENTRIES[name], results, page) for name in names]
    return "\n".join([raw_markdown(HEADS, rows), "", _machines(results)])


def _row(entry: Entry, results: Path, page: str) -> list[str]:
    """Return a row of the overview with the model's name as a link, and the means in bold."""
    name, *cells = map(escaped, overview_row(entry, results))
    measured_ones = [
        cell if cell in (_NONE, "the same") else re.sub(r"^\S+ %", r"**\g<0>**", cell) for cell in cells[2:4]
    ]
    return [f"[`{name}`]({page}#{name})", *cells[:2], *measured_ones, *cells[4:]]


def page(results: Path = RESULTS) -> str:
    """Return docs/models.md."""
    sections = (section(entry, results) for entry in ENTRIES.values())
    return "\n".join([_PAGE_HEAD, table(results), "", *sections])


def ablations(results: Path = RESULTS) -> str:
    """Return docs/ablations.md: every bundled ablation with the figures measured so far."""
    parts = [_ABLATIONS_HEAD]
    for name in shipped():
        found, shown = read_ablation(name), ablation_table(name, [results])
        against = "the previous one" if found.chain else "the base"
        source = f" Published: {found.source}." if found.source else ""
        parts += [
            f"## {name}",
            f"{escaped(shown.title)}. Each change is compared with {against}.{source}",
            shown.to_markdown(),
            f"`tenfold ablate {name} --protocol published --out results/ablations/{name}`",
        ]
    return "\n\n".join(parts) + "\n"


def section(entry: Entry, results: Path = RESULTS) -> str:
    """Return a model's section: published figure, our table, the effect of the choice, notes."""
    columns = [one for one in _found(entry, results) if one is not None]
    parts = [f"## {entry.name}", f"{entry.title}. {_size(entry)}{_images(entry)}", _published(entry)]
    parts.append(_summary(columns) if columns else f"Ours: {not_measured(entry)}.")
    if columns:
        parts.append(_reached(entry, columns[0]))
    parts += [text for one in columns if (text := _gain(one))]
    runs = [_run_by_run(entry, results)] if columns or entry.published_runs else []
    parts += [_timed(entry, results), *runs, *entry.notes]
    return "\n\n".join(parts) + "\n"


def _found(entry: Entry, results: Path) -> tuple[Measured | None, Measured | None]:
    return measured(entry.name, [results]), measured(stem(entry.name, "honest"), [results])


def _size(entry: Entry) -> str:
    return (
        "It stores its training images." if entry.parameters is None else f"{entry.parameters:,} parameters."
    )


def _images(entry: Entry) -> str:
    return "" if entry.first is None else f" It is trained on the first {entry.first:,} training images."


def _published(entry: Entry) -> str:
    published = entry.published
    if published is None:
        aim = "" if entry.aim is None else f" Its target is {percent(entry.aim)}."
        return f"Our own model. It has no published figure.{aim}"
    runs = f" over {published.runs} runs" if published.runs > 1 else ""
    mean = "" if published.low == published.high else f", mean {percent(published.accuracy, 3)}"
    return f"Published: {accuracy_range(published.low, published.high)}{runs}{mean}. {published.source}."


def _summary(columns: Sequence[Measured]) -> str:
    """Return a table with a column for each protocol."""
    rows = {
        "": [f"{one.protocol} protocol" for one in columns],
        "accuracy, mean": [percent(one.accuracy.mean) for one in columns],
        "standard deviation, points": [_or_dash(one.accuracy.sd, "{:.3f}") for one in columns],
        "95 % interval of the mean": [percent_range(one.accuracy.interval) for one in columns],
        "lowest to highest": [accuracy_range(one.accuracy.low, one.accuracy.high) for one in columns],
        "ten corrected, mean": [_mean(one.accuracy_corrected) for one in columns],
        "fifteen left out, mean": [_mean(one.accuracy_without_doubtful) for one in columns],
        "loss, mean": [f"{one.loss.mean:.4f} nats" for one in columns],
        "numbers of the seeds": [", ".join(map(str, one.seeds)) for one in columns],
        "measured on": ["; ".join(one.machines) for one in columns],
        "commit": [", ".join(one.commits) for one in columns],
    }
    lines = [f"| {' | '.join((name, *cells))} |" for name, cells in rows.items()]
    return "\n".join([lines[0], f"|---|{'--:|' * len(columns)}", *lines[1:]])


def _reached(entry: Entry, found: Measured) -> str:
    """Return whether the published figure or our own target is reached, with the reason if it is not."""
    if entry.published is None:
        return _aimed(entry, found)
    ours = entry.published, found.accuracy, len(found.seeds)
    short = gap_to_published(*ours, deterministic=entry.deterministic)
    published = f"The published {_name(entry)}, {percent(entry.published.accuracy)},"
    if short:
        less = "" if entry.deterministic else " even with twice the standard error of our mean"
        verdict = f"{published} is missed by {100 * short:.2f} points{less}. {entry.shortfall}".rstrip()
    elif reaches_published(*ours, deterministic=entry.deterministic):
        verdict = f"{published} is reached."
    else:
        verdict = f"{published} is not contradicted by {plural(len(found.seeds), 'run')}."
    if len(found.seeds) < len(entry.seeds):
        verdict += f" Measured with {len(found.seeds)} of {len(entry.seeds)} seeds so far."
    return verdict


def _aimed(entry: Entry, found: Measured) -> str:
    """Return whether the mean of our runs reaches the target of our own model."""
    if entry.aim is None:
        return ""
    at_target, n = found.accuracy.mean >= entry.aim, len(found.seeds)
    enough = "" if n >= ENOUGH_SEEDS else f" in {plural(n, 'run')}, which is too few to be sure"
    return f"The target, {percent(entry.aim)}, is {'reached' if at_target else 'not reached'}{enough}."


def _name(entry: Entry) -> str:
    return "figure" if entry.published is not None and entry.published.runs == 1 else "mean"


def _gain(found: Measured) -> str | None:
    gain = found.protocol_gain
    if gain is None:
        return None
    return (
        f"Choosing the epoch on the test images added {100 * gain.mean:.3f} points on average "
        f"({100 * gain.low:.2f} to {100 * gain.high:.2f}): the test accuracy of the chosen epoch minus "
        "that of the last."
    )


def _timed(entry: Entry, results: Path) -> str:
    found = times(entry, [results])
    if found is None:
        return f"Time: {NOT_TIMED}."
    epochs = "" if found.epochs is None else f" ({plural(found.epochs, 'epoch')})"
    return (
        f"Time: training{epochs} {_spread(found.train)}, predicting {found.test_images:,} images "
        f"{_spread(found.predict)}, on {found.machine}, {found.date}."
    )


def _spread(found: Duration) -> str:
    return (
        f"{seconds(found.median)} ({seconds(found.low)} to {seconds(found.high)}, "
        f"{plural(found.repeats, 'repeat')})"
    )


def _run_by_run(entry: Entry, results: Path) -> str:
    """Return the tables of runs, folded."""
    parts = ["<details>", "<summary>Run by run</summary>"]
    for one in runs_tables(entry, results):
        parts += [f"{escaped(one.title)}:", one.to_markdown()]
    return "\n\n".join([*parts, "</details>"])


def _mean(spread: Spread | None) -> str:
    return "not known" if spread is None else percent(spread.mean)


def _or_dash(fraction: float | None, form: str) -> str:
    return "-" if fraction is None else form.format(100 * fraction)


def _machines(results: Path) -> str:
    found = [one for entry in ENTRIES.values() for one in _found(entry, results) if one is not None]
    machines = sorted({machine for one in found for machine in one.machines})
    if not machines:
        return "Nothing has been measured yet: `tenfold trials`."
    timed = sorted(
        {one.machine for entry in ENTRIES.values() if (one := times(entry, [results])) is not None}
    )
    on = f" Timed on {'; '.join(timed)}." if timed else ""
    return (
        f"Measured on {'; '.join(machines)}.{on} Differences of 0.01 to 0.04 points between a published and "
        "a measured mean are due to chance."
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
