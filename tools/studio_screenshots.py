"""Save screenshots of the studio in ``docs/images``.

tenfold studio                                              # in an empty folder
python tools/studio_screenshots.py http://127.0.0.1:8100

It trains three networks, one of them with a learning rate that is too high, and LeNet-5 on MNIST; the first
pictures show that training while it goes on.

Needs the browser extra (``make browser`` installs it) and a Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from screenshots import BROWSERS, DIGITS, FOLDER, PHONE, SEVEN, draw, small, smooth

DESKTOP = {"viewport": {"width": 1360, "height": 900}}
LONG_PHONE = PHONE | {"viewport": {"width": 390, "height": 1500}, "device_scale_factor": 1}
SMALL_RUNS: tuple[dict[str, Any], ...] = (
    {
        "network": "nn2l",
        "data": "mnist-5k",
        "epochs": 12,
        "change": {"widths": {"fc1": 40}},
    },
    {
        "network": "nn2l",
        "data": "mnist-5k",
        "epochs": 12,
        "change": {"activation": "tanh", "optimizer": "sgd", "learning_rate": 0.05},
    },
    {
        "network": "nn2l",
        "data": "mnist-5k",
        "epochs": 12,
        "change": {"optimizer": "sgd", "learning_rate": 1e30},
    },
)
LENET5 = {"network": "lenet5", "data": "mnist", "epochs": 4}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, take screenshots, write."""
    parser = argparse.ArgumentParser(description="Take screenshots of the studio.")
    parser.add_argument("url", help="the address of a running `tenfold studio`")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, content in pictures(browser, options.url):
            (options.out / f"studio-{name}.png").write_bytes(small(content))
        browser.close()


def pictures(browser: Browser, url: str) -> Any:
    """Yield names and screenshots."""
    names = [trained(url, asked) for asked in SMALL_RUNS]
    lenet5 = started(url, LENET5)
    watched = f"{url}/#{lenet5}"
    page = opened(browser, watched, color_scheme="light")
    page.locator("#accuracy:not(:text('–'))").wait_for()  # an epoch is over
    page.locator("#samples button").nth(4).click()
    page.wait_for_timeout(3000)
    yield "light", page.screenshot(full_page=True)
    yield "phone", opened(browser, watched, **LONG_PHONE, color_scheme="light").screenshot()
    ended(url, lenet5)
    yield "dark", opened(browser, f"{url}/#{names[0]}", color_scheme="dark").screenshot(full_page=True)

    page = opened(browser, f"{url}/runs.html", color_scheme="light")
    for name in names:
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    page.wait_for_timeout(1500)
    yield "runs", page.screenshot(full_page=True)

    page = opened(browser, f"{url}/step.html", color_scheme="light")
    page.set_viewport_size({"width": 1360, "height": 1120})  # the explanation stays in view
    page.locator('rect[data-array="conv"][data-index="27"]').hover()
    yield "step", page.screenshot()

    page = opened(browser, f"{url}/draw.html", color_scheme="light")
    for digit, box in SEVEN:
        for points in DIGITS[digit]:
            draw(page, smooth(points) * box[2:] + box[:2])
    page.locator("#speech", has_text="Read").wait_for(state="attached")
    yield "draw", page.screenshot(full_page=True)


def opened(browser: Browser, url: str, **kind: Any) -> Page:
    """A page that is ready."""
    page = browser.new_context(**(DESKTOP | kind)).new_page()
    page.goto(url)
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(1500)
    return page


def started(url: str, asked: dict[str, Any]) -> str:
    """The name of a new run."""
    kind = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/api/runs", json.dumps(asked).encode(), kind)
    return str(json.load(urllib.request.urlopen(request))["name"])


def ended(url: str, name: str) -> None:
    """Wait for the end of a run."""
    urllib.request.urlopen(f"{url}/api/runs/{name}/events").read()


def trained(url: str, asked: dict[str, Any]) -> str:
    """The name of a run that has ended."""
    ended(url, name := started(url, asked))
    return name


if __name__ == "__main__":
    main()
