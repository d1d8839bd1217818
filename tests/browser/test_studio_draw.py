"""Draw and ask in a real browser: several networks read one drawing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")
ONE = [(320, 80 + i) for i in range(0, 320, 20)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a studio without runs."""
    folder = tmp_path_factory.mktemp("studio") / "runs"
    command = [sys.executable, "-m", "tenfold", "studio", "--port", "0", "--runs", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        found = re.search(r"http://[\w.:]+\d", line)
        assert found, line
        yield found[0]
        process.terminate()
        process.stderr.read()


@pytest.fixture
def draw_page(server: str, open_window: Callable[..., Any]) -> Callable[..., Any]:
    def open_one(**kind: Any) -> Any:
        window = open_window(**kind)
        window.page.goto(f"{server}/draw.html")
        window.page.wait_for_selector("body[data-ready]")
        return window

    return open_one


def digits(window: Any) -> list[str]:
    return window.page.locator(".read-digit").all_text_contents()


def test_three_networks_read_a_drawing(draw_page) -> None:
    window = draw_page()
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


def test_the_keyboard_draws(draw_page) -> None:
    window = draw_page()
    keyboard = window.page.keyboard
    window.page.locator("#canvas").focus()
    keyboard.press("Space")
    for _ in range(20):
        keyboard.press("ArrowDown")
    window.until(lambda: digits(window) == ["1", "1", "1"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_wider_than_a_phone(draw_page, scheme: str) -> None:
    window = draw_page(color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    window.draw(ONE)
    window.until(lambda: digits(window) == ["1", "1", "1"])
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
