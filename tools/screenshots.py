"""Save screenshots in ``docs/images``: of the drawing page with digits on it, and of the top of a report.

python tools/screenshots.py http://127.0.0.1:8000                  # the address of a running server
tenfold report zoo:lenet5 --out build/report
python tools/screenshots.py --report build/report/report.html

Needs the browser extra (``make browser`` installs it) and a Chromium.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from scipy.interpolate import CubicSpline

FOLDER = Path(__file__).parent.parent / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
COLOURS = 192  # of a picture; the page has few

# Strokes through these points, (x, y) in a box of 1 x 1, y downwards.
DIGITS = {
    "0": [
        [
            (0.55, 0.05),
            (0.25, 0.2),
            (0.15, 0.55),
            (0.35, 0.95),
            (0.7, 0.85),
            (0.85, 0.45),
            (0.68, 0.1),
            (0.5, 0.07),
        ]
    ],
    "2": [
        [(0.17, 0.27), (0.4, 0.04), (0.75, 0.16), (0.7, 0.45), (0.35, 0.78), (0.13, 0.96)],
        [(0.13, 0.96), (0.9, 0.93)],
    ],
    "3": [
        [(0.2, 0.14), (0.5, 0.03), (0.8, 0.2), (0.66, 0.42), (0.42, 0.48)],
        [(0.42, 0.48), (0.75, 0.54), (0.85, 0.76), (0.6, 0.97), (0.18, 0.88)],
    ],
    "6": [
        [
            (0.7, 0.04),
            (0.35, 0.28),
            (0.17, 0.68),
            (0.4, 0.96),
            (0.75, 0.86),
            (0.74, 0.6),
            (0.45, 0.54),
            (0.2, 0.72),
        ]
    ],
    "7": [
        [(0.12, 0.1), (0.88, 0.07)],
        [(0.88, 0.07), (0.62, 0.45), (0.42, 0.97)],
        [(0.3, 0.52), (0.76, 0.49)],
    ],
}
# What is drawn: the digit, and left, top, width and height on a sheet of 640 x 480.
THREE = [("3", (210, 75, 220, 330))]
NUMBER = [
    ("2", (60, 150, 105, 180)),
    ("0", (205, 160, 105, 170)),
    ("2", (345, 145, 105, 180)),
    ("6", (490, 150, 100, 185)),
]
SEVEN = [("7", (215, 70, 210, 340))]
DESKTOP = {"viewport": {"width": 1200, "height": 935}}
REPORT = {"viewport": {"width": 1280, "height": 1130}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
PICTURES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "page-light": (DESKTOP | {"color_scheme": "light"}, THREE),
    "page-dark": (DESKTOP | {"color_scheme": "dark"}, NUMBER),
    "page-phone": (PHONE | {"color_scheme": "light"}, SEVEN),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, take screenshots, write."""
    parser = argparse.ArgumentParser(description="Take screenshots of the drawing page or of a report.")
    parser.add_argument("url", nargs="?", help="the address of a running `tenfold serve`")
    parser.add_argument("--report", type=Path, help="the page of a report")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if options.report is not None:
            page = browser.new_context(**REPORT).new_page()
            page.goto(options.report.resolve().as_uri())
            (options.out / "report.png").write_bytes(small(page.screenshot()))
        for name, (kind, digits) in PICTURES.items() if options.url else ():
            page = browser.new_context(**kind).new_page()
            page.goto(options.url)
            for digit, box in digits:
                for points in DIGITS[digit]:
                    draw(page, smooth(points) * box[2:] + box[:2])
            page.locator("#speech", has_text="Read").wait_for(state="attached")
            (options.out / f"{name}.png").write_bytes(small(page.screenshot()))
        browser.close()


def smooth(points: list[tuple[float, float]]) -> NDArray[np.float64]:
    """A curve (n, 2) through the points."""
    steps = np.linspace(0, len(points) - 1, 6 * len(points))
    curve: NDArray[np.float64] = CubicSpline(np.arange(len(points)), points)(steps)
    return curve


def draw(page: Page, stroke: NDArray[np.float64]) -> None:
    """One stroke (n, 2) with the mouse, in units of the sheet."""
    box = page.locator("#canvas").bounding_box()
    places = stroke * (box["width"] / 640) + (box["x"], box["y"])
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def small(screenshot: bytes) -> bytes:
    """The same picture in few colours."""
    file = io.BytesIO()
    Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
