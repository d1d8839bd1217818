"""A training recorded while it goes on, for pages that show it; and orders that it follows meanwhile."""

from __future__ import annotations

from tenfold.train.live.control import ORDERS, Order, give_order
from tenfold.train.live.event_log import EVENTS, LIVE, EventLog
from tenfold.train.live.recorder import DETAILS, LiveRecorder

__all__ = ["DETAILS", "EVENTS", "LIVE", "ORDERS", "EventLog", "LiveRecorder", "Order", "give_order"]
