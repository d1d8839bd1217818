"""HTTP: pictures and images in, digits out, within bounds; the page to draw on."""

from __future__ import annotations

from tenfold.serve.limits import Limits
from tenfold.serve.settings import Settings

__all__ = ["Limits", "Settings"]
