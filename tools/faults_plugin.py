"""A pytest plugin: counts the checks that provoke a fault; ``--kills`` sets the number of killed processes.

    PYTHONPATH=tools python -m pytest -p faults_plugin -m fault --faults FILE --kills 200

A check is a test with the marker ``fault(area, did, expected)``; each parameter counts. If a test has no
marker, the marker of its module counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from tenfold.checkpoint import dump_json
from tenfold.files import write_atomically

OUTCOMES = ("passed", "skipped", "failed")
Fault = tuple[str, str, str]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption(
        "--faults", type=Path, metavar="FILE", help="write the outcome of each fault to this JSON file"
    )
    group.addoption("--kills", type=int, default=20, help="number of processes to kill (20)")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--faults") is not None:
        config.pluginmanager.register(Campaign(config), "campaign")


def faults_of(item: pytest.Item) -> list[Fault]:
    """Return the fault that a test provokes."""
    own = [mark for mark in item.own_markers if mark.name == "fault"]
    return [mark.args for mark in own or list(item.iter_markers("fault"))[:1]]


class Campaign:
    """The outcome of every check. The reports of a test carry its data to this process."""

    def __init__(self, config: pytest.Config) -> None:
        self.file = config.getoption("--faults")
        self.writes = not hasattr(config, "workerinput")  # the process that the others report to
        self.faults: dict[str, list[Fault]] = {}
        self.outcomes: dict[str, str] = {}
        self.skips: dict[str, str] = {}
        self.kills: dict[str, list[dict[str, str]]] = {}

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        item.user_properties += [("fault", list(fault)) for fault in faults_of(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test's outcome is the worst of its setup, call and teardown."""
        test = report.nodeid
        found = [tuple(value) for name, value in report.user_properties if name == "fault"]
        if not found:
            return
        self.faults[test] = found
        self.outcomes[test] = max(self.outcomes.get(test, "passed"), report.outcome, key=OUTCOMES.index)
        self.kills[test] = [value for name, value in report.user_properties if name == "kill"]
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            self.skips[test] = report.longrepr[2].removeprefix("Skipped: ")

    def pytest_sessionfinish(self) -> None:
        if self.writes:
            kills = [kill for found in self.kills.values() for kill in found]
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.file, dump_json({"rows": self.rows(), "kills": kills}))

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each fault: how many checks passed, failed and were skipped, and why."""
        tests = defaultdict(list)
        for test, faults in self.faults.items():
            for fault in faults:
                tests[fault].append(test)
        return [
            {"area": area, "did": did, "expected": expected}
            | dict.fromkeys(OUTCOMES, 0)
            | Counter(self.outcomes[test] for test in found)
            | {"reasons": sorted({self.skips[test] for test in found if test in self.skips})}
            for (area, did, expected), found in sorted(tests.items())
        ]
