"""Request bodies: digits of the bundled sample."""

from __future__ import annotations

import io
import json
from functools import cache

import numpy as np
from PIL import Image

from tenfold.data import load_corpus

_PICTURES = 64
_PAGE, _DIGIT = 280, 200  # pixels
_SHEET, _LINES, _SPECKLES = (1200, 1600), 40, 0.3


@cache
def _digits() -> np.ndarray:
    return load_corpus("mnist-5k").test.images[:_PICTURES]


def pictures() -> list[bytes]:
    """Return PNG files of 28 x 28, each a digit, dark on light."""
    return [_png(255 - image) for image in _digits()]


def written_page() -> bytes:
    """Return a PNG file as the drawing page sends it: a digit somewhere on a sheet of 280 x 280."""
    digit = Image.fromarray(255 - _digits()[0]).resize((_DIGIT, _DIGIT), Image.Resampling.BICUBIC)
    page = Image.new("L", (_PAGE, _PAGE), 255)
    page.paste(digit, (50, 40))
    return _png(np.asarray(page))


def slow_picture() -> bytes:
    """Return a PNG file that takes long to read: ruled paper, three in ten of its pixels black."""
    rng = np.random.default_rng(0)
    paper = np.full(_SHEET, 255, np.uint8)
    paper[::_LINES] = 120
    paper[rng.random(_SHEET) < _SPECKLES] = 0
    return _png(paper)


def minibatch(n: int, *, binary: bool) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a minibatch for ``/v2``."""
    images = _digits()[:n]
    tensor = {"name": "images", "shape": list(images.shape), "datatype": "UINT8"}
    if not binary:
        tensor["data"] = images.ravel().tolist()
        return json.dumps({"inputs": [tensor]}).encode(), {"Content-Type": "application/json"}
    tensor["parameters"] = {"binary_data_size": images.nbytes}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {
        "Content-Type": "application/octet-stream",
        "Inference-Header-Content-Length": str(len(head)),
    }
    return head + images.tobytes(), headers


def _png(pixels: np.ndarray) -> bytes:
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()
