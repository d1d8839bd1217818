"""How many requests a user makes: a token bucket for each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tenfold.users.user import User


class Rates:
    """Counts requests. A user who has waited for a minute may make all requests of a minute at once.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # name -> requests left, when

    def wait(self, user: User) -> int:
        """Count a request; return 0, or the seconds after which the user may make the next one."""
        most, now = user.quota.requests, self._clock()
        left, before = self._left.get(user.name, (float(most), now))
        left = min(float(most), left + (now - before) * most / 60)
        refused = left < 1
        self._left[user.name] = (left if refused else left - 1, now)
        return math.ceil((1 - left) * 60 / most) if refused else 0
