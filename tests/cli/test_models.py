"""`tenfold models`: the zoo in a terminal, and from which ledger."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tenfold.cli import main
from tenfold.zoo import ENTRIES


def test_the_table_fits_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80, no_color=True, highlight=False)
    monkeypatch.setattr("tenfold.cli.output.stdout", lambda: console)
    assert main(["models"]) == 0
    lines = [line for line in shown.getvalue().splitlines() if line.split()]
    assert max(map(len, lines[2:])) <= 80
    assert [line.split()[0] for line in lines[2:]] == list(ENTRIES)  # none is folded


def test_the_ledger_is_the_one_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    ours = {one["id"]: one for one in json.loads(capsys.readouterr().out)["models"]}
    assert main(["models", "--json", "--results", str(tmp_path)]) == 0
    none = {one["id"]: one for one in json.loads(capsys.readouterr().out)["models"]}
    assert {one["measured"] for one in none.values()} == {None}
    assert ours["nn1l"]["measured"]["n"] == 5
    assert ours["nn1l"]["protocol_gain"]["mean"] > 0
    assert {name for name, one in ours.items() if one["shortfall"]} == {
        name for name, found in ENTRIES.items() if found.shortfall
    }
    assert ours["knn"]["protocol_gain"] is None


def test_a_model_run_by_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "lenet5", "nn1l", "lenet5"]) == 0
    out = capsys.readouterr().out
    assert out.count("lenet5: Modern LeNet-5") == 1
    lines = [line.split() for line in out.splitlines()]
    assert ["lenet5,", "published", "protocol"] in lines
    assert ["lenet5,", "honest", "protocol"] in lines
    [first, *_] = [line for line in lines if line[:1] == ["378039"]]
    assert first[1:5] == ["99.31", "%", "99.36", "%"]  # both versions of the document
    assert main(["models", "lenet5", "--results", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "measured   not measured, published protocol" in out
    assert "lenet5, not measured: the authors' runs" in out


def test_runs_in_json_and_csv_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "cnn-dev", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["models"]
    assert main(["models", "cnn-dev", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    for protocol in ("published", "honest"):
        ours = [row for row in rows if (row["by"], row["protocol"]) == ("tenfold", protocol)]
        assert [(int(row["seed"]), float(row["accuracy"]), float(row["loss"])) for row in ours] == [
            (run["seed"], run["accuracy"], run["loss"]) for run in found["runs"][protocol]
        ]
    authors = [row for row in rows if row["by"] == "authors"]
    assert [int(row["best_epoch"]) for row in authors] == [
        run["best_epoch"] for run in found["published"]["each_run"]
    ]


@pytest.mark.parametrize(("form", "begins"), [("csv", "model,"), ("markdown", "**"), ("latex", "\\begin")])
def test_a_model_that_is_not_measured_is_said_to_be(
    form: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "nn1l", "--format", form, "--results", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(begins)
    assert err == "nn1l: not measured; these are the authors' runs alone\n"
    assert main(["models", "--format", form]) == 0
    out, err = capsys.readouterr()
    assert (out.startswith(begins), err) == (True, "")
    assert all(name in out for name in ENTRIES)


def test_one_format_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--format", "csv", "--json"]) == 2
    assert "--format and --json: expected one of them, got both" in capsys.readouterr().err
    assert main(["models", "--format", "html"]) == 2
    assert "--format" in capsys.readouterr().err


def test_a_wide_table_is_cut_into_pieces_that_fit_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    monkeypatch.setattr("tenfold.cli.output.stdout", lambda: console)
    assert main(["models", "lenet5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    heads = [line for line in lines if line.startswith("seed ")]
    assert len(heads) > 2  # two protocols, in pieces
    assert sum("seconds, ours" in line for line in heads) == 2
