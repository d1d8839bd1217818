"""The report of a run, opened as a file: its lists of predictions are filtered by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tenfold.evaluate import Run, curves, evaluate
from tenfold.evaluate.report_page import ReportData, report_document

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")

CARDS = "#error-cards"


def material(n: int = 300) -> ReportData:
    """Noise that is read at random, mostly rightly."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 10
    p = np.exp(2 * rng.standard_normal((n, 10)) + 4 * np.eye(10)[labels])
    p /= p.sum(axis=1, keepdims=True)
    images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
    data = SimpleNamespace(images=images, labels=labels, name="noise")
    evaluation = evaluate(p, data, Run("guess", "honest", 0))
    return ReportData("Noise", evaluation, images, labels, p, curves([]), (), {}, None, None, "tenfold ...")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """The report in a window, which may not complain."""
    path = tmp_path / "report.html"
    path.write_text(report_document(material()), encoding="utf-8")
    context = chromium.new_context(color_scheme=request.param, offline=True)
    found = context.new_page()
    complaints: list[str] = []
    found.on("console", lambda message: complaints.append(message.text))
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.goto(path.as_uri())
    yield found
    context.close()
    assert complaints == []


def shown(page: Any, cards: str = CARDS) -> list[dict[str, str]]:
    """What the cards that can be seen carry."""
    found: list[dict[str, str]] = page.evaluate(
        "one => [...document.querySelectorAll(`${one} > li`)].filter((card) => card.offsetParent)"
        ".map((card) => ({ ...card.dataset }))",
        cards,
    )
    return found


def every(page: Any, cards: str = CARDS) -> list[dict[str, str]]:
    found: list[dict[str, str]] = page.evaluate(
        "one => [...document.querySelectorAll(`${one} > li`)].map((card) => ({ ...card.dataset }))", cards
    )
    return found


def box(page: Any, cards: str, key: str, digit: int) -> Any:
    return page.locator(f"form[data-cards={cards[1:]}] fieldset[data-key={key}] input[value='{digit}']")


@pytest.mark.parametrize(
    ("cards", "other"), [(CARDS, "read"), ("#uncertain-cards", "second"), ("#right-cards", "second")]
)
def test_ticked_digits_filter_one_list(page: Any, cards: str, other: str) -> None:
    lists = (CARDS, "#uncertain-cards", "#right-cards")
    before = {name: shown(page, name) for name in lists}
    for digit in (4, 9):
        box(page, cards, "true", digit).check()
    assert shown(page, cards) == [one for one in every(page, cards) if one["true"] in "49"]
    digit = shown(page, cards)[0][other]
    box(page, cards, other, int(digit)).check()
    assert shown(page, cards) == [
        one for one in every(page, cards) if one["true"] in "49" and one[other] == digit
    ]
    for name in lists:
        assert name == cards or shown(page, name) == before[name]
    page.locator(f"form[data-cards={cards[1:]}] button").click()
    assert shown(page, cards) == every(page, cards)


def test_the_keyboard_alone_filters(page: Any) -> None:
    box(page, CARDS, "true", 0).focus()
    for key in ("Tab", "Tab", "Tab", "Space"):  # three boxes on
        page.keyboard.press(key)
    assert {one["true"] for one in shown(page)} == {"3"}
    output = page.locator("form[data-cards=error-cards] output").text_content()
    assert output.startswith(f"{len(shown(page))} shown")
    page.keyboard.press("Space")
    page.locator("form[data-cards=error-cards] button").focus()
    page.keyboard.press("Enter")
    assert shown(page) == every(page)
    assert page.evaluate("document.activeElement.type") == "checkbox"  # the button is gone


def test_a_cell_of_the_confusion_matrix_filters_the_errors(page: Any) -> None:
    link = page.locator(".confusion a").first
    true, read = link.get_attribute("data-true"), link.get_attribute("data-read")
    link.click()
    assert shown(page) == [one for one in every(page) if (one["true"], one["read"]) == (true, read)] != []


def test_without_scripts_every_card_is_shown(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_document(material()), encoding="utf-8")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("form.filter:visible").count() == 0
    assert page.locator(f"{CARDS} > li:visible").count() == page.locator(f"{CARDS} > li").count() > 0
    context.close()


def test_no_barriers(page: Any) -> None:
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_wider_than_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_contents_stay_in_sight(page: Any) -> None:
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("scrollTo({ top: 3000, behavior: 'instant' })")
        top = page.evaluate("document.querySelector('nav').getBoundingClientRect().top")
        assert 0 <= top <= 40


def test_sections_fold_on_a_phone(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_document(material()), encoding="utf-8")
    context = chromium.new_context(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(path.as_uri())
    folded = page.evaluate("document.documentElement.scrollHeight")
    assert page.locator(".confusion").is_hidden()
    page.get_by_role("button", name="Confusion").click()
    assert page.locator(".confusion").is_visible()
    page.locator(".confusion a").first.click()  # leads to the errors, which unfold
    assert page.locator(f"{CARDS} > li:visible").count() > 0
    page.locator("nav a", has_text="Terms").click()
    assert page.locator("#terms dl").is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") > folded
    context.close()


def test_the_command_is_copied(chromium: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_document(material()), encoding="utf-8")
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(path.as_uri())
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "tenfold ..."
    context.close()
