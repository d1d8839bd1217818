"""Whether Ray is told to use a token."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tenfold.train.parallel.ray_token import use_token


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.setenv(name, "before")  # so that what the test sets is forgotten
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def mode() -> str | None:
    use_token()
    return os.environ.get("RAY_AUTH_MODE")


def test_without_a_token_ray_decides() -> None:
    assert mode() is None


@pytest.mark.parametrize("name", ["RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"])
def test_a_token_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert mode() == "token"


def test_the_token_that_ray_start_wrote_is_used(tmp_path: Path) -> None:
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("x")
    assert mode() == "token"


def test_what_is_said_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "x")
    assert mode() == "disabled"
