"""Files of many images that are read a part at a time, so that none need fit into memory."""

from __future__ import annotations

from tenfold.data.parts.finding import find_parts
from tenfold.data.parts.part import Part, Taken, check_unchanged
from tenfold.data.parts.taking import take

__all__ = ["Part", "Taken", "check_unchanged", "find_parts", "take"]
