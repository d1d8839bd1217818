"""Colours (h, w, 3), 0..1, as the bytes of a picture file."""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator
from papers import Colours
from pens import Coverage
from PIL import Image


def png(page: Colours, rng: Generator) -> bytes:
    """Without loss."""
    return _saved(_image(page), "PNG")


def jpeg(page: Colours, rng: Generator) -> bytes:
    """As cameras save."""
    return _saved(_image(page), "JPEG", quality=int(rng.integers(75, 93)))


def large_jpeg(page: Colours, rng: Generator) -> bytes:
    """Twelve megapixels, as phones have them; they are as soft as an enlarged picture, too."""
    image = _image(page)
    larger = (12e6 / (image.width * image.height)) ** 0.5
    size = (int(image.width * larger), int(image.height * larger))
    return _saved(image.resize(size, Image.Resampling.BICUBIC), "JPEG", quality=85)


def squeezed_jpeg(page: Colours, rng: Generator) -> bytes:
    """As messengers save: quality 20 to 50."""
    return _saved(_image(page), "JPEG", quality=int(rng.integers(20, 51)))


def grey_png(page: Colours, rng: Generator) -> bytes:
    """One channel."""
    return _saved(_image(page).convert("L"), "PNG")


def palette_png(page: Colours, rng: Generator) -> bytes:
    """Sixteen colours."""
    return _saved(_image(page).quantize(16), "PNG")


def sideways_jpeg(page: Colours, rng: Generator) -> bytes:
    """Stored turned by a quarter, a half or three; EXIF tells how to turn it back."""
    way, orientation = [
        (Image.Transpose.ROTATE_90, 6),
        (Image.Transpose.ROTATE_180, 3),
        (Image.Transpose.ROTATE_270, 8),
    ][rng.integers(3)]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _saved(_image(page).transpose(way), "JPEG", quality=85, exif=exif)


def alpha_png(coverage: Coverage, colour: tuple[float, float, float]) -> bytes:
    """Ink of one colour on nothing: coverage (h, w) is the alpha channel."""
    pixels = np.empty((*coverage.shape, 4), np.uint8)
    pixels[..., :3] = np.rint(np.array(colour) * 255)
    pixels[..., 3] = np.rint(np.clip(coverage, 0, 1) * 255)
    return _saved(Image.fromarray(pixels), "PNG")


FILES = {
    save.__name__: save
    for save in (png, jpeg, large_jpeg, squeezed_jpeg, grey_png, palette_png, sideways_jpeg)
}


def _image(page: Colours) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(page, 0, 1) * 255).astype(np.uint8))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
