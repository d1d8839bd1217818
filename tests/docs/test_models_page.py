"""docs/models.md repeats the published figures correctly."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tenfold.evaluate.timing import put_times
from tenfold.zoo import ENTRIES, digest

TOOL = Path(__file__).parents[2] / "tools" / "ledger.py"


@pytest.mark.parametrize("name", ENTRIES)
def test_only_a_published_mean_is_called_one(name: str) -> None:
    spec = importlib.util.spec_from_file_location("ledger_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    entry, text = ENTRIES[name], tool.section(ENTRIES[name])
    assert ("It has no published figure" in text) == (entry.published is None)
    if entry.measured is not None:
        assert ("The published figure, " in text) == (entry.published.runs == 1)
        assert ("The published mean, " in text) == (entry.published.runs > 1)
        few = len(entry.measured.seeds) < 3 and not entry.deterministic
        assert not (few and " is reached." in text)
        assert ("not contradicted by" in text) <= few


def test_only_times_of_a_quiet_machine_are_shown(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("ledger_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    record = {
        "machine": "M, 2 cores",
        "others": 0.01,
        "date": "2026-01-02",
        "commit": None,
        "digest": digest(ENTRIES["nn1l"]),
        "train": {"seconds": [2.0, 1.0, 4.0], "epochs": 20, "images": 60_000},
        "predict": {"seconds": [0.2], "images": 10_000},
    }
    put_times(tmp_path, "nn1l", record)
    assert (
        "Time: training (20 epochs) 2 s (1 s to 4 s, 3 repeats), predicting 10,000 images 200 ms (200 ms to "
        "200 ms, 1 repeat), on M, 2 cores, 2026-01-02."
    ) in tool.section(ENTRIES["nn1l"], tmp_path)
    assert "Time: not timed." in tool.section(ENTRIES["nn2l"], tmp_path)
    row = next(line for line in tool.table(tmp_path).splitlines() if line.startswith("| [`nn1l`]"))
    assert row.endswith("| 2 s | 200 ms |")


def test_the_page_says_what_chance_is_and_which_images_are_used() -> None:
    spec = importlib.util.spec_from_file_location("ledger_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert "Differences of 0.01 to 0.04 points" in tool.page()
    assert "It is trained on the first 5,000 training images." in tool.section(ENTRIES["scratch-01"])
    assert "It is trained on the first" not in tool.section(ENTRIES["scratch-02"])
