"""The tutorials' pages show what their sources say, by public names alone; `make tutorials` runs them."""

from __future__ import annotations

import ast
import importlib
import re
import types
from pathlib import Path

import pytest
from PIL import Image

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
SOURCES = sorted(TUTORIALS.glob("*.py"))
PAGES = {source: source.with_suffix(".md") for source in SOURCES}
NUMBERED = [source for source in SOURCES if source.stem[0].isdigit()]
each = pytest.mark.parametrize("source", [pytest.param(s, id=s.stem) for s in SOURCES])
each_numbered = pytest.mark.parametrize("source", [pytest.param(s, id=s.stem) for s in NUMBERED])
PICTURE = re.compile(r"^!\[(.*)\]\((.*)\)$", re.MULTILINE)


def cells(source: str) -> list[tuple[str, str]]:
    """Return ("prose" or "code", text) for every cell of a percent-format script."""
    found = []
    for cell in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        head, _, body = cell.partition("\n")
        if head.endswith("[markdown]"):
            lines = [re.sub(r"^# ?", "", line) for line in body.strip().splitlines()]
            found.append(("prose", "\n".join(lines).strip()))
        else:
            found.append(("code", re.sub(r"^# (%\w+)", r"\1", body, flags=re.MULTILINE).strip()))
    return found


def missing(source: str, page: str) -> list[str]:
    """Return what of the source is not in the page, in its order."""
    at, lost = 0, []
    for kind, text in cells(source):
        block = f"```python\n{text}\n```" if kind == "code" else text
        place = page.find(block, at)
        if place < 0:
            lost.append(text)
        else:
            at = place + len(block)
    return lost


def not_public(source: str) -> list[str]:
    """Return the names that a script takes from tenfold and that are not public there."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "tenfold":
            module = importlib.import_module(node.module)
            found += [f"{node.module}.{a.name}" for a in node.names if a.name not in module.__all__]
        elif isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.startswith("tenfold.")]
        elif isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
            found.append(node.attr)
    return found


def test_there_are_tutorials() -> None:
    assert [source.stem[:2] for source in SOURCES] == ["1_", "2_", "3_", "4_", "5_", "6_", "an"]


@each
def test_the_page_is_made_from_the_source(source: Path) -> None:
    lost = missing(source.read_text(encoding="utf-8"), PAGES[source].read_text(encoding="utf-8"))
    assert lost == [], "run `make tutorials`"


def test_a_page_that_is_out_of_date_would_be_noticed() -> None:
    source, page = (path.read_text(encoding="utf-8") for path in (SOURCES[0], PAGES[SOURCES[0]]))
    [_, first, *_] = [text for kind, text in cells(source) if kind == "code"]
    assert missing(source.replace(first, first + "\nprint('new')"), page) == [first + "\nprint('new')"]
    assert missing(source, page.replace("**Afterwards", "*Afterwards")) != []


@each
def test_only_public_names_are_used(source: Path) -> None:
    assert not_public(source.read_text(encoding="utf-8")) == []


def test_private_names_would_be_noticed() -> None:
    script = "from tenfold.nn import Dense, one_hot\nimport tenfold.nn.dense\nDense(2, 3)._draw_weight"
    assert not_public(script) == ["tenfold.nn.one_hot", "tenfold.nn.dense", "_draw_weight"]


@each_numbered
def test_it_opens_with_what_the_reader_will_be_able_to_do(source: Path) -> None:
    kind, opening = cells(source.read_text(encoding="utf-8"))[0]
    title, words, *_ = opening.split("\n\n")
    assert kind == "prose"
    assert title.startswith(f"# {source.stem[0]}. ")
    assert words == "**Afterwards you will be able to**"


@each
def test_every_picture_is_there_small_and_has_words(source: Path) -> None:
    shown = [
        target
        for _, target in PICTURE.findall(PAGES[source].read_text(encoding="utf-8"))
        if target.endswith("png")
    ]
    assert len(shown) >= 2
    for target in shown:
        assert (TUTORIALS / target).stat().st_size < 60_000, target
        with Image.open(TUTORIALS / target) as picture:
            assert 150 <= picture.width <= 1200, target
    kept = {path.name for path in (TUTORIALS / "images").glob(f"{source.stem}_*.png")}
    assert kept == {Path(target).name for target in shown}


def without_caption(page: str) -> list[str]:
    """Return the pictures that have no words printed under them (or under the last of a row of them)."""
    lines = [line for line in page.splitlines() if line]
    lost = []
    for at, line in enumerate(lines):
        below = next((after for after in lines[at + 1 :] if not after.startswith("![")), "")
        if PICTURE.match(line) and not re.match(r"\*[^*]{10}", below):
            lost.append(line)
    return lost


@each
def test_the_words_of_every_picture_are_printed_under_it(source: Path) -> None:
    assert without_caption(PAGES[source].read_text(encoding="utf-8")) == []


def test_a_picture_without_printed_words_would_be_noticed() -> None:
    assert without_caption("![words](a.png)\n\nThe next paragraph.") == ["![words](a.png)"]
    assert without_caption("![words](a.png)\n\n![words](b.png)\n\n*Words about both.*\n") == []


def exercises(page: str) -> list[str]:
    """Return the exercises at the end of a page."""
    body = page.split("## Exercises", 1)[1]
    return re.findall(r"^\d\. (.*?)(?=^\d\. |^Next|\Z)", body, re.MULTILINE | re.DOTALL)


@each_numbered
def test_every_exercise_links_its_answer(source: Path) -> None:
    page = PAGES[source].read_text(encoding="utf-8")
    answers = (TUTORIALS / "answers.md").read_text(encoding="utf-8")
    asked = exercises(page) if "## Exercises" in page else []
    for place, text in enumerate(asked, start=1):
        assert f"(answers.md#exercise-{source.stem[0]}{place})" in text
        assert f"## Exercise {source.stem[0]}.{place}\n" in answers
    assert len(re.findall(rf"^## Exercise {source.stem[0]}\.", answers, re.MULTILINE)) == len(asked)


@each
def test_names_in_the_text_exist(source: Path) -> None:
    for kind, text in cells(source.read_text(encoding="utf-8")):
        for name in re.findall(r"`(tenfold\.[\w.]+)", text) if kind == "prose" else ():
            module, _, attribute = name.rpartition(".")
            owner = importlib.import_module(module)
            assert isinstance(owner, types.ModuleType)
            assert attribute in owner.__all__, name
