"""Draw and ask in a real browser: several networks read one drawing."""

from __future__ import annotations

from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")
ONE = [(320, 80 + i) for i in range(0, 320, 20)]


def digits(window: Any) -> list[str]:
    return window.page.locator(".read-digit").all_text_contents()


def test_three_networks_read_a_drawing(open_studio) -> None:
    window = open_studio("draw.html")
    assert digits(window) == ["–", "–", "–"]
    window.draw(ONE)
    window.until(lambda: digits(window) == ["1", "1", "1"])
    assert window.page.locator(".seen canvas").count() == 3
    window.until(lambda: window.text("speech") == "Read: 1, 1, 1")
    window.page.locator("#network-2").select_option("")
    window.until(lambda: digits(window) == ["1", "–", "1"])
    window.page.get_by_role("button", name="Clear").click()
    window.until(lambda: digits(window) == ["–", "–", "–"])
    window.page.get_by_role("button", name="Undo").click()
    window.until(lambda: digits(window) == ["1", "–", "1"])


def test_the_keyboard_draws(open_studio) -> None:
    window = open_studio("draw.html")
    keyboard = window.page.keyboard
    window.page.locator("#canvas").focus()
    keyboard.press("Space")
    for _ in range(20):
        keyboard.press("ArrowDown")
    window.until(lambda: digits(window) == ["1", "1", "1"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_wider_than_a_phone(open_studio, scheme: str) -> None:
    window = open_studio(
        "draw.html", color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    window.draw(ONE)
    window.until(lambda: digits(window) == ["1", "1", "1"])
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
