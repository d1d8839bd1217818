"""Erased rectangles: their shares, sides and places, and what fills them."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import Chain, RandomAffine, RandomErasing, as_float, augmentation_from_config
from tenfold.errors import ConfigError

N = 3000
SHAPES = [(28, 28, 1), (20, 24, 1), (9, 31, 3), (1, 1, 2), (1, 7, 1)]
PIECES = {
    "as in the paper": RandomErasing(chance=1.0),
    "a square": RandomErasing(chance=1.0, side=4, value=0.0),
    "ink": RandomErasing(chance=0.5, least=0.1, most=0.1, aspect=1.0, value=1.0),
    "all of it": RandomErasing(chance=1.0, least=1.0, most=1.0, aspect=1.0, value=0.25),
}


def drawn(shape: tuple[int, ...], n: int = 40) -> np.ndarray:
    """Return images whose pixels are all 1 to 254, so that each change can be seen."""
    return np.random.default_rng(1).integers(1, 255, (n, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PIECES)
def test_a_rectangle_is_filled_and_the_rest_stays(name, shape):
    piece, images = PIECES[name], drawn(shape)
    erased = piece(images, np.random.default_rng(3))
    assert (erased.dtype, erased.shape) == (np.float32, images.shape)
    boxes = piece.boxes(np.random.default_rng(3).random((len(images), 5)), *shape[:2])
    for image, new, (top, bottom, left, right) in zip(as_float(images), erased, boxes, strict=True):
        inside = np.zeros(shape[:2], bool)
        inside[top:bottom, left:right] = True
        assert inside.sum() == (bottom - top) * (right - left)  # the box lies within the image
        np.testing.assert_array_equal(new[~inside], image[~inside])
        if piece.value is not None:
            assert (new[inside] == piece.value).all()
        assert (0 <= new).all()
        assert (new <= 1).all()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", PIECES)
def test_the_seed_alone_decides(name, threads):
    images = drawn((12, 10, 2), 600)
    want = PIECES[name](images, np.random.default_rng(5))
    for given in (images, as_float(images)):
        got = PIECES[name](given, np.random.default_rng(5), threads=threads)
        assert got.tobytes() == want.tobytes()


def test_area_aspect_and_place_are_spread_as_they_should_be():
    boxes = RandomErasing(chance=1.0).boxes(np.random.default_rng(0).random((N, 5)), 100, 100)
    heights, widths = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    share, ratio = heights * widths / 1e4, np.log(heights / widths) / np.log(0.3)
    assert (0.015 < share.min() < 0.03, 0.38 < share.max() < 0.41) == (True, True)
    assert np.mean(share) == pytest.approx(0.21, abs=0.01)
    assert np.mean(ratio) == pytest.approx(0, abs=0.05)
    assert (np.abs(ratio) < 1.15).all()
    assert (boxes.min(), boxes.max()) == (0, 100)  # every place within the image, its edges too
    middle = (boxes[:, 0] + boxes[:, 1]) / 2
    assert np.mean(middle) == pytest.approx(50, abs=1.5)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_as_many_images_are_changed_as_the_chance_says(chance):
    images = drawn((8, 8, 1), N)
    erased = RandomErasing(chance=chance, side=2, value=0.0)(images, np.random.default_rng(2))
    changed = (erased != as_float(images)).any(axis=(1, 2, 3))
    assert changed.mean() == pytest.approx(chance, abs=0.04 if 0 < chance < 1 else 0)


def test_noise_differs_from_pixel_to_pixel_and_image_to_image():
    erased = RandomErasing(chance=1.0, least=1.0, most=1.0, aspect=1.0)(
        drawn((20, 20, 1), 50), np.random.default_rng(0)
    )
    assert len(np.unique(erased)) > 0.5 * erased.size
    assert erased.mean() == pytest.approx(0.5, abs=0.02)


def test_a_configuration_and_a_chain_may_name_it():
    for piece in PIECES.values():
        assert augmentation_from_config(piece.kind, piece.config()) == piece
        chain = Chain([RandomAffine(rotation=10), piece])
        assert augmentation_from_config(chain.kind, chain.config()) == chain
        assert not chain.digits_only


REFUSED = {
    "chance": ({"chance": 1.5}, "random_erasing: chance: expected a number from 0 to 1, got 1.5"),
    "most": ({"most": 2}, "random_erasing: most: expected a number from 0 to 1, got 2"),
    "least": ({"least": 0.5}, "random_erasing: least: expected a number from 0 to 0.4, got 0.5"),
    "aspect": ({"aspect": 3}, "random_erasing: aspect: expected a number from 0 to 1, got 3"),
    "no aspect": (
        {"aspect": 0},
        "random_erasing: aspect: expected a number above 0, got 0; write aspect=0.3",
    ),
    "side": ({"side": 0}, "random_erasing: side: expected a whole number of at least 1, got 0"),
    "value": ({"value": 255}, "random_erasing: value: expected a number from 0 to 1, got 255"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_options_out_of_range_are_refused(refused_in_one_line, name):
    options, message = REFUSED[name]
    with refused_in_one_line(ConfigError, message):
        RandomErasing(**options)
