"""Pixels to small pictures inside the page. Grey is ink: opacity, so that it suits light and dark alike."""

from __future__ import annotations

import io
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.pages.svg import Html

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST, LARGEST_IN_ROW = 128, 64  # pixels; larger pictures are reduced, so that the page stays small
_ROW_WIDTH = 1000  # pixels of a row of pictures, of which at least four are shown
_POSITIVE, _NEGATIVE = (47, 111, 184), (212, 98, 27)  # visible on light and dark alike


def image_picture(image: NDArray[np.uint8], alt: str) -> Html:
    """An image ``(h, w)`` as ink, or ``(h, w, c)`` in colour; reduced where it is large."""
    if image.ndim == 2:
        return ink_picture(image, alt)
    large = max(image.shape[:2]) > LARGEST
    return _element(_reduced(_pillow(image), LARGEST), alt, "photo", "JPEG" if large else "PNG")


def ink_picture(image: NDArray[np.uint8], alt: str, class_: str = "ink") -> Html:
    """A picture ``(h, w)``, ink high, as black ink on nothing; the style sheet turns it white in the dark."""
    return _element(_reduced(_pillow(image), LARGEST), alt, class_)


def image_row(images: NDArray[np.uint8], alt: str, gap: int = 6) -> Html:
    """Images ``(n, h, w)`` or ``(n, h, w, c)`` in a row, as one picture."""
    from PIL import Image

    pictures = [_reduced(_pillow(image), LARGEST_IN_ROW) for image in images]
    width, height = pictures[0].size
    row = Image.new("LA" if images.ndim == 3 else "RGBA", (len(images) * (width + gap) - gap, height))
    for place, picture in enumerate(pictures):
        row.paste(picture, (place * (width + gap), 0))
    return _element(row, alt, "ink row" if images.ndim == 3 else "photo row")


def row_length(image_shape: tuple[int, ...], most: int, gap: int = 6) -> int:
    """How many images ``(h, w)`` or ``(h, w, c)`` a row has room for, at least four and at most ``most``."""
    h, w = image_shape[:2]
    width = w * min(1.0, LARGEST_IN_ROW / max(h, w))
    return min(most, max(4, int(_ROW_WIDTH / (width + gap))))


def signed_picture(values: NDArray[np.floating[Any]], alt: str) -> Html:
    """Values ``(h, w)`` from -1 to 1: blue above zero, orange below, paler towards zero."""
    from PIL import Image

    pixels = np.zeros((*values.shape, 4), dtype=np.uint8)  # (h, w, red green blue opacity)
    pixels[..., :3] = np.where((values >= 0)[..., None], _POSITIVE, _NEGATIVE)
    pixels[..., 3] = np.rint(255 * np.abs(values)).astype(np.uint8)
    return _element(_reduced(Image.fromarray(pixels), LARGEST), alt, "weights")


def shown_channels(images: NDArray[Any]) -> NDArray[Any]:
    """Three channels ``(..., 3)`` of ``(..., c)``: the first three, or the first one three times."""
    return images[..., :3] if images.shape[-1] >= 3 else np.repeat(images[..., :1], 3, axis=-1)


def _pillow(image: NDArray[np.uint8]) -> Image:
    """Ink as opacity ``(LA)``, or colours ``(RGB)``."""
    from PIL import Image

    if image.ndim == 3:
        return Image.fromarray(np.ascontiguousarray(shown_channels(image)))
    pixels = np.zeros((*image.shape, 2), dtype=np.uint8)  # (h, w, grey and opacity)
    pixels[..., 1] = image
    height, width = image.shape
    return Image.frombytes("LA", (width, height), pixels.tobytes())


def _reduced(picture: Image, largest: int) -> Image:
    """A picture whose longer side has at most so many pixels."""
    from PIL.Image import Resampling

    part = largest / max(picture.size)
    if part >= 1:
        return picture
    width, height = (max(1, round(part * side)) for side in picture.size)
    return picture.resize((width, height), Resampling.BOX)


def _element(picture: Image, alt: str, class_: str, kind: str = "PNG") -> Html:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, optimize=True)
    source = f"data:image/{kind.lower()};base64," + b64encode(buffer.getvalue()).decode("ascii")
    width, height = picture.size
    return Html(
        f'<img src="{source}" alt="{escape(alt)}" width="{width}" height="{height}" class="{class_}">'
    )
