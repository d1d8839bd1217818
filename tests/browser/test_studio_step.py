"""The opened training step in a real browser: numbers follow the pointer and the arrow keys."""

from __future__ import annotations

import re
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")


def square(window: Any, array: str, index: int) -> Any:
    return window.page.locator(f'rect[data-array="{array}"][data-index="{index}"]')


def lit(window: Any, array: str) -> int:
    return window.page.locator(f'rect.lit[data-array="{array}"]').count()


def test_a_square_shows_what_it_is_computed_from(open_studio) -> None:
    window = open_studio("step.html")
    square(window, "conv", 3).hover()
    assert window.text("what").startswith("conv [1, 2, 1] = ")
    assert (lit(window, "input"), lit(window, "conv.weight"), lit(window, "relu")) == (9, 9, 1)
    assert "Σ" in window.text("formula")
    assert "def backward(dy" in window.text("code")
    square(window, "pool", 0).hover()
    assert lit(window, "relu") == 4
    assert "the largest of" in window.text("terms")
    square(window, "dense", 7).hover()
    assert (lit(window, "flatten"), lit(window, "dense.weight")) == (27, 27)
    square(window, "input", 27).hover()
    assert lit(window, "conv") == 27  # nine places in three channels


def test_a_chosen_square_stays_until_escape(open_studio) -> None:
    window = open_studio("step.html", viewport={"width": 1360, "height": 900})
    square(window, "conv", 3).click()
    square(window, "conv", 9).hover()
    assert window.text("what").startswith("conv [1, 2, 1] = ")
    window.page.keyboard.press("Escape")
    square(window, "conv", 6).hover()
    assert window.text("what").startswith("conv [1, 3, 1] = ")
    window.page.mouse.wheel(0, 150)  # the page moves below a pointer that does not
    window.page.wait_for_timeout(300)
    assert window.text("what").startswith("conv [1, 3, 1] = ")
    assert window.page.locator("#terms").is_visible()
    box = window.page.locator(".sum tr").first.bounding_box()
    assert 0 < box["y"] < 900


def test_another_network_is_explained_from_its_beginning(open_studio) -> None:
    window = open_studio("step.html")
    square(window, "conv", 3).click()
    window.page.locator("#network").select_option("dense")
    window.until(lambda: not window.text("what").startswith("conv"))
    assert window.page.locator("rect.lit").count() > 0


def test_a_weight_shows_its_update(open_studio) -> None:
    window = open_studio("step.html")
    square(window, "conv.weight", 0).hover()
    before, rate, gradient, after = (
        float(one.replace(",", "")) for one in re.findall(r"-?[\d.,]+(?:e[+-]?\d+)?", window.text("update"))
    )
    assert rate == 0.1
    assert after == pytest.approx(before - rate * gradient, abs=2e-3)
    assert lit(window, "conv") == 36


def test_the_next_step_begins_with_the_updated_weights(open_studio) -> None:
    window = open_studio("step.html")
    square(window, "conv.weight", 4).hover()
    after = window.text("update").rpartition("= ")[2]
    window.page.get_by_role("button", name="Next step").click()
    window.until(lambda: window.text("what").endswith(f"= {after}"))
    assert window.page.locator("#step").input_value() == "2"
    window.page.get_by_role("button", name="Step back").click()
    window.until(lambda: window.page.locator("#back").is_disabled())


def test_the_other_network_and_the_other_pass(open_studio) -> None:
    window = open_studio("step.html")
    window.page.locator("#network").select_option("dense")
    window.until(lambda: square(window, "hidden", 0).count() == 1)
    window.page.get_by_label("backward: gradients").check()
    square(window, "probabilities", 3).hover()
    assert window.text("what").startswith("Probability of 3 = ")
    assert "where the backward pass begins" in window.text("gradient")


def test_the_arrow_keys_follow_the_squares(open_studio) -> None:
    window = open_studio("step.html")
    window.page.mouse.move(5, 5)
    window.page.locator('rect[data-array="input"][tabindex="0"]').focus()
    assert window.text("what").startswith("Pixel [1, 1]")
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("ArrowRight")
    assert window.text("what").startswith("Pixel [2, 2]")


def test_a_wrong_number_is_said_in_one_line(open_studio) -> None:
    window = open_studio("step.html")
    window.expect_console("status of 422")
    window.page.locator("#step").fill("0")
    window.page.keyboard.press("Enter")
    window.wait_for("message", "step: expected a whole number from 1 to 200, got 0")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_wider_than_a_phone(open_studio, scheme: str) -> None:
    window = open_studio("step.html", color_scheme=scheme, viewport={"width": 390, "height": 844})
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
