"""Pixels to small PNGs inside the page. Ink is opacity, so that the same picture suits light and dark."""

from __future__ import annotations

import io
from base64 import b64encode
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold.pages.svg import Html

_POSITIVE, _NEGATIVE = (47, 111, 184), (212, 98, 27)  # visible on light and dark alike


def ink_picture(image: NDArray[np.uint8], alt: str, class_: str = "ink") -> Html:
    """A picture ``(h, w)``, ink high, as black ink on nothing; the style sheet turns it white in the dark."""
    pixels = np.zeros((*image.shape, 2), dtype=np.uint8)  # (h, w, grey and opacity)
    pixels[..., 1] = image
    return _picture(pixels, "LA", alt, class_)


def ink_row(images: NDArray[np.uint8], alt: str, gap: int = 6) -> Html:
    """Pictures ``(n, h, w)`` in a row, as one picture."""
    n, height, width = images.shape
    row = np.zeros((height, n * (width + gap) - gap), dtype=np.uint8)
    for place, image in enumerate(images):
        row[:, place * (width + gap) : place * (width + gap) + width] = image
    return ink_picture(row, alt, "ink row")


def signed_picture(values: NDArray[np.floating[Any]], alt: str) -> Html:
    """Values ``(h, w)`` from -1 to 1: blue above zero, orange below, paler towards zero."""
    pixels = np.zeros((*values.shape, 4), dtype=np.uint8)  # (h, w, red green blue opacity)
    pixels[..., :3] = np.where((values >= 0)[..., None], _POSITIVE, _NEGATIVE)
    pixels[..., 3] = np.rint(255 * np.abs(values)).astype(np.uint8)
    return _picture(pixels, "RGBA", alt, "weights")


def _picture(pixels: NDArray[np.uint8], mode: str, alt: str, class_: str) -> Html:
    from PIL import Image

    height, width = pixels.shape[:2]
    buffer = io.BytesIO()
    Image.frombytes(mode, (width, height), pixels.tobytes()).save(buffer, format="PNG", optimize=True)
    source = "data:image/png;base64," + b64encode(buffer.getvalue()).decode("ascii")
    return Html(
        f'<img src="{source}" alt="{escape(alt)}" width="{width}" height="{height}" class="{class_}">'
    )
