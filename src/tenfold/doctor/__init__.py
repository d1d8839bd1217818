"""Checks this installation and this machine, and advises what to do about faults."""

from __future__ import annotations

from tenfold.doctor.check_result import Check, State
from tenfold.doctor.examination import AREAS, examine

__all__ = ["AREAS", "Check", "State", "examine"]
