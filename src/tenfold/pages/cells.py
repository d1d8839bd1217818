"""What objects show in a notebook: small tables and strips of pictures, in the notebook's own colours."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LINE = "1px solid rgba(128,128,128,.5)"
_LEAST_WIDTH = 56  # of a picture, in CSS pixels


def cell(title: str, *parts: str) -> str:
    """Return a title in bold above the parts, which are HTML."""
    heading = f"<b>{escape(title)}</b>" if title else ""
    return f'<div style="margin:.3em 0">{heading}{"".join(parts)}</div>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return a table; text is escaped. The first ``left`` columns are words, the others are numbers."""
    align = [
        f"text-align:{'left' if place < left else 'right'};padding:.1em .8em" for place in range(len(heads))
    ]

    def line(tag: str, texts: Sequence[str], style: str = "") -> str:
        inner = "".join(
            f'<{tag} style="{one}">{escape(text)}</{tag}>' for one, text in zip(align, texts, strict=True)
        )
        return f'<tr style="{style}">{inner}</tr>'

    head = line("th", heads, f"border-bottom:{_LINE}")
    body = "".join(line("td", row) for row in rows)
    style = "border-collapse:collapse;margin:.3em 0"
    return f'<table style="{style}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def words(text: str) -> str:
    """Return a line of text."""
    return f'<div style="opacity:.8">{escape(text)}</div>'


def bar(done: float) -> str:
    """Return a bar that is filled up to ``done``, 0 to 1."""
    return f'<progress value="{done:.3f}" max="1" style="width:20em"></progress>'


def pictures(images: NDArray[np.uint8], captions: Sequence[str]) -> str:
    """Return pictures (n, h, w) or (n, h, w, c) next to each other, with a caption below each."""
    shown = "".join(
        f'<figure style="margin:.2em .4em;text-align:center;display:inline-block">{_picture(image, caption)}'
        f'<figcaption style="font-size:.85em">{escape(caption)}</figcaption></figure>'
        for image, caption in zip(images, captions, strict=True)
    )
    return f'<div style="margin:.3em 0">{shown}</div>'


def _picture(image: NDArray[Any], alt: str) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[..., :3] if image.ndim == 3 else image)).save(buffer, "PNG")
    width = max(_LEAST_WIDTH, image.shape[1])
    return picture_of_png(buffer.getvalue(), alt, f"image-rendering:pixelated;border:{_LINE};width:{width}px")


def picture_of_png(png: bytes, alt: str, style: str = "max-width:40em") -> str:
    """Return a picture from the bytes of a PNG file."""
    source = "data:image/png;base64," + b64encode(png).decode("ascii")
    return f'<img src="{source}" alt="{escape(alt)}" style="{style}">'
