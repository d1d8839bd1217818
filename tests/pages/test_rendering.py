"""The kit of all pages: templates escape, miss nothing, and can be read in light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import tenfold
from tenfold.pages import Html, asset, render
from tenfold.pages.axes import apart, foot, spread_heights, width_of
from tenfold.pages.rendering import _environment
from tenfold.pages.svg import el

PACKAGE = Path(tenfold.__file__).parent
TEMPLATES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.jinja"))
LEAST = 4.5
"""The contrast that text of this size needs (WCAG 2.2, 1.4.3)."""


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    assert _environment().get_template(name).name == name


def kit(expression: str, **values: object) -> str:
    source = f'{{% import "pages/kit.html.jinja" as kit with context %}}{{{{ {expression} }}}}'
    return _environment().from_string(source).render(contents=[], **values)


def test_text_is_escaped_and_markup_is_not() -> None:
    assert kit("name", name="<b>&'\"") == "&lt;b&gt;&amp;&#39;&#34;"
    assert kit("name", name=Html("<b>")) == "<b>"
    assert '<td>&lt;b&gt;</td><td><i class="t">&lt;&amp;</i></td>' in kit(
        "kit.table('caption', ('a', 'b', 'c'), rows)", rows=[("x", "<b>", el("i", "<&", class_="t"))]
    )


def test_a_number_stays_with_its_per_cent_sign_and_none_is_left_out() -> None:
    assert kit("share", share="99.2 % of all") == "99.2\u00a0% of all"
    assert kit("nothing", nothing=None) == ""
    assert el("text", "99.2 %") == "<text>99.2\u00a0%</text>"


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'described' is undefined"):
        kit("described")
    with pytest.raises(UndefinedError):
        render("serve/docs.html.jinja", {"title": "x"})


def test_axes_keep_their_labels_apart() -> None:
    marks = [(float(x), "99.99 %") for x in range(0, 400, 10)]
    kept = apart(marks)
    assert kept[0] == marks[0]
    assert all(b - a >= width_of(["99.99 %"]) for (a, _), (b, _) in pairwise(kept))
    assert len([part for part in foot(0, 400, 100, marks) if part.startswith("<text")]) == len(kept)
    heights = spread_heights([50.0, 51.0, 49.0, 10.0, 200.0], 14, 0, 100)
    ordered = sorted(heights)
    assert all(b - a >= 14 for a, b in pairwise(ordered))
    assert [heights.index(y) for y in ordered] == [3, 2, 0, 1, 4]
    assert ordered[-1] <= 100


def palettes() -> Iterator[tuple[str, dict[str, str]]]:
    """The colours of all pages, in light and in dark."""
    style = asset("pages/style.css") + asset("evaluate/comparison_page/comparison.css")
    light, dark = {}, {}
    for block in re.finditer(
        r"(@media screen and \(prefers-color-scheme: dark\) \{\s*)?:root \{([^}]*)\}", style
    ):
        colours = dict(re.findall(r"--([\w-]+): ([^;]+);", block[2]))
        (dark if block[1] else light).update(colours)
    yield "light", light
    yield "dark", light | dark


PALETTES = dict(palettes())
ON_PAPER = ("ink", "soft", "blue", "orange", *(f"k{i}" for i in range(8)))
PAIRS = [
    *((text, ground) for ground in ("paper", "card") for text in ON_PAPER),
    *(("on-k", f"k{i}") for i in range(8)),
    *(("ink", ground) for ground in ("warn", "blue-pale")),
    ("on-orange", "orange"),
    ("on-orange-pale", "orange-pale"),
    ("on-shared", "shared"),
]


def rgb(colour: str) -> list[float]:
    assert re.fullmatch("#[0-9a-f]{6}", colour), colour
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast([0, 0, 0], [1, 1, 1]) == pytest.approx(21)
    assert contrast(rgb("#777777"), [1, 1, 1]) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids=lambda name: name)
def test_text_has_enough_contrast(scheme: str, text: str, ground: str) -> None:
    colours = PALETTES[scheme]
    assert contrast(rgb(colours[text]), rgb(colours[ground])) >= LEAST


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("depth", [0, 25, 50, 75, 100])
def test_a_cell_of_the_confusion_matrix_can_be_read_however_deep_it_is(scheme: str, depth: int) -> None:
    colours = PALETTES[scheme]
    found = re.search(
        r"calc\(\((\d+)% \+ (\.\d+)% \* var\(--depth\)\) \* var\(--deepest\)\)", asset_of_cells()
    )
    part = (float(found[1]) + float(found[2]) * depth) / 100 * float(colours["deepest"])
    cell = [
        part * o + (1 - part) * c for o, c in zip(rgb(colours["orange"]), rgb(colours["card"]), strict=True)
    ]
    assert contrast(rgb(colours["ink"]), cell) >= LEAST


def asset_of_cells() -> str:
    return next(line for line in asset("evaluate/report_page/report.css").splitlines() if "--depth" in line)
