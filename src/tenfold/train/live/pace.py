"""How often a training is recorded: often at first, and so that a long one fills no disk."""

from __future__ import annotations

OFTEN = 0.1  # seconds between two events
_EVENTS = 6000  # at this distance; then it grows with the run
_DETAILS = 0.25  # seconds between two of the details
_SHARE = 0.1  # of the time, at most, goes into details
_MISTAKES = 0.5  # seconds between two lists of mistakes, which are listed after epochs only


class Pace:
    """Says when an event and when details are due.

    In the first ten minutes there are ten events a second; after that, their distance grows in proportion to
    the length of the run, so that their number grows as its logarithm.

    Examples
    --------
    >>> pace = Pace(now=0.0)
    >>> [pace.event_due(at) for at in (0.05, 0.15, 0.2, 0.3)]
    [False, True, False, True]
    """

    def __init__(self, now: float) -> None:
        self._began = self._event = now
        self._details = self._mistakes = float("-inf")
        self._spent = 0.0

    def event_due(self, now: float) -> bool:
        """Return whether an event is due; it then counts as recorded."""
        distance = max(OFTEN, (now - self._began) / _EVENTS)
        if now - self._event < distance:
            return False
        self._event = now
        return True

    def details_due(self, now: float) -> bool:
        """Return whether details are due."""
        rare = now - self._details < max(_DETAILS, (now - self._began) / _EVENTS)
        return not rare and self._spent <= _SHARE * (now - self._began)

    def mistakes_due(self, now: float) -> bool:
        """Return whether a list of mistakes is due; it then counts as made."""
        if now - self._mistakes < max(_MISTAKES, (now - self._began) / _EVENTS):
            return False
        self._mistakes = now
        return True

    def spent(self, now: float, seconds: float) -> None:
        """Note details that took some seconds."""
        self._details, self._spent = now, self._spent + seconds
