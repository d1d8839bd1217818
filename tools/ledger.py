"""Gather the trials in ``results/`` and write from them the README's table and ``docs/models.md``.

``--check`` writes nothing and says whether all is as it should be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tenfold.evaluate import Ledger
from tenfold.evaluate.ablation import ablation_table, read_ablation, shipped
from tenfold.evaluate.tables import runs_tables
from tenfold.evaluate.tables.markdown import escaped, raw_markdown
from tenfold.evaluate.tables.overview import HEADS, NOT_TIMED, accuracy_range, overview_row
from tenfold.evaluate.wording import percent, plural, seconds, shares
from tenfold.zoo import ENTRIES, Duration, Entry, Measured, Spread, measured, times
from tenfold.zoo.acceptance import ENOUGH_SEEDS, missing, reached
from tenfold.zoo.measured import stem

ROOT = Path(__file__).parent.parent
README, PAGE, RESULTS = ROOT / "README.md", ROOT / "docs" / "models.md", ROOT / "results"
ABLATIONS = ROOT / "docs" / "ablations.md"
BEGIN, END = "<!-- figures from results/, by tools/ledger.py -->", "<!-- end of figures -->"
_NONE = "not measured"
_PAGE_HEAD = """# Models: published against measured

Every figure here is written by `make ledger` from `results/`, one file for each model and protocol with all
of its trials. Accuracies are shares of the 10,000 MNIST test images. *Published protocol* repeats what the
authors did; *honest protocol* makes every choice on 10,000 of the 60,000 training images. The interval is
Student's, for the mean that many more seeds would have. A published mean counts as *reached* where ours is at
or above it less twice the standard error of our mean, over at least three seeds; a model in which nothing is
random needs one run, and may differ by five images. Fewer seeds can contradict a published figure, but not
reach it.

*Run by run* opens a table with each seed, the authors' runs beside ours: accuracy, loss (the mean on the test
images, in nats), epochs, the epoch whose weights were kept, and seconds of training. The authors' seconds are
those of their machine, ours those of trials that ran side by side: they are no measure of speed. *Authors 1*
and *authors 2* are the two versions of a document. *Time* is what `tenfold verify NAME --time` found on a
quiet machine with all its cores: the median of several repeats after one that does not count, with the least
and the most.

Differences of 0.01 to 0.04 points between a published mean and ours, in either direction, are chance: so much
lies between two means of five or ten runs of one and the same model.

Fifteen test labels are wrong or cannot be decided. *Ten corrected* counts ten of them as what at least three
of five readers saw; *fifteen left out* counts only the other 9,985 images (Northcutt, Athalye and Mueller
2021, arXiv:2103.14749).
"""
_ABLATIONS_HEAD = """# Ablations: what single changes are worth

`tenfold ablate NAME` trains a model with single changes over several seeds, and says what each was worth. It
resumes: trials that are done, here or in the ledger, are not run again. The tables below are written by
`make ledger` from `results/ablations/`; a model of the zoo as it stands has the figure of the ledger where
its ablation has not been run. Accuracies are means over the runs, on the 10,000 test images of MNIST. The
authors' are single runs unless it is said otherwise: two runs of one network differ by 0.1 points and more,
so most of their steps cannot be told from chance."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what is not as it should be, or with ``--check`` only name it."""
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    if not check:
        Ledger(RESULTS).gather_all()
    stale = [path for path, text in texts().items() if not path.exists() or _read(path) != text]
    for path in stale:
        if not check:
            path.write_text(texts()[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'run make ledger' if check else 'written'}")
    return int(check and bool(stale))


def texts(results: Path = RESULTS) -> dict[Path, str]:
    """Return what the files should hold."""
    return {
        README: with_table(_read(README), results),
        PAGE: page(results),
        ABLATIONS: ablations(results),
    }


def with_table(readme: str, results: Path = RESULTS) -> str:
    """Return the README with the table of today."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(results)}\n{END}{after}"


def table(results: Path = RESULTS) -> str:
    """Return the README's table in Markdown."""
    rows = [_row(entry, results) for entry in ENTRIES.values()]
    return "\n".join([raw_markdown(HEADS, rows), "", _machines(results)])


def _row(entry: Entry, results: Path) -> list[str]:
    """Return a row of the overview with the model's name as a link, and the means in bold."""
    name, *cells = map(escaped, overview_row(entry, results))
    measured_ones = [
        cell if cell in (_NONE, "the same") else re.sub(r"^\S+ %", r"**\g<0>**", cell) for cell in cells[2:4]
    ]
    return [f"[`{name}`](docs/models.md#{name})", *cells[:2], *measured_ones, *cells[4:]]


def page(results: Path = RESULTS) -> str:
    """Return docs/models.md."""
    return "\n".join([_PAGE_HEAD, *(section(entry, results) for entry in ENTRIES.values())])


def ablations(results: Path = RESULTS) -> str:
    """Return docs/ablations.md: every ablation that comes with tenfold, as far as it is measured."""
    parts = [_ABLATIONS_HEAD]
    for name in shipped():
        found, shown = read_ablation(name), ablation_table(name, [results])
        against = "the one before" if found.chain else "the base"
        source = f" Published: {found.source}." if found.source else ""
        parts += [
            f"## {name}",
            f"{escaped(shown.title)}. Each change is measured against {against}.{source}",
            shown.to_markdown(),
            f"`tenfold ablate {name} --protocol published --out results/ablations/{name}`",
        ]
    return "\n\n".join(parts) + "\n"


def section(entry: Entry, results: Path = RESULTS) -> str:
    """Return the section of a model: published figure, table of ours, what the choice was worth, notes."""
    columns = [one for one in _found(entry, results) if one is not None]
    parts = [f"## {entry.name}", f"{entry.title}. {_size(entry)}{_images(entry)}", _published(entry)]
    parts.append(_summary(columns) if columns else f"Ours: {_NONE}.")
    if columns:
        parts.append(_reached(entry, columns[0]))
    parts += [text for one in columns if (text := _gain(one))]
    parts += [_timed(entry, results), _run_by_run(entry, results), *entry.notes]
    return "\n\n".join(parts) + "\n"


def _found(entry: Entry, results: Path) -> tuple[Measured | None, Measured | None]:
    return measured(entry.name, [results]), measured(stem(entry.name, "honest"), [results])


def _size(entry: Entry) -> str:
    return "It keeps its images." if entry.parameters is None else f"{entry.parameters:,} parameters."


def _images(entry: Entry) -> str:
    return "" if entry.first is None else f" It learns from the first {entry.first:,} training images."


def _published(entry: Entry) -> str:
    published = entry.published
    if published is None:
        aim = "" if entry.aim is None else f" It is meant to reach {percent(entry.aim)}."
        return f"A model of our own. Nothing is published of it.{aim}"
    runs = f" over {published.runs} runs" if published.runs > 1 else ""
    mean = "" if published.low == published.high else f", mean {percent(published.accuracy, 3)}"
    return f"Published: {accuracy_range(published.low, published.high)}{runs}{mean}. {published.source}."


def _summary(columns: Sequence[Measured]) -> str:
    """Return a table with a column for each protocol."""
    rows = {
        "": [f"{one.protocol} protocol" for one in columns],
        "accuracy, mean": [percent(one.accuracy.mean) for one in columns],
        "standard deviation, points": [_or_dash(one.accuracy.sd, "{:.3f}") for one in columns],
        "95 % interval of the mean": [shares(one.accuracy.interval) for one in columns],
        "lowest to highest": [accuracy_range(one.accuracy.low, one.accuracy.high) for one in columns],
        "ten corrected, mean": [_mean(one.accuracy_corrected) for one in columns],
        "fifteen left out, mean": [_mean(one.accuracy_without_doubtful) for one in columns],
        "loss, mean": [f"{one.cost.mean:.4f} nats" for one in columns],
        "seeds": [", ".join(map(str, one.seeds)) for one in columns],
        "measured on": ["; ".join(one.machines) for one in columns],
        "commit": [", ".join(one.commits) for one in columns],
    }
    lines = [f"| {' | '.join((name, *cells))} |" for name, cells in rows.items()]
    return "\n".join([lines[0], f"|---|{'--:|' * len(columns)}", *lines[1:]])


def _reached(entry: Entry, found: Measured) -> str:
    """Return whether the published figure is reached, and why not where it is not; or our aim."""
    if entry.published is None:
        return _aimed(entry, found)
    ours = entry.published, found.accuracy, len(found.seeds)
    short = missing(*ours, certain=entry.certain)
    published = f"The published {_name(entry)}, {percent(entry.published.accuracy)},"
    if short:
        less = "" if entry.certain else " less twice the standard error of ours,"
        verdict = f"{published}{less} is missed by {100 * short:.2f} points. {entry.shortfall}".rstrip()
    elif reached(*ours, certain=entry.certain):
        verdict = f"{published} is reached."
    else:
        verdict = f"{published} is not contradicted by {plural(len(found.seeds), 'run')}."
    if len(found.seeds) < len(entry.seeds):
        verdict += f" Measured with {len(found.seeds)} of {len(entry.seeds)} seeds so far."
    return verdict


def _aimed(entry: Entry, found: Measured) -> str:
    """Return whether the mean of our runs is at or above the aim of a model of our own."""
    if entry.aim is None:
        return ""
    there, n = found.accuracy.mean >= entry.aim, len(found.seeds)
    enough = "" if n >= ENOUGH_SEEDS else f", by {plural(n, 'run')}, too few to tell"
    return f"The aim, {percent(entry.aim)}, is {'reached' if there else 'not reached'}{enough}."


def _name(entry: Entry) -> str:
    return "figure" if entry.published is not None and entry.published.runs == 1 else "mean"


def _gain(found: Measured) -> str | None:
    gain = found.protocol_gain
    if gain is None:
        return None
    return (
        f"Choosing the epoch on the test images was worth {100 * gain.mean:.3f} points on average "
        f"({100 * gain.low:.2f} to {100 * gain.high:.2f}): test accuracy of the epoch chosen less that of "
        "the last."
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
    """Return the tables of runs, to be opened."""
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
        f"Measured on {'; '.join(machines)}.{on} Where a measured mean differs from the published one by "
        "0.01 to 0.04 points, in either direction, that is chance; [docs/models.md](docs/models.md) says "
        "which figures are reached."
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
