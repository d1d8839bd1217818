"""Checks that the terminal can show all characters."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator

from tenfold.doctor.check_result import Check, Notify, State

_AREA = "terminal"


def examine(notify: Notify) -> Iterator[Check]:
    """Report the encoding of stdout."""
    name = getattr(sys.stdout, "encoding", None) or "utf-8"
    if codecs.lookup(name).name == "utf-8":
        yield Check(_AREA, State.ok, "UTF-8, which has all characters")
    else:
        found = f"{name}: other characters are shown as ?"
        yield Check(_AREA, State.note, found, "set PYTHONUTF8=1 for UTF-8")
