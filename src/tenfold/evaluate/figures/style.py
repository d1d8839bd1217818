"""The look of the PNG figures: blue is right, orange is wrong, greys are the rest.

Blue and orange stay apart in every common form of colour blindness, and in grey by lightness. The pages
have the same hues, light and dark, in ``pages/style.css``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAPER = "#fdfcf9"
INK = "#1d1f24"
SOFT = "#686c75"
LINE = "#dcdad3"
BLUE = "#1f5fa8"
BLUE_PALE = "#c9dbee"
ORANGE = "#d4621b"
ORANGE_PALE = "#f3b487"

STYLE: Mapping[str, object] = MappingProxyType(
    {
        "axes.axisbelow": True,
        "axes.edgecolor": SOFT,
        "axes.facecolor": PAPER,
        "axes.grid": True,
        "axes.labelcolor": SOFT,
        "axes.labelsize": 9,
        "axes.prop_cycle": f"cycler('color', ['{BLUE}', '{ORANGE}', '{SOFT}', '{INK}'])",
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.titlesize": 10,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "figure.facecolor": PAPER,
        "grid.color": LINE,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "legend.labelcolor": INK,
        "lines.linewidth": 1.8,
        "lines.markersize": 4,
        "text.color": INK,
        "xtick.color": SOFT,
        "xtick.labelsize": 8.5,
        "xtick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.color": SOFT,
        "ytick.labelsize": 8.5,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
    }
)
"""Settings for figures of your own that look like these: ``matplotlib.style.use(dict(STYLE))``."""
