"""docs/layers.md has every layer, loss and optimiser, and the section that derives it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from tenfold.nn import Layer, Loss
from tenfold.nn.registry import LAYERS, LOSSES
from tenfold.optim.from_config import OPTIMIZERS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "layers.md").read_text(encoding="utf-8")
REGISTRIES = {"Layers": LAYERS, "Losses": LOSSES, "Optimisers": OPTIMIZERS}
each = pytest.mark.parametrize(
    "cls", [pytest.param(cls, id=kind) for registry in REGISTRIES.values() for kind, cls in registry.items()]
)


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    body = PAGE.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in body.splitlines() if "| `" in line
    ]


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def derived_in(cls: type) -> str:
    """Return a link to the section that a class's docstring names; the row itself if it names none."""
    found = re.search(r'Derived in tutorial (\d), "(.+)"\.', " ".join((cls.__doc__ or "").split()))
    if found is None:
        return "this row"
    number, heading = found.groups()
    [tutorial] = (DOCS / "tutorials").glob(f"{number}_*.md")
    assert f"\n## {heading}\n" in tutorial.read_text(encoding="utf-8")
    return f"[tutorial {number}](tutorials/{tutorial.name}#{anchor(heading)})"


@pytest.mark.parametrize("section", REGISTRIES)
def test_every_kind_has_its_row(section: str) -> None:
    found = {row[1].strip("`"): row[0].strip("| `") for row in rows(section)}
    assert found == {kind: cls.__name__ for kind, cls in REGISTRIES[section].items()}


@each
def test_the_row_links_the_class_and_its_derivation(cls: type[Layer | Loss]) -> None:
    [row] = [row for section in REGISTRIES for row in rows(section) if row[0].strip("| `") == cls.__name__]
    file = re.search(r"\(\.\./(.+)\)", row[-2])
    assert file is not None
    assert inspect.getsourcefile(cls) == str((DOCS.parent / file[1]).resolve())
    assert row[-1].strip("| ") == derived_in(cls)
