"""Runs commands in this process, as a terminal would, and keeps what they print."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from tenfold.cli import main


class Terminal:
    """Runs commands and keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: object, stdin: bytes | None = None) -> tuple[int, str, str]:
        """Return the exit code, and what was written to stdout and to stderr."""
        if stdin is not None:
            self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self.capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *arguments: object) -> dict[str, Any]:
        """Run with --json, and refuse anything on stdout but one JSON object on one line."""
        code, out, err = self(*arguments, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        found = json.loads(out)
        assert isinstance(found, dict)
        return found
