"""The notebooks beside the tutorials open, are executed, and are in step with their sources."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
SOURCES = sorted(TUTORIALS.glob("*.py"))
each = pytest.mark.parametrize("source", [pytest.param(s, id=s.stem) for s in SOURCES])


def notebook_of(source: Path) -> Any:
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def cells_of(source: Path) -> list[tuple[str, str]]:
    """Return (kind, text) of every cell of a percent-format script."""
    found = []
    for cell in re.split(r"^# %%", source.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, body = cell.partition("\n")
        if head.endswith("[markdown]"):
            found.append(("markdown", re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip()))
        else:
            found.append(("code", re.sub(r"^# (%\w+)", r"\1", body, flags=re.MULTILINE).strip()))
    return found


def is_caption(cell: Any) -> bool:
    return "caption" in cell.metadata.get("tags", ())


@each
def test_the_notebook_is_valid(source: Path) -> None:
    nbformat.validate(notebook_of(source))


@each
def test_the_notebook_has_the_cells_of_its_source(source: Path) -> None:
    found = [
        (cell.cell_type, cell.source.strip()) for cell in notebook_of(source).cells if not is_caption(cell)
    ]
    assert found == cells_of(source), f"run tools/tutorials.py {source.stem}"


@each
def test_the_notebook_is_executed_from_top_to_bottom(source: Path) -> None:
    code = [cell for cell in notebook_of(source).cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    assert counts == list(range(counts[0], counts[0] + len(code)))
    for cell in code:  # text in one piece: where it is cut would differ at every execution
        types = [output.output_type for output in cell.outputs]
        assert ("stream", "stream") not in pairwise(types)
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds <= {"stream", "display_data", "execute_result"}
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2


@each
def test_the_notebook_shows_what_the_page_shows(source: Path) -> None:
    page = source.with_suffix(".md").read_text(encoding="utf-8")
    for cell in notebook_of(source).cells:
        if is_caption(cell):
            assert cell.source in page
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                assert output.name == "stdout"
                assert all(line.rstrip() in page for line in output.text.splitlines())


@each
def test_the_notebook_says_nothing_of_the_machine_that_ran_it(source: Path) -> None:
    text = re.sub(r'"image/png": "[^"]*"', "", source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert re.findall(r"/(?:home|root|tmp|work|usr|Users)/|[A-Z]:\\\\Users", text) == []
    assert source.with_suffix(".ipynb").stat().st_size < 600_000
