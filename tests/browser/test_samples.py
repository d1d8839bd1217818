"""Who has nothing to draw with may try a sample; a page whose script cannot start says so."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("name", "text"), [("a digit", "7"), ("a phone number", "2025550143"), ("a photo", "1998")]
)
def test_a_sample_is_drawn_and_read(window, name: str, text: str) -> None:
    samples = window.page.get_by_role("group", name="Samples")
    samples.get_by_role("button", name=name, exact=True).click()
    window.wait_for("text", text)
    assert not samples.is_visible()
    assert window.page.evaluate("document.activeElement.id") == "canvas"
    assert window.ink() > 1000
    window.page.get_by_role("button", name="Clear").click()
    window.wait_for("text", "Nothing drawn yet")
    assert samples.is_visible()


def test_samples_are_reached_by_tab(window) -> None:
    for _ in range(6):
        window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    window.wait_for("text", "7")


@pytest.mark.parametrize("path", ["", "classify.html"])
def test_a_page_whose_script_cannot_start_says_so(chromium, server, path: str) -> None:
    page = chromium.new_page()
    page.route("**/element.js", lambda route: route.abort())
    page.goto(f"{server}/{path}")
    line = page.get_by_text("The script of this page has not started.")
    line.wait_for(state="visible", timeout=20_000)
    page.unroute("**/element.js")
    page.reload()
    page.wait_for_function("() => document.getElementById('starting') === null")
    page.close()


def test_a_studio_whose_script_cannot_start_says_so(chromium, studio) -> None:
    page = chromium.new_page()
    page.route("**/element.js", lambda route: route.abort())
    for path in ("", "step.html", "runs.html", "draw.html"):
        page.goto(f"{studio}/{path}")
        page.get_by_text("The script of this page has not started.").wait_for(state="visible", timeout=20_000)
    page.close()
