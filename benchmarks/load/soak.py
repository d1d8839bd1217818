"""A long measurement."""

from __future__ import annotations

from rows import Row
from under_test import UnderTest
from wrk import Load, run

GROWTH = 20.0  # megabytes
_PARTS = 10
"""Memory is looked at between the parts; the first is where everything settles."""


def soak(server: UnderTest, load: Load, connections: int, seconds: float) -> list[Row]:
    """Send requests for a long time; count the errors and the growth of memory."""
    bad, memory = 0, []
    for _ in range(_PARTS):
        bad += run(load, connections, seconds / _PARTS).bad
        memory.append(server.memory())
    return [
        Row(
            f"{seconds:g} seconds without a break: responses other than 200",
            "requests",
            float(bad),
            at_most=0.0,
        ),
        Row("... memory after the first tenth", "MB", memory[0]),
        Row("... growth from there to the maximum", "MB", max(memory) - memory[0], at_most=GROWTH),
    ]
