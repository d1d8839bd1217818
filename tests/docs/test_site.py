"""The documentation site has every page and every public name; `make docs` builds it and checks its links."""

from __future__ import annotations

import importlib
import pkgutil
import re
import runpy
from pathlib import Path

import pytest

import tenfold

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = (DOCS / "api" / "index.rst").read_text(encoding="utf-8")
UNITS = re.findall(r"^   (tenfold[\w.]*)$", REFERENCE, flags=re.MULTILINE)
FAULTS = runpy.run_path(str(ROOT / "tools" / "check_site.py"))["faults"]

# What is not for users: it may change without notice. `tenfold` itself has what they need of it.
INTERNAL = {
    "tenfold.cli",
    "tenfold.data.parts",
    "tenfold.doctor",
    "tenfold.estimator",
    "tenfold.evaluate.ablation",
    "tenfold.evaluate.ablation_page",
    "tenfold.evaluate.comparison_page",
    "tenfold.evaluate.report_page",
    "tenfold.evaluate.timing",
    "tenfold.evaluate.tuning_page",
    "tenfold.export",
    "tenfold.files",
    "tenfold.habits",
    "tenfold.pages",
    "tenfold.runs.launch",
    "tenfold.serve",
    "tenfold.train.callbacks",
}


def tree(page: str = "index.rst") -> list[str]:
    """Return the pages that the tree of the site names."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^\.\. toctree::\n((?:   .*\n|\n)*)", text, flags=re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines() if re.match(r"   [^:\s]", line)]
    return [re.sub(r".*<(.*)>", r"\1", line).strip() for line in lines]


def pages() -> set[str]:
    """Return all pages as the tree names them; those of the units are made from the list in api/index."""
    files = [*DOCS.rglob("*.md"), DOCS / "api" / "index.rst"]
    return {str(file.relative_to(DOCS).with_suffix("")) for file in files}


def test_every_page_is_in_the_tree_once() -> None:
    assert sorted(tree()) == sorted(pages()), "docs/index.rst names the pages of the site"


def test_every_public_unit_is_in_the_reference() -> None:
    packages = {
        found.name: importlib.import_module(found.name)
        for found in pkgutil.walk_packages(tenfold.__path__, "tenfold.")
        if found.ispkg
    }
    public = {name for name, package in packages.items() if getattr(package, "__all__", ())}
    listed = {*UNITS} - {"tenfold", "tenfold.errors"}  # a module of its own
    assert listed | INTERNAL == public, "a new unit goes to docs/api/index.rst, or to INTERNAL here"
    assert not listed & INTERNAL


@pytest.mark.parametrize("name", sorted({*tenfold.__all__} - {"__version__"}))
def test_every_name_of_tenfold_is_in_the_reference(name: str) -> None:
    assert "tenfold" in UNITS
    assert name in tenfold._HOME or f"tenfold.{name}" in UNITS


def test_every_page_of_the_root_is_included() -> None:
    included_from = sorted(DOCS.glob("project/*.md"))
    assert [page.stem for page in included_from] == sorted(page.stem.lower() for page in ROOT.glob("*.md"))
    for page in included_from:
        [included] = re.findall(r"^```\{include\} (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert (page.parent / included).resolve() == ROOT / f"{page.stem.upper()}.md"


def test_the_check_finds_what_leads_nowhere_and_what_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<h1 id="here">', encoding="utf-8")
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here"><a href="other.html#no"><a href="gone.html"><a href="https://elsewhere.org">'
        '<img src="gone.png"><img src="data:,"><script src="https://elsewhere.org/a.js"></script>',
        encoding="utf-8",
    )
    assert FAULTS(tmp_path) == [
        "index.html: loads https://elsewhere.org/a.js",
        "index.html: gone.html leads to no file",
        "index.html: gone.png leads to no file",
        "index.html: other.html#no leads to no anchor",
    ]
