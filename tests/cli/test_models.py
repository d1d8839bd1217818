"""`tenfold models`: the zoo in a terminal, and from which ledger."""

from __future__ import annotations

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
