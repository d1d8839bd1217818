"""docs/models.md: what it says of published figures is what was published."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tenfold.zoo import ENTRIES

TOOL = Path(__file__).parents[2] / "tools" / "ledger.py"


@pytest.mark.parametrize("name", ENTRIES)
def test_only_a_published_mean_is_called_one(name: str) -> None:
    spec = importlib.util.spec_from_file_location("ledger_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    entry, text = ENTRIES[name], tool.section(ENTRIES[name])
    if entry.measured is not None:
        assert ("The published figure, " in text) == (entry.published.runs == 1)
        assert ("The published mean, " in text) == (entry.published.runs > 1)
        few = len(entry.measured.seeds) < 3 and not entry.certain
        assert not (few and " is reached." in text)
        assert ("not contradicted by" in text) <= few


def test_the_page_says_what_chance_is_and_which_images_are_used() -> None:
    spec = importlib.util.spec_from_file_location("ledger_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert "Differences of 0.01 to 0.04 points" in tool.page()
    assert "It learns from the first 5,000 training images." in tool.section(ENTRIES["scratch-01"])
    assert "It learns from the first" not in tool.section(ENTRIES["scratch-02"])
