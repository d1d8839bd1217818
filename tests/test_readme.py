"""The README is true: its example runs, its figures are measured, its paths exist."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from tenfold.checkpoint import dump_json
from tenfold.cli.app import app
from tenfold.evaluate.ledger import gathered
from tenfold.zoo import ENTRIES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "examples" / "quickstart.py").read_text(encoding="utf-8")


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_make_train_and_make_test_come_first() -> None:
    commands = re.findall(r"^(make \w+|tenfold \w+|python .*|pip .*)", README, flags=re.MULTILINE)
    assert commands[:2] == ["make train", "make test"]


def test_the_example_is_the_file() -> None:
    [shown] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert EXAMPLE.split('"""\n\n', 1)[1] == shown
    code = [line for line in shown.splitlines() if line.strip()]
    assert len(code) <= 7


def test_what_stands_before_the_tables_fits_on_two_screens() -> None:
    before, _ = README.split("## Your own digits")
    lines = [-(-len(line) // 100) or 1 for line in before.splitlines()]
    assert sum(lines) < 100


@pytest.mark.parametrize("example", ["quickstart", "resume"])
def test_the_examples_run_and_run_again(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENFOLD_DATA", "mnist-5k")
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / f"{example}.py")]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        accuracies = [float(found) for found in re.findall(r"(\d+\.\d+)%", done.stdout)]
        assert accuracies
        assert min(accuracies) > 80


def test_the_figures_are_those_of_results() -> None:
    for path, text in tool("ledger").texts().items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run `make ledger`"
    for path, text in tool("speed_table").texts().items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run `python tools/speed_table.py`"


def test_a_figure_written_by_hand_would_be_noticed() -> None:
    forged = README.replace(" | 61,706 |", " | 61,707 |")
    assert forged != README
    assert tool("ledger").with_table(forged) == README


def trial(seed: int, accuracy: float) -> dict[str, Any]:
    return {
        "seed": seed,
        "parameters": 61_706,
        "epochs_planned": 20,
        "accuracy": accuracy,
        "accuracy_corrected": accuracy + 0.0005,
        "accuracy_without_doubtful": accuracy + 0.001,
        "loss": 0.03,
        "protocol_gain": 0.001,
        "train_seconds": 20.04,
        "predict_seconds": 0.123,
        "dataset": "mnist",
        "dataset_sha256": "ab",
        "machine": "M, 2 cores",
        "commit": "abc",
    }


def test_table_and_page_show_what_is_measured(tmp_path: Path) -> None:
    figures = gathered("lenet5", "published", [trial(0, 0.9911), trial(1, 0.9941)])
    (tmp_path / "lenet5.json").write_bytes(dump_json(figures))
    table = tool("ledger").table(tmp_path)
    assert "**99.26 %** (sd 0.21, 2 seeds) | not measured | not timed | not timed |" in table
    assert "| 7,850 | 92.74-92.82 % | not measured | not measured | not timed | not timed |" in table
    assert "Measured on M, 2 cores." in table
    page = tool("ledger").page(tmp_path)
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(ENTRIES)
    [section] = [part for part in page.split("\n## ") if part.startswith("lenet5\n")]
    for line in (
        "Published: 99.11-99.36 % over 10 runs, mean 99.268 %.",
        "| accuracy, mean | 99.26 % |",
        "| ten corrected, mean | 99.31 % |",
        "| fifteen left out, mean | 99.36 % |",
        "| numbers of the seeds | 0, 1 |",
        "| 0 | 99.18 % | 99.11 % | 99.11 % | 0.0377 | 0.0440 | 0.0300 |",
        "Time: not timed.",
        "| commit | abc |",
        "Choosing the epoch on the test images added 0.100 points on average (0.10 to 0.10)",
    ):
        assert line in section, line
    assert ENTRIES["lenet5"].notes[0] in section
    assert "Ours: not measured." in page


def spread(median: float) -> dict[str, float]:
    return {"median": median, "least": median - 0.5, "most": median + 0.5}


def bench_record(date: str, ratio: float) -> dict[str, object]:
    timed = {"ours": spread(1.04), "theirs": spread(4.5), "ratio": spread(ratio)}
    rows = [
        {"section": "training", "name": "lenet5 (32)", **timed},
        {"section": "training", "name": "lenet5 (512)", "ours": None, "theirs": None, "ratio": None},
        {"section": "prediction", "name": "lenet5", **timed},
        {"section": "threads", "name": "lenet5 (32)", **timed},
    ]
    about = {
        "machine": "M",
        "cores": 2,
        "commit": "abc",
        "versions": {"torch": "2.13.0+cpu"},
        "data": "mnist",
    }
    return {"date": date, "rows": rows, **about}


def test_the_speed_table_shows_the_newest_record(tmp_path: Path) -> None:
    speed_table = tool("speed_table").table
    assert speed_table(tmp_path) == "Nothing has been timed yet: `make bench`."
    for name, date, ratio in (("a", "2026-02-01", 9.0), ("b", "2026-03-01", 4.33), ("c", "2026-01-01", 8.0)):
        (tmp_path / f"bench-{name}.json").write_text(json.dumps(bench_record(date, ratio)))
    measured = "1.0 s | 4.5 s | **4.3** (3.8-4.8)"
    assert speed_table(tmp_path).splitlines()[2:] == [
        f"| `lenet5` (32) | {measured} | {measured} |",
        "| `lenet5` (512) | not measured | not measured | not measured |  |  |  |",
        "",
        "Timed on M, 2 cores, 2026-03-01, commit abc, PyTorch 2.13.0, data mnist.",
    ]


def test_a_speed_written_by_hand_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "bench-m.json").write_text(json.dumps(bench_record("2026-03-01", 4.33)))
    now = tool("speed_table").with_table(README, tmp_path)
    forged = now.replace("**4.3**", "**5.3**")
    assert forged != now
    assert tool("speed_table").with_table(forged, tmp_path) == now


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"(?<!!)\]\(([^)#]+)\)", README)
    assert targets
    for target in targets:
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_every_command_is_on_the_page_of_commands() -> None:
    commands = typer.main.get_command(app).commands
    shown = {name for name, command in commands.items() if not command.hidden}
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `tenfold ([a-z]+)", page, flags=re.MULTILINE)) == shown
    assert set(re.findall(r"^\| `tenfold ([a-z]+)", README, flags=re.MULTILINE)) <= shown


def test_what_it_says_of_robustness_is_what_the_page_says() -> None:
    page = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")
    [summary] = re.findall(r"^(\*\*\d+ of \d+ rows pass\.\*\*.*?)\n\n", page, flags=re.MULTILINE | re.DOTALL)
    assert " ".join(summary.split()) in " ".join(README.split())
