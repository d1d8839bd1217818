"""Which of the parts are there that only an extra installs."""

from __future__ import annotations

from collections.abc import Iterator

from tenfold.doctor.check_result import Check, Notify, State
from tenfold.doctor.requirements import unmet

_AREA = "extras"
_FOR = {
    "serve": "tenfold serve",
    "onnx": "tenfold export",
    "tensorboard": "tenfold train --tensorboard",
    "referees": "comparing with PyTorch",
}


def examine(notify: Notify) -> Iterator[Check]:
    """Tell of each extra whether it is installed."""
    for extra, purpose in _FOR.items():
        missing = unmet(extra)
        if not missing:
            yield Check(_AREA, State.ok, f"{extra}: installed, for {purpose}")
            continue
        lacking = ", ".join(f"{one.wanted} (found {one.found})" for one in missing)
        found = f"{extra}: not installed, for {purpose}: expected {lacking}"
        yield Check(_AREA, State.note, found, f"install it: pip install 'tenfold[{extra}]'")
