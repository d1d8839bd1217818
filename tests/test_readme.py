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
    assert tool("readme_table").with_tables(README) == README, "run `python tools/readme_table.py`"


def test_a_figure_written_by_hand_would_be_noticed() -> None:
    forged = README.replace("| `lenet5` | 61,706 |", "| `lenet5` | 61,707 |")
    assert forged != README
    assert tool("readme_table").with_tables(forged) == README


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
    speed_table = tool("readme_table").speed_table
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
    now = tool("readme_table").with_tables(README, tmp_path)
    forged = now.replace("**4.3**", "**5.3**")
    assert forged != now
    assert tool("readme_table").with_tables(forged, tmp_path) == now


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
