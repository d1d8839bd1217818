"""The servers of tests/serve, for the tests that take longer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).parent.parent / "serve" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("serving", _PATH)
_SERVING = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = _SERVING  # dataclasses look themselves up there
_SPEC.loader.exec_module(_SERVING)

digits, png, run, start, wait_until = (
    getattr(_SERVING, name) for name in ("digits", "png", "run", "start", "wait_until")
)
