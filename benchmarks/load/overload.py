"""Four times the maximum load."""

from __future__ import annotations

from rows import Row
from wrk import Load, run

CONNECTIONS = 400
TIMES = 4.0
GOODPUT = 0.8
_TRIALS, _TRIAL_SECONDS = 5, 3


def overload(load: Load, peak: float, seconds: float) -> list[Row]:
    """Send four times the peak load, and count the responses.

    wrk sends on a connection only when the last answer has come: the pause between is shortened until
    what is offered is enough.
    """
    delay = 1000 * CONNECTIONS / (TIMES * peak)
    for _ in range(_TRIALS):
        found = run(load, CONNECTIONS, _TRIAL_SECONDS, delay=delay)
        if found.rate >= TIMES * peak or delay < 1:
            break
        delay = max(0.0, delay - 1000 * CONNECTIONS * (1 / found.rate - 1 / (1.1 * TIMES * peak)))
    found = run(load, CONNECTIONS, seconds, delay=delay)
    other = sum(count for status, count in found.statuses.items() if status not in (200, 503))
    return [
        Row("overload: offered", "of the peak", found.rate / peak, at_least=TIMES),
        Row("... answered 200", "of the peak", found.good_rate / peak, at_least=GOODPUT),
        Row("... neither 200 nor 503", "answers", float(other), at_most=0.0),
        Row("... connections that failed", "", float(found.socket_errors), at_most=0.0),
    ]
