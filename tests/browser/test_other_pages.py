"""Comparison, ablation and the API's page, opened in a window: readable by everybody, on a phone too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tenfold.evaluate.ablation import Ablation, Variant, effects
from tenfold.evaluate.ablation_page import ablation_document
from tenfold.evaluate.comparison import ModelResults, compare, from_predictions
from tenfold.evaluate.comparison_page import comparison_document
from tenfold.zoo import entry

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")

LABELS = np.arange(400) % 10
OUTSIDE = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) =>
  [...chart.querySelectorAll("text")].filter((text) => {
    const box = text.getBBox(), { width, height } = chart.viewBox.baseVal;
    return box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height;
  }).map((text) => text.textContent))"""


def model(name: str, errors: int) -> ModelResults:
    """Five runs, each with errors of its own."""
    rng = np.random.default_rng(errors)
    runs = [np.where(rng.permutation(400) < errors + run, LABELS + 1, LABELS) for run in range(5)]
    return from_predictions(name, runs, LABELS)


MODELS = [model("a-long-name-of-a-model", 6), model("b", 12), model("c", 40)]


def comparison() -> str:
    images = np.full((400, 28, 28), 90, dtype=np.uint8)
    test = SimpleNamespace(images=images, labels=LABELS, name="made-up")
    return comparison_document(compare(MODELS), test, "tenfold compare a b c")


def ablation() -> str:
    variants = (Variant(one.name, entry("nn1l"), False, i - 1 if i else None) for i, one in enumerate(MODELS))
    return ablation_document(effects(Ablation("What it takes", True, tuple(variants)), MODELS), "tenfold ...")


PAGES: dict[str, Callable[[], str]] = {"comparison": comparison, "ablation": ablation}


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(color_scheme=request.param, offline=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_no_barriers_and_no_label_cut_off(page: Any, name: str) -> None:
    page.set_content(PAGES[name]())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(OUTSIDE) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_api_has_no_barriers(open_window: Any, scheme: str) -> None:
    window = open_window(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    window.page.goto(f"{window.page.url}docs")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
    window.page.set_viewport_size({"width": 360, "height": 740})
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 360
    window.page.get_by_role("link", name="Draw a digit").click()
    assert window.page.locator("#canvas").is_visible()


def test_inverted_ink_has_no_background(chromium: Any) -> None:
    """In the dark, the whole element of ink is inverted: a dark background would become a light one."""
    context = chromium.new_context(color_scheme="dark", offline=True)
    page = context.new_page()
    page.set_content(comparison())
    grounds = "[...document.querySelectorAll('img.ink')].map((one) => getComputedStyle(one).backgroundColor)"
    assert set(page.evaluate(grounds)) == {"rgba(0, 0, 0, 0)"}
    context.close()
