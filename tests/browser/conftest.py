"""A real Chromium, a page in it that may not complain, hands that draw, and answers made to order."""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image

sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: run `make browser`")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READBACK = "willReadFrequently"  # Chromium's advice for a page that looks at its pixels, as `Window.ink` does
PATIENCE = 30_000  # ms
QUESTION = "**/v1/digits?details=true"

# What a hand does for a 3, in parts of the height of the digit: (x, y, how far round, from, to).
THREE = ((0.5, 0.27, 0.26, -150, 80), (0.5, 0.74, 0.27, -80, 145))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(
            "no Chromium found: install it (Debian: apt install chromium), or name one with CHROMIUM="
        )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def running(*words: str) -> Iterator[str]:
    """In a ``with`` block, a server of a `tenfold` command runs; its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "tenfold", words[0], "--port", "0", *words[1:]],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr:
            if found := re.search(r"http://[\w.:]+\d", line):
                break
        else:
            pytest.fail("the server did not start")
        yield found[0]
        process.terminate()
        process.stderr.read()


@pytest.fixture(scope="session")
def run_server() -> Callable[..., Any]:
    """Run a server of a command: ``with run_server("studio", ...) as address``."""
    return running


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of `tenfold serve` with the network that comes with tenfold."""
    with running("serve", "--workers", "1") as address:
        yield address


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a studio without runs."""
    with running("studio", "--runs", str(tmp_path_factory.mktemp("studio") / "runs")) as address:
        yield address


class Window:
    """A page, and what it complains of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = (READBACK,)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(word in message.text for word in self.expected):
            self.complaints.append(message.text)

    def expect_console(self, *words: str) -> None:
        """Chromium itself logs refused requests as errors."""
        self.expected = (READBACK, *words)

    def text(self, name: str) -> str:
        return self.page.locator(f"#{name}").text_content().strip()

    def wait_for(self, name: str, text: str) -> None:
        sync_api.expect(self.page.locator(f"#{name}")).to_have_text(text, timeout=PATIENCE)

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait until it holds (Playwright's own way of waiting for one breaks the page's policy)."""
        for _ in range(PATIENCE // 50):
            if condition():
                return
            self.page.wait_for_timeout(50)
        pytest.fail("it never came true")

    def state(self) -> str:
        """What kind of answer is shown."""
        return self.page.locator("#answer").get_attribute("data-state")

    def rectangles(self, selector: str) -> list[dict[str, float]]:
        """Where elements lie, asked at one moment: between two, the page may lay them out anew."""
        return self.page.evaluate(
            "one => [...document.querySelectorAll(one)].map((e) => e.getBoundingClientRect().toJSON())",
            selector,
        )

    def place(self, x: float, y: float) -> tuple[float, float]:
        """From units of the sheet to the window."""
        [box] = self.rectangles("#canvas")
        return box["x"] + x * box["width"] / 640, box["y"] + y * box["height"] / 480

    def draw(self, points: list[tuple[float, float]]) -> None:
        """With the mouse."""
        mouse = self.page.mouse
        mouse.move(*self.place(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.place(*point))
        mouse.up()

    def touch(self, points: list[tuple[float, float]]) -> None:
        """With a finger, wherever it starts."""
        finger = self.page.context.new_cdp_session(self.page)
        places = [dict(zip("xy", self.place(*point), strict=True)) for point in points]
        for kind, touched in [("touchStart", places[:1]), *(("touchMove", [p]) for p in places[1:])]:
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def ink(self) -> int:
        """How many canvas pixels are drawn on, once what was done is painted."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return self.page.evaluate(
            """() => {
              const canvas = document.getElementById("canvas");
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return data.filter((value, i) => i % 4 === 3 && value > 0).length;
            }"""
        )

    def answer_with(self, answer: dict[str, Any] | int, headers: dict[str, str] | None = None) -> list[Any]:
        """Answer every question so from now on, without the server; returns the growing list of them."""
        asked: list[Any] = []

        def reply(route: Any) -> None:
            asked.append(route.request)
            if isinstance(answer, int):
                body = json.dumps({"error": "expected something else", "request_id": "0"})
                route.fulfill(status=answer, body=body, headers=headers or {})
            else:
                route.fulfill(json=answer)

        self.page.route(QUESTION, reply)
        return asked


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Window]]:
    """Opens windows of any kind at an address; whatever one complains of fails the test."""
    windows: list[Window] = []

    def open_one(address: str, **kind: Any) -> Window:
        context = chromium.new_context(**kind)
        context.set_default_timeout(PATIENCE)
        windows.append(Window(context.new_page()))
        windows[-1].page.goto(address)
        return windows[-1]

    yield open_one
    for window in windows:
        window.page.context.close()
    assert [complaint for window in windows for complaint in window.complaints] == []


@pytest.fixture
def open_window(open_page: Callable[..., Window], server: str) -> Callable[..., Window]:
    """Opens the drawing page."""
    return partial(open_page, server)


@pytest.fixture
def open_studio(open_page: Callable[..., Window], studio: str) -> Callable[..., Window]:
    """Opens a page of the studio, and waits until it is ready."""

    def open_one(path: str = "", **kind: Any) -> Window:
        window = open_page(f"{studio}/{path}", **kind)
        window.page.wait_for_selector("body[data-ready]")
        return window

    return open_one


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window(viewport={"width": 1280, "height": 860})


@pytest.fixture
def three() -> list[list[tuple[float, float]]]:
    """The strokes of a 3 in the middle of the sheet."""

    def arc(x: float, y: float, radius: float, start: int, end: int) -> list[tuple[float, float]]:
        angles = [math.radians(start + (end - start) * i / 30) for i in range(31)]
        return [
            (160 + 320 * (x + radius * math.cos(a)), 70 + 340 * (y + radius * math.sin(a))) for a in angles
        ]

    return [arc(*part) for part in THREE]


def png(grey: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def seven() -> bytes:
    """A PNG of 300 x 200 with a 7 in it."""
    page = np.full((200, 300), 255, np.uint8)
    page[40:54, 110:190] = 0
    for i in range(120):
        left = 176 - i // 2
        page[40 + i, left : left + 14] = 0
    return png(page)


@pytest.fixture
def snow() -> bytes:
    """A PNG of more than 1 MiB, which no encoding makes small."""
    return png(np.random.default_rng(0).integers(0, 256, (1200, 1600), dtype=np.uint8))


def one_digit(digit: int | None, likeliest: int, p: float, box: list[int]) -> dict[str, Any]:
    probabilities = [(1 - p) / 9] * 10
    probabilities[likeliest] = p
    image = np.zeros((28, 28), int)
    image[4:24, 10 + likeliest] = 255
    maps = [np.eye(24).tolist()] * 8
    filters = [np.linspace(-1, 1, 9).reshape(3, 3).tolist()] * 8
    evidence = np.zeros((28, 28))
    evidence[4:14, 10 + likeliest], evidence[14:24, 10 + likeliest] = 1, -0.5
    none = 0.01 if digit is not None else 0.75
    return {
        "digit": digit,
        "probability": p,
        "none": none,
        "doubt": 1 - (1 - none) * p,
        "probabilities": probabilities,
        "box": box,
        "reason": None if digit is not None else "not sure",
        "image": image.tolist(),
        "features": [
            {"name": "conv1", "maps": maps, "channels": [*range(0, 16, 2)], "count": 20, "filters": filters},
            {"name": "conv2", "maps": maps[:6], "channels": [*range(6)], "count": 6},
        ],
        "evidence": evidence.tolist(),
    }


@pytest.fixture
def answers() -> dict[str, dict[str, Any]]:
    """What the server says of a sheet of 640 x 480."""
    size = {"width": 640, "height": 480}
    first = one_digit(4, 4, 0.987, [64, 96, 128, 240])
    second = one_digit(2, 2, 0.9123, [320, 96, 128, 240])
    unsure = one_digit(None, 8, 0.41, [480, 96, 96, 240])
    return {
        "one": {"text": "4", "reason": None, "digits": [first], **size},
        "two": {"text": "42", "reason": None, "digits": [first, second], **size},
        "three": {"text": "42?", "reason": None, "digits": [first, second, unsure], **size},
        "lines": {"text": "4\n2", "reason": None, "digits": [first, second], **size},
        "not sure": {"text": "?", "reason": "not sure", "digits": [unsure], **size},
        "blank": {"text": "", "reason": "blank", "digits": [], **size},
        "marks": {"text": "", "reason": "too many marks", "digits": [], **size},
    }


@pytest.fixture
def as_base64() -> Callable[[bytes], str]:
    return lambda data: base64.b64encode(data).decode()
