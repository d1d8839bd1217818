"""The studio's list of runs in a real browser: sorted, compared, reported, started again."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe: run `make browser`")
TRAININGS = (
    {"network": "nn1l", "data": "mnist-5k", "epochs": 2, "seed": 3},
    {
        "network": "nn2l",
        "data": "mnist-5k",
        "epochs": 3,
        "change": {"widths": {"fc1": 20}, "activation": "tanh"},
    },
    {
        "network": "nn2l",
        "data": "mnist-5k",
        "epochs": 3,
        "change": {"optimizer": "sgd", "learning_rate": 1e30},
    },
)


@pytest.fixture(scope="module")
def studio(studio: str) -> str:
    """The address of a studio with three runs, the last of which has diverged."""
    for asked in TRAININGS:
        json_type = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{studio}/api/runs", json.dumps(asked).encode(), json_type)
        name = json.load(urllib.request.urlopen(request))["name"]
        urllib.request.urlopen(f"{studio}/api/runs/{name}/events").read()
    return studio


def names(window: Any) -> list[str]:
    return window.page.locator("#rows th").all_text_contents()


def test_all_runs_are_listed_and_sorted(open_studio) -> None:
    window = open_studio("runs.html")
    assert sorted(names(window)) == ["nn1l-mnist-5k", "nn2l-mnist-5k", "nn2l-mnist-5k-2"]
    window.page.get_by_role("button", name="Run", exact=True).click()
    assert names(window) == ["nn1l-mnist-5k", "nn2l-mnist-5k", "nn2l-mnist-5k-2"]
    window.page.get_by_role("button", name="Run", exact=True).click()
    assert names(window) == ["nn2l-mnist-5k-2", "nn2l-mnist-5k", "nn1l-mnist-5k"]
    assert window.page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    assert window.page.evaluate("document.activeElement.textContent") == "Run"  # the focus stays
    row = window.page.get_by_role("row").filter(has_text="nn2l-mnist-5k-2")
    assert "diverged" in row.text_content()
    assert row.get_by_role("button", name="Resume").count() == 0  # it would diverge again
    assert "the loss became" in window.page.locator("tr.why").text_content()


def test_chosen_runs_are_compared(open_studio) -> None:
    window = open_studio("runs.html")
    assert window.page.locator("#comparison").is_hidden()
    for name in ("nn1l-mnist-5k", "nn2l-mnist-5k"):
        window.page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    window.until(lambda: window.page.locator("#loss-chart polyline").count() == 2)
    facts = dict(
        (row.locator("th").text_content(), row.locator("td").all_text_contents())
        for row in window.page.locator("#facts tbody tr").all()
    )
    assert facts["Network"] == ["nn1l", "nn2l"]
    assert facts["Changes"] == ["none", "activation tanh, fc1 20"]
    assert facts["Seed"] == ["3", "0"]
    assert window.page.locator("#facts tr.differs").filter(has_text="Data").count() == 0


def test_a_run_is_started_again_with_a_change(open_studio) -> None:
    window = open_studio("runs.html")
    window.page.get_by_role("link", name="Again: nn2l-mnist-5k", exact=True).click()
    window.page.wait_for_selector("body[data-ready]")
    window.until(lambda: window.page.locator("#activation").input_value() == "tanh")
    assert window.page.locator("#width-fc1").input_value() == "20"
    assert window.page.locator("#epochs").input_value() == "3"


def test_a_report_is_written_and_opened(open_studio) -> None:
    window = open_studio("runs.html")
    window.page.get_by_role("button", name="Write report: nn1l-mnist-5k").click()
    link = window.page.get_by_role("link", name="Report: nn1l-mnist-5k")
    for _ in range(30):  # on a busy machine the report takes its time
        if link.count():
            break
        window.page.wait_for_timeout(10_000)
    link.click()
    window.until(lambda: "nn1l" in window.page.title())


def test_the_ledger_has_all_models(open_studio) -> None:
    window = open_studio("runs.html")
    window.page.locator("summary").click()
    window.until(lambda: window.page.locator("#ledger tr").count() > 30)
    assert "99.11-99.36" in window.page.locator("#ledger tr").filter(has_text="lenet5").first.text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers_and_nothing_wider_than_a_phone(open_studio, scheme: str) -> None:
    window = open_studio("runs.html", color_scheme=scheme, viewport={"width": 390, "height": 844})
    for box in window.page.get_by_role("checkbox").all():
        box.check()
    window.page.locator("summary").click()
    window.until(lambda: window.page.locator("#ledger tr").count() > 30)
    window.until(lambda: window.page.locator("#facts th[scope=col]").count() == 4)
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = axe.Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()
