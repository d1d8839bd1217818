"""The studio in a real browser: a network is trained, watched, paused and stepped."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

PHONE = {"width": 390, "height": 844}
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")


def state(window: Any) -> str:
    return window.page.locator("#state").get_attribute("data-state")


def choose(window: Any, **fields: str) -> None:
    for name, value in fields.items():
        field = window.page.locator(f"#{name}")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    window.page.wait_for_timeout(200)


def start(window: Any, **fields: str) -> None:
    choose(window, **fields)
    window.page.locator("#start").click()


@pytest.fixture(scope="module")
def finished(studio: str) -> str:
    """The name of a run that has ended, made without a page."""
    import json
    import urllib.request

    asked = {"network": "nn2l", "data": "mnist-5k", "epochs": 3, "change": {"widths": {"fc1": 40}}}
    request = urllib.request.Request(
        f"{studio}/api/runs", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    name = json.load(urllib.request.urlopen(request))["name"]
    with urllib.request.urlopen(f"{studio}/api/runs/{name}/events") as events:
        assert b'"over"' in events.read()
    return name


def test_a_network_is_trained_paused_stepped_and_stopped(open_studio) -> None:
    window = open_studio()
    page = window.page
    start(window, network="nn2l", epochs="2000")
    window.until(lambda: state(window) == "running")
    page.get_by_role("button", name="Pause").click()
    window.until(lambda: state(window) == "paused")
    before = window.text("state")
    page.get_by_role("button", name="One step").click()
    window.until(lambda: state(window) == "paused" and window.text("state") != before)
    page.get_by_role("button", name="One epoch").click()
    window.until(lambda: state(window) == "paused" and "is done" in window.text("state"))
    window.until(lambda: page.locator("#confusion td").count() == 100)
    assert page.locator("#filters canvas").count() == 32
    page.get_by_role("button", name="Image 3:").click()
    window.until(lambda: page.locator(".sample[aria-pressed=true]").get_attribute("data-index") == "2")
    page.get_by_role("button", name="Go on").click()
    window.until(lambda: state(window) == "running")
    page.get_by_role("button", name="Stop").click()
    window.until(lambda: state(window) == "over")
    assert "interrupted" in window.text("state")
    assert page.get_by_role("button", name="Resume").is_visible()
    assert page.locator(".sample").first.is_disabled()


def test_a_page_that_is_opened_later_shows_the_run(open_studio, finished) -> None:
    window = open_studio(f"#{finished}")
    window.until(lambda: state(window) == "over")
    assert window.text("state") == "Finished after 3 epochs"
    window.until(lambda: window.page.locator("#filters canvas").count() == 32)
    assert window.page.locator("#loss-chart polyline").count() == 2
    assert window.page.locator("#controls").is_hidden()


def test_the_end_says_how_good_the_network_is_and_where_to_go_on(open_studio, finished) -> None:
    window = open_studio(f"#{finished}")
    window.until(lambda: window.page.locator("#after").is_visible())
    assert re.match(r"\d\d\.\d\d % of the test images are right\. ", window.text("after"))
    assert window.text("run-name") == finished
    window.page.get_by_role("link", name="Draw a digit for it").click()
    window.page.wait_for_url("**/draw.html")
    window.until(lambda: window.page.locator("#network-1").count() == 1)
    assert window.page.locator("#network-1").input_value() == finished


def test_the_page_comes_back_to_the_training_that_goes_on(open_studio) -> None:
    window = open_studio()
    start(window, network="nn1l", epochs="5000")
    window.until(lambda: state(window) == "running")
    name = window.text("run-name")
    window.page.get_by_role("link", name="Train", exact=True).click()
    window.until(lambda: window.text("run-name") == name and state(window) == "running")
    other = open_studio()
    other.until(lambda: other.text("run-name") == name)
    other.page.get_by_role("button", name="Stop").click()
    other.until(lambda: state(other) == "over")
    assert "fit again" not in other.text("state")
    assert other.text("state").endswith("; saved")


def test_a_field_that_is_no_number_is_said(open_studio) -> None:
    window = open_studio()
    window.page.locator("#epochs").fill("")
    window.page.locator("#epochs").press_sequentially("1e")  # the browser takes it for no number
    window.page.locator("#start").click()
    window.wait_for("message", "Epochs: expected a number, got something else; correct it")
    assert state(window) == "none"


def test_data_that_are_nowhere_are_refused_before_a_training(open_studio) -> None:
    window = open_studio()
    window.expect_console("status of 422")
    start(window, data="cats")
    window.until(lambda: window.text("message").startswith("data: expected a name (mnist-5k, mnist, "))
    assert window.text("message").endswith(") or a path, got 'cats', which is neither; correct it")
    assert state(window) == "none"


CHART = """(values) => import(new URL("chart.js", location)).then(({ chart }) => {
  const svg = document.querySelector("#loss-chart");
  svg.closest("#panels").hidden = false;
  const points = values.map((value, i) => [i, value]);
  chart(svg, [{ name: "a", kind: "train", points }], { below: "epochs" });
  const at = ({ textContent, y }) => [Number(textContent.replaceAll(",", "")), y.baseVal[0].value - 4];
  const ticks = [...svg.querySelectorAll("text.tick[text-anchor=end]")].slice(0, -1).map(at);
  const places = svg.querySelector("polyline").getAttribute("points").split(" ");
  return [ticks, places.map((one) => Number(one.split(",")[1]))];
})"""


@pytest.mark.parametrize("values", [[8.4, 2000.0], [0.015, 2.3, 14.0], [1.0, 100.0, 1e6], [0.2, 0.9]])
def test_a_value_stands_where_its_axis_says(open_studio, values) -> None:
    ticks, line = open_studio().page.evaluate(CHART, values)
    (low, y_low), (high, y_high) = ticks[0], ticks[-1]
    log = high / max(low, 1e-300) > 10 and low > 0
    for value, y in zip(values, line, strict=True):
        part = math.log(value / low) / math.log(high / low) if log else (value - low) / (high - low)
        assert y == pytest.approx(y_low + part * (y_high - y_low), abs=1.5)


def test_a_rate_that_is_too_high_is_seen_to_diverge(open_studio) -> None:
    window = open_studio()
    window.page.get_by_role("button", name="A rate that is too high").click()
    window.until(lambda: window.page.locator("#optimizer").input_value() == "sgd")
    start(window, learning_rate="1e30")
    window.until(lambda: state(window) == "over")
    assert window.text("state").startswith("Diverged: ")


def test_what_cannot_be_trained_is_said_in_one_line(open_studio) -> None:
    window = open_studio()
    window.expect_console("status of 422")
    start(window, epochs="0")
    window.wait_for("message", "epochs: expected a whole number of at least 1, got 0")
    assert state(window) == "none"


def test_only_changes_are_sent(open_studio) -> None:
    window = open_studio()
    sent = []

    def refuse(route: Any) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=422, json={"error": "not now", "request_id": "0"})

    window.expect_console("status of 422")
    window.page.route("**/api/runs", refuse)
    window.page.locator("summary").click()
    start(window, network="lenet5", activation="tanh", dropout="0.2")
    window.wait_for("message", "not now")
    [asked] = sent
    assert asked["change"] == {"activation": "tanh", "dropout": 0.2}
    choose(window, **{"width-fc1": "30"})
    window.page.locator("#start").click()
    window.until(lambda: len(sent) == 2)
    assert sent[1]["change"]["widths"] == {"fc1": 30}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers(open_studio, finished, scheme: str) -> None:
    window = open_studio(f"#{finished}", color_scheme=scheme, reduced_motion="reduce")
    window.until(lambda: window.page.locator("#confusion td").count() == 100)
    window.page.locator("summary").click()
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 15


@pytest.mark.parametrize("width", [320, 390, 820, 1360])
def test_nothing_is_wider_than_the_window(open_studio, finished, width: int) -> None:
    window = open_studio(f"#{finished}", viewport={"width": width, "height": 800})
    window.until(lambda: window.page.locator("#confusion td").count() == 100)
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_alone_starts_a_training(open_studio) -> None:
    window = open_studio()
    page = window.page
    choose(window, network="nn1l", epochs="1")
    page.locator("#learning_rate").focus()
    for _ in range(2):  # the layers, the button
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "start"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    window.until(lambda: state(window) == "over")
    assert window.text("state") == "Finished after 1 epoch"


def test_the_policy_is_strict(open_studio) -> None:
    window = open_studio()
    policy = window.page.request.get(window.page.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
