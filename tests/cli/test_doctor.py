"""``tenfold doctor`` as a person or a program calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tenfold.cli import main
from tenfold.doctor import Check, State, examination

LINES = [
    Check("engine", State.ok, "right"),
    Check("port", State.note, "8000 is taken", "take another"),
    Check("data", State.fault, "damaged", "fetch it again"),
]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """What is found; one that was announced."""
    checks: list[Check] = []

    def examine(notify) -> Iterator[Check]:
        notify("it takes about 20 seconds")
        yield from checks

    monkeypatch.setattr("tenfold.doctor.examine", examine)
    return checks


def test_one_line_each_and_what_to_do(found, capsys):
    found.extend(LINES)
    assert main(["doctor"]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "ok     engine         right",
        "note   port           8000 is taken; take another",
        "fault  data           damaged; fetch it again",
        "1 ok, 1 note, 1 fault",
    ]
    assert err == "it takes about 20 seconds\n"


def test_json(found, capsys):
    found.extend(LINES)
    assert main(["doctor", "--json"]) == 1
    out, _ = capsys.readouterr()
    assert json.loads(out) == {
        "ok": False,
        "checks": [
            {"area": "engine", "state": "ok", "found": "right", "advice": ""},
            {"area": "port", "state": "note", "found": "8000 is taken", "advice": "take another"},
            {"area": "data", "state": "fault", "found": "damaged", "advice": "fetch it again"},
        ],
    }


def test_notes_are_no_faults(found, capsys):
    found.extend(LINES[:2])
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_every_area_is_looked_at(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert list(dict.fromkeys(check["area"] for check in checks)) == list(examination.AREAS)
    assert not any("this check failed" in check["found"] for check in checks)
