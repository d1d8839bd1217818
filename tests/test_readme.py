"""The README says what is so: its example runs, its figures are measured, its paths exist."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
    assert len(code) <= 20


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_DATA", "mnist-5k")
    command = [sys.executable, "-W", "error", str(ROOT / "examples" / "quickstart.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "mnist-5k: 4,000 training images" in done.stdout
    accuracies = [float(found) for found in re.findall(r"(\d+\.\d+)%", done.stdout)]
    assert len(accuracies) == 2
    assert min(accuracies) > 80
    assert (tmp_path / "runs" / "quickstart" / "model" / "MANIFEST.json").is_file()


def test_the_figures_are_those_of_results() -> None:
    assert tool("readme_table").with_table(README) == README, "run `python tools/readme_table.py`"


def test_a_figure_written_by_hand_would_be_noticed() -> None:
    forged = README.replace("| `lenet5` | 61,706 |", "| `lenet5` | 61,707 |")
    assert forged != README
    assert tool("readme_table").with_table(forged) == README


def test_the_table_shows_what_is_measured(tmp_path: Path) -> None:
    figures = {
        "dataset": "mnist",
        "protocol": "published",
        "seeds": [0, 1],
        "machine": "M, 2 cores",
        "commit": "abc",
        "accuracy": {"mean": 0.9926, "low": 0.9911, "high": 0.9936},
        "cost": {"mean": 0.03, "low": 0.02, "high": 0.04},
        "train_seconds": 20.04,
        "predict_seconds": 0.123,
    }
    (tmp_path / "lenet5.json").write_text(json.dumps(figures))
    table = tool("readme_table").table(tmp_path)
    expected = "**99.26 %** (99.11-99.36 %, 2 seeds) | not measured | 20.0 s | 0.12 s |"
    assert expected in table
    assert (
        "| `nn1l` | 7,850 | 92.74-92.82 % | not measured | not measured | not measured | not measured |"
        in table
    )
    assert "Measured on M, 2 cores, commit abc." in table


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"(?<!!)\]\(([^)#]+)\)", README)
    assert targets
    for target in targets:
        assert target.startswith("https://") or (ROOT / target).exists(), target


@pytest.mark.parametrize(
    "command", ["models", "data", "summary", "train", "evaluate", "report", "predict", "check"]
)
def test_every_command_is_in_the_table(command: str) -> None:
    assert re.search(rf"^\| `tenfold {command}\b", README, flags=re.MULTILINE)


def test_results_summary_is_made_of_the_runs() -> None:
    measure = tool("measure")
    common = {
        "dataset": "mnist",
        "dataset_sha256": "0",
        "train_images": 60000,
        "protocol": "published",
        "parameters": 5,
        "machine": "M",
        "versions": {},
        "commit": "abc",
        "epochs": [{}],
        "chosen_epoch": 1,
    }
    records = [
        common
        | {
            "seed": seed,
            "train_seconds": 2.0 + seed,
            "test": {"accuracy": 0.5 + seed / 4, "cost": 1.0, "predict_seconds": 0.5},
        }
        for seed in (0, 1)
    ]
    found = measure.summary(measure.entry("nn1l"), records)
    assert found["accuracy"] == {"mean": 0.625, "low": 0.5, "high": 0.75}
    assert (found["train_seconds"], found["seeds"], len(found["runs"])) == (2.5, [0, 1], 2)
    records[1]["commit"] = "def"
    with pytest.raises(SystemExit, match="the runs differ in commit"):
        measure.summary(measure.entry("nn1l"), records)
