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
        assert ("The middle of the published range, " in text) == (entry.published.accuracy is None)
        assert ("The published mean, " in text) == (entry.published.accuracy is not None)
