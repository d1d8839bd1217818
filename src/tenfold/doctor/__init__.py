"""Whether this installation and this machine are in order, and what to do where they are not."""

from __future__ import annotations

from tenfold.doctor.check_result import Check, State
from tenfold.doctor.examination import AREAS, examine

__all__ = ["AREAS", "Check", "State", "examine"]
