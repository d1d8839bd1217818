"""Tables: what is written is read back as it was, whatever the texts; runs stand beside the authors'."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tenfold.checkpoint import dump_json
from tenfold.errors import ConfigError
from tenfold.evaluate.tables import (
    FORMATS,
    Table,
    overview,
    overview_records,
    runs_records,
    runs_table,
    runs_tables,
    written,
)
from tenfold.zoo import ENTRIES, MeasuredRun, PublishedRun
from tenfold.zoo.references import PUBLISHED_SEEDS

TEXT = st.text(st.sampled_from("ab 9.%,;:'\"\\|*_`~<>[]{}()&#$^!+-=/\n\té–µ"), max_size=12)
CELLS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.tuples(*[TEXT] * n), min_size=1, max_size=4)  # the first are the heads
)


def spaced(text: str) -> str:
    return " ".join(text.split())


@given(CELLS)
@settings(deadline=None)
def test_csv_is_read_back_as_it_was(cells) -> None:
    heads, *rows = [tuple(f"{i}{cell}" for i, cell in enumerate(row)) for row in cells]
    text = written([], [dict(zip(heads, row, strict=True)) for row in rows], "csv")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found == ([list(heads), *map(list, rows)] if rows else [])


@given(CELLS)
@settings(deadline=None)
def test_markdown_shows_every_cell_as_it_was(cells) -> None:
    heads, *rows = cells
    text = Table("a title", heads, tuple(rows)).to_markdown()
    assert markdown_cells(text) == [[spaced(cell) for cell in row] for row in cells]


def markdown_cells(text: str) -> list[list[str]]:
    """The texts of a table's cells, as a browser would show them."""
    rows: list[list[str]] = []
    inside = False
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type == "tr_open":
            rows.append([])
        inside = token.type in ("th_open", "td_open") or (inside and token.type == "inline")
        if token.type == "inline":
            assert inside, f"text outside the table: {token.content}"
            assert {child.type for child in token.children} <= {"text"}, "nothing but text"
            rows[-1].append("".join(child.content for child in token.children))
    return rows


@given(CELLS)
@settings(deadline=None)
def test_latex_prints_every_cell_as_it_was(cells) -> None:
    heads, *rows = cells
    title = heads[0]
    text = Table(title, heads, tuple(rows)).to_latex()
    assert printed(re.search(r"\\caption\{(.*)\}\n", text)[1]) == spaced(title)
    body = text.split("\\hline\n", 1)[1].split("\\hline\n\\end{tabular}")[0].replace("\\hline\n", "")
    found = [re.split(r" & ", line.removesuffix(" \\\\")) for line in body.splitlines()]
    assert [[printed(cell) for cell in row] for row in found] == [[spaced(c) for c in row] for row in cells]
    assert f"\\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}" in text


SYMBOLS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textquotedbl": '"',
}


def printed(text: str) -> str:
    """What LaTeX prints for a text of escapes and plain characters; refuses everything else."""
    token = re.compile(r"\\(text[a-z]+)\{\}|\\([&%$#_{}])|\{([\[\]])\}|([^\\{}&%$#_~^<>|\"\[\]])")
    found, at = [], 0
    while at < len(text):
        match = token.match(text, at)
        assert match is not None, f"not escaped: {text[at:]}"
        found.append(SYMBOLS[match[1]] if match[1] else match[2] or match[3] or match[4])
        at = match.end()
    return "".join(found)


def test_no_such_format() -> None:
    with pytest.raises(ConfigError, match="unknown format 'latx'; did you mean 'latex'"):
        written([], [], "latx")


def ours(seed: int, accuracy: float, **more) -> MeasuredRun:
    return replace(MeasuredRun(seed, accuracy, 0.05, 20, 18, 7.5, 0.1), **more)


def test_each_seed_stands_beside_the_authors() -> None:
    authors = [
        PublishedRun(seed=5, accuracy=0.98, loss=0.04, epochs=20),
        PublishedRun(seed=0, accuracy=0.97, loss=0.06, epochs=20),
    ]
    found = runs_table("a title", authors, [ours(0, 0.975), ours(7, 0.985)])
    assert found.heads == (
        *("seed", "accuracy, authors", "accuracy, ours", "loss, authors", "loss, ours", "epochs, authors"),
        *("epochs, ours", "epoch kept, ours", "seconds, ours"),
    )
    assert found.rows == (
        ("0", "97.00 %", "97.50 %", "0.0600", "0.0500", "20", "20", "18", "7.5"),
        ("5", "98.00 %", "-", "0.0400", "-", "20", "-", "-", "-"),
        ("7", "-", "98.50 %", "-", "0.0500", "-", "20", "18", "7.5"),
        ("mean", "97.500 %", "98.000 %", "0.0500", "0.0500", "20.0", "20.0", "18.0", "7.5"),
    )


def test_two_series_and_runs_without_a_seed() -> None:
    authors = [
        PublishedRun(accuracy=0.9, series=1),
        PublishedRun(seed=3, accuracy=0.91, series=2, train_seconds=4.0),
        PublishedRun(accuracy=0.92, series=1),
    ]
    found = runs_table("a title", authors, [])
    assert found.heads == ("seed", "accuracy, authors 1", "accuracy, authors 2", "seconds, authors 2")
    assert found.rows == (
        ("not stated", "90.00 %", "-", "-"),
        ("not stated", "92.00 %", "-", "-"),
        ("3", "-", "91.00 %", "4.0"),
        ("mean", "91.000 %", "91.000 %", "4.0"),
    )


def test_runs_of_a_model_without_authors() -> None:
    found = runs_table("a title", [], [ours(0, 0.9, epochs=None, best_epoch=None, loss=None)])
    assert (found.heads, found.rows) == (("seed", "accuracy", "seconds"), (("0", "90.00 %", "7.5"),))


def trial(seed: int, accuracy: float) -> dict[str, object]:
    nothing = {"accuracy_corrected": None, "accuracy_without_doubtful": None, "protocol_gain": None}
    return nothing | {
        "seed": seed,
        "parameters": 61_706,
        "accuracy": accuracy,
        "loss": 0.03,
        "epochs": 20,
        "best_epoch": 19,
        "train_seconds": 20.0,
        "predict_seconds": 0.1,
        "dataset": "mnist",
        "machine": "M, 2 cores",
        "commit": None,
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    from tenfold.evaluate.ledger import gathered

    figures = gathered("lenet5", "honest", [trial(0, 0.9911), trial(378039, 0.9941)])
    (tmp_path / "lenet5-honest.json").write_bytes(dump_json(figures))
    return tmp_path


def test_the_tables_of_a_model_are_those_of_the_protocols_measured(results: Path) -> None:
    [table] = runs_tables("lenet5", results)
    assert table.title == "lenet5, honest protocol"
    assert table.rows[0][:4] == ("0", "99.18 %", "99.11 %", "99.11 %")
    records = runs_records("lenet5", results)
    assert [(one["by"], one["protocol"]) for one in records].count(("tenfold", "honest")) == 2
    assert [(one["by"], one["series"]) for one in records].count(("authors", 2)) == 5
    assert {tuple(one) for one in records} == {tuple(records[0])}
    [alone] = runs_tables("nn1l", results)
    assert alone.title == "nn1l, not measured: the authors' runs"
    assert not [head for head in alone.heads if "ours" in head]


def test_the_overview_has_a_row_for_each_model(results: Path) -> None:
    rows = {row[0]: row for row in overview(results).rows}
    assert list(rows) == list(ENTRIES)
    assert rows["lenet5"][3:] == (
        "not measured",
        "99.26 % (sd 0.21, 2 seeds)",
        "not timed",
        "not timed",
    )
    record = next(one for one in overview_records(results) if one["model"] == "lenet5")
    assert (record["measured"], record["measured_seeds"], record["honest_seeds"]) == (None, 0, 2)
    assert record["honest"] == pytest.approx(0.9926)
    assert record["train_seconds"] is None  # that of trials is no measure of speed


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ENTRIES)
def test_every_model_can_be_written_in_every_format(name: str, form: str) -> None:
    records = runs_records(name)
    text = written(runs_tables(name), records, form)
    assert text.endswith("\n") or (form == "csv" and not records)  # nothing is published nor measured
    assert name in text or not text


# name -> (mean accuracy, mean loss) as the documents give them, of all runs
MEANS = {
    "mlp-512": (0.9794, 0.0677),
    "mlp-800": (0.9834, 0.0571),
    "cnn-ref": (0.9907, 0.0298),
    "cnn-dev": (0.9929, 0.0209),
}


@pytest.mark.parametrize("name", MEANS)
def test_published_runs_have_the_published_means(name: str) -> None:
    runs = ENTRIES[name].published.each_run
    assert [run.seed for run in runs] == list(range(10))
    found = np.mean([[run.accuracy, run.loss] for run in runs], axis=0)
    assert found == pytest.approx(MEANS[name], abs=5.1e-5)


ONLY_MEANS = ("deotte", "deotte-15")  # over so many runs that the author gives no single one


@pytest.mark.parametrize("name", [name for name, one in ENTRIES.items() if one.published is not None])
def test_published_runs_and_figures_agree(name: str) -> None:
    published = ENTRIES[name].published
    if name in ONLY_MEANS:
        assert (published.each_run, published.low, published.high) == ((), *[published.accuracy] * 2)
        return
    assert len(published.each_run) == published.runs
    accuracies = [run.accuracy for run in published.each_run]
    assert (min(accuracies), max(accuracies)) == (published.low, published.high)
    for run in published.each_run:
        assert run.best_epoch is None or 1 <= run.best_epoch <= run.epochs
        assert run.loss is None or published.loss[0] <= run.loss <= published.loss[1]


def test_both_versions_of_a_document_have_the_same_seeds() -> None:
    for name in ("nn1l", "nn2l", "nn3l", "lenet5"):
        runs = ENTRIES[name].published.each_run
        assert [run.seed for run in runs] == [*PUBLISHED_SEEDS] * 2
        assert [run.series for run in runs] == [1] * 5 + [2] * 5
        assert [run.train_seconds is not None for run in runs].count(True) == 1
