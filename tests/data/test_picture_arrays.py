"""Pictures in memory: arrays, lists and Pillow images of every kind."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import read_picture


def page() -> np.ndarray:
    sheet = np.full((30, 40), 255, np.uint8)
    sheet[5:25, 18:22] = 0
    sheet[5:25, 22] = 128
    return sheet


FORMS = {
    "uint8": page(),
    "whole numbers": page().astype(np.int64),
    "floats of 0 to 255": page().astype(np.float32),
    "floats of 0 to 1": page() / 255,
    "16 bits": page().astype(np.uint16) * 257,
    "16 bits as floats": page() * 257.0,
    "a channel": page()[..., None],
    "floats with a channel": (page() / 255)[..., None],
    "colour": np.dstack([page()] * 3),
    "colour in floats": np.dstack([page()] * 3) / 255,
    "colour with alpha": np.dstack([page()] * 3 + [np.full_like(page(), 255)]),
    "a list": page().tolist(),
    "a list of floats": (page() / 255).tolist(),
    "rows from below": page()[::-1].copy()[::-1],
    "every second pixel": np.repeat(page(), 2, axis=1)[:, ::2],
    "big-endian": page().astype(">u2"),
    "read-only": np.frombuffer(page().tobytes(), np.uint8).reshape(30, 40),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_levels(form: str) -> None:
    np.testing.assert_array_equal(read_picture(FORMS[form]), page())


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32, np.float64])
def test_0_and_1_are_black_and_white(dtype: type) -> None:
    expected = np.where(page() > 100, 255, 0)
    np.testing.assert_array_equal(read_picture((page() > 100).astype(dtype)), expected)


def test_what_acts_as_an_array_is_one() -> None:
    class Tensor:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return page()

    np.testing.assert_array_equal(read_picture(Tensor()), page())


@pytest.mark.fault("own pictures", "an array is not a picture", "one line that says what to pass")
@pytest.mark.parametrize(
    ("array", "error", "words"),
    [
        (np.full((4, 4), np.nan), ValueError, "found nan to nan"),
        (np.full((4, 4), -1), ValueError, "found -1 to -1"),
        (np.full((4, 4), 70_000), ValueError, "found 70000 to 70000"),
        (np.zeros((4, 4, 2)), ValueError, r"\(h, w, 4\), found \(4, 4, 2\)"),
        (np.zeros(16), ValueError, r"found \(16,\)"),
        (np.zeros((0, 4)), ValueError, r"found \(0, 4\)"),
        ([[1, 2], [3]], ValueError, "expected rows of equal length"),
        (np.zeros((4, 4), complex), TypeError, "expected numbers, found complex128"),
        ([["a"]], TypeError, "expected numbers, found <U1"),
        ({"a": 1}, TypeError, "found dict; pass one of these"),
        (None, TypeError, "found NoneType; pass one of these"),
    ],
)
def test_other_arrays(array: object, error: type[Exception], words: str, refused_in_one_line) -> None:
    with refused_in_one_line(error, words):
        read_picture(array)


def test_open_files_and_buffers(tmp_path: Path, refused_in_one_line) -> None:
    Image.fromarray(page()).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    for given in (io.BytesIO(data), bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(read_picture(given), page())
    with open(tmp_path / "a.png", "rb") as file:
        np.testing.assert_array_equal(read_picture(file), page())
    with refused_in_one_line(TypeError, r"got one of text; use open\(..., 'rb'\)"):
        read_picture(io.StringIO("x"))


@pytest.mark.parametrize(
    "mode",
    [
        "1",
        "L",
        "P",
        "RGB",
        "RGBA",
        "RGBX",
        "CMYK",
        "YCbCr",
        "HSV",
        "LAB",
        "I",
        "F",
        "LA",
        "PA",
        "La",
        "RGBa",
        "I;16",
    ],
)
def test_pillow_images_of_every_mode(mode: str) -> None:
    image = Image.fromarray(page())
    if mode == "LAB":
        from PIL import ImageCms

        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(image.convert("RGB"), *profiles, outputMode="LAB")
    elif mode in ("La", "RGBa", "PA"):
        image = image.convert({"La": "LA", "RGBa": "RGBA", "PA": "P"}[mode]).convert(mode)
    elif mode == "I;16":
        image = Image.fromarray(page().astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(page().astype(np.int32) * 257)
    else:
        image = image.convert(mode)
    found = read_picture(image).astype(int)
    tolerance = 128 if mode == "1" else 12 if mode == "LAB" else 2
    assert np.abs(found - page()).max() <= tolerance
    assert found[15, 20] < 10
    assert found[0, 0] > 245


def test_floats_of_0_to_1_in_a_pillow_image() -> None:
    np.testing.assert_array_equal(read_picture(Image.fromarray((page() / 255).astype(np.float32))), page())
