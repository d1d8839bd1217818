"""Names of classes as matplotlib draws them: no formulas, and no boxes for characters that no font has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tenfold.evaluate.classes import Classes

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

# Fonts with Chinese, Japanese and Korean characters: of Linux, Windows and macOS.
_OTHERS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "Yu Gothic", "Malgun Gothic"),
    *("PingFang SC", "Hiragino Sans", "Hiragino Sans GB", "Arial Unicode MS"),
)

LONGEST_NAME = 16  # letters


def drawn(classes: Classes, index: int, most: int = LONGEST_NAME) -> str:
    """Return a name that is at most so many letters wide, or the number of a class that no font can write.

    Examples
    --------
    >>> drawn(Classes.named(2, ["cat", "$dog$"]), 1)
    '\\\\$dog\\\\$'
    """
    name = classes.short(index, most)
    if all(_has(ord(one)) for one in name):
        return literal(name)
    return f"no. {index}"


def literal(text: str) -> str:
    """Dollar signs are dollar signs here, not the start of a formula."""
    return text.replace("$", r"\$")


@cache
def families() -> list[str]:
    """The fonts that names are written with: the usual one, then those that have other characters."""
    from matplotlib import rcParams
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return [*rcParams["font.family"], *(name for name in _OTHERS if name in there)]


@cache
def _fonts() -> list[FT2Font]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return [get_font(findfont(FontProperties(family=[name]))) for name in families()]


@cache
def _has(character: int) -> bool:
    return character == 32 or (character > 32 and any(font.get_char_index(character) for font in _fonts()))
