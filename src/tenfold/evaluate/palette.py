"""The colours of the PNG figures: blue for what is right, orange for what is wrong, greys for the rest.

Blue and orange stay apart in every common form of colour blindness, and in grey by lightness. The report page
has the same hues, light and dark, in ``page/style.css``.
"""

from __future__ import annotations

PAPER = "#fdfcf9"
INK = "#1d1f24"
SOFT = "#686c75"
LINE = "#dcdad3"
BLUE = "#1f5fa8"
BLUE_PALE = "#c9dbee"
ORANGE = "#d4621b"
ORANGE_PALE = "#f3b487"
