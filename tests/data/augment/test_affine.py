"""Affine augmentation in float64: where the ink goes, what is drawn, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import affine_transform
from scipy.stats import kstest

from tenfold.backend.bilinear import bilinear
from tenfold.data import AUGMENTATIONS, RandomAffine, augmentation_from_config
from tenfold.data.augment.random_affine import AffineParameters
from tenfold.errors import ConfigError, DTypeError, ShapeError

SIZES = [(1, 1), (1, 6), (5, 5), (6, 6), (7, 4), (28, 28)]


def altered(
    image: np.ndarray,
    zoom: tuple[float, float] = (1.0, 1.0),
    shear: float = 0.0,
    rotation: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """An image (h, w) altered by known amounts."""
    amounts = AffineParameters(np.array([zoom]), np.array([shear]), np.array([rotation]), np.array([shift]))
    return bilinear(image[None, :, :, None], amounts.matrices(*image.shape))[0, :, :, 0]


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape)


# Where the ink goes.


@pytest.mark.parametrize("size", SIZES)
def test_nothing_to_do_leaves_every_bit(size: tuple[int, int]) -> None:
    np.testing.assert_array_equal(altered(noise(*size)), noise(*size))


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 1), (-2, 3), (4, -5), (0, 6), (6, 6)])
def test_a_shift_by_whole_pixels_moves_down_and_right(down: int, right: int) -> None:
    image = noise(6, 6)
    room = np.pad(image, 6)
    expected = room[6 - down : 12 - down, 6 - right : 12 - right]
    np.testing.assert_allclose(altered(image, shift=(down / 6, right / 6)), expected, atol=1e-12)


@pytest.mark.parametrize("side", [4, 5, 28])
@pytest.mark.parametrize("quarters", [-1, 1, 2])
def test_a_quarter_turns_counter_clockwise(side: int, quarters: int) -> None:
    image = noise(side, side)
    np.testing.assert_allclose(altered(image, rotation=90 * quarters), np.rot90(image, quarters), atol=1e-12)


def test_zoom_2_puts_pixels_twice_as_far_from_the_centre_and_means_between() -> None:
    image = noise(5, 5)
    expected = np.zeros((5, 5))
    expected[::2, ::2] = image[1:4, 1:4]
    expected[1::2] = (expected[:-1:2] + expected[2::2]) / 2
    expected[:, 1::2] = (expected[:, :-1:2] + expected[:, 2::2]) / 2
    np.testing.assert_allclose(altered(image, zoom=(2, 2)), expected, atol=1e-12)


def test_each_side_has_its_zoom() -> None:
    image = noise(5, 5)
    np.testing.assert_allclose(altered(image, zoom=(2, 1))[::2], image[1:4], atol=1e-12)
    np.testing.assert_allclose(altered(image, zoom=(1, 2))[:, ::2], image[:, 1:4], atol=1e-12)


def test_shear_leans_an_upright_stroke_to_the_right() -> None:
    stroke = np.zeros((5, 5))
    stroke[:, 2] = 1
    np.testing.assert_allclose(altered(stroke, shear=45), np.fliplr(np.eye(5)), atol=1e-12)


@pytest.mark.parametrize("shift", [(1, 0), (0, 1), (-1, -1)])
def test_outside_there_is_no_ink(shift: tuple[float, float]) -> None:
    assert np.all(altered(noise(7, 4), shift=shift) == 0)


def test_ink_fades_out_over_one_pixel_at_the_border() -> None:
    half_out = altered(np.ones((4, 4)), shift=(0.125, 0))
    np.testing.assert_allclose(half_out[:, 0], [0.5, 1, 1, 1], atol=1e-12)


def test_turning_keeps_the_ink_and_zooming_spreads_it() -> None:
    blob = np.exp(-(((np.indices((29, 29)) - 14) / 4) ** 2).sum(axis=0))
    for angle in (-25, 10, 45):
        assert altered(blob, rotation=angle).sum() == pytest.approx(blob.sum(), rel=0.01)
    assert altered(blob, zoom=(1.2, 0.9)).sum() == pytest.approx(1.2 * 0.9 * blob.sum(), rel=0.01)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("zoom", "shear", "rotation", "shift"),
    [
        ((0.8, 1.2), 0.0, 0.0, (0.0, 0.0)),
        ((1.0, 1.0), 0.0, 25.0, (0.0, 0.0)),
        ((1.0, 1.0), -30.0, 0.0, (0.0, 0.0)),
        ((1.0, 1.0), 0.0, 0.0, (0.13, -0.2)),
        ((0.5, 2.0), 20.0, -100.0, (0.3, 0.1)),
        ((1.2, 0.9), -10.0, 170.0, (-0.2, 0.2)),
    ],
)
def test_as_scipy_composed_and_sampled(size, zoom, shear, rotation, shift) -> None:  # type: ignore[no-untyped-def]
    """The referee moves the centre to 0, multiplies the four maps out, and moves back."""
    h, w = size
    t, s = np.deg2rad(rotation), np.deg2rad(shear)
    to_centre, back = np.eye(3), np.eye(3)
    back[:2, 2] = (h - 1) / 2, (w - 1) / 2
    to_centre[:2, 2] = -back[:2, 2]
    forward = (
        back
        @ [[1, 0, h * shift[0]], [0, 1, w * shift[1]], [0, 0, 1]]
        @ [[np.cos(t), -np.sin(t), 0], [np.sin(t), np.cos(t), 0], [0, 0, 1]]
        @ [[1, 0, 0], [-np.tan(s), 1, 0], [0, 0, 1]]
        @ np.diag([*zoom, 1])
        @ to_centre
    )
    image = noise(*size)
    expected = affine_transform(image, np.linalg.inv(forward), order=1, mode="grid-constant")
    np.testing.assert_allclose(altered(image, zoom, shear, rotation, shift), expected, atol=1e-10)


# What is drawn.

WIDE = RandomAffine(zoom=0.2, rotation=25, shift=0.2, shear=10, keep_ratio=False)


def columns(amounts: AffineParameters) -> dict[str, np.ndarray]:
    """Each amount by itself, brought from its range to -1 .. 1."""
    return {
        "height": (amounts.zoom[:, 0] - 1) / 0.2,
        "width": (amounts.zoom[:, 1] - 1) / 0.2,
        "rotation": amounts.rotation / 25,
        "down": amounts.shift[:, 0] / 0.2,
        "right": amounts.shift[:, 1] / 0.2,
        "shear": amounts.shear / 10,
    }


def test_amounts_are_uniform_and_independent() -> None:
    drawn = columns(WIDE.draw(20_000, np.random.default_rng(0)))
    for name, values in drawn.items():
        assert kstest(values, "uniform", args=(-1, 2)).pvalue > 1e-3, name
        assert values.min() == pytest.approx(-1, abs=1e-3)
        assert values.max() == pytest.approx(1, abs=1e-3)
    correlation = np.corrcoef(list(drawn.values())) - np.eye(len(drawn))
    assert np.abs(correlation).max() < 0.03


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.8, 1.0])
def test_chance_decides_for_each_image(chance: float) -> None:
    drawn = columns(RandomAffine(0.2, 25, 0.2, 10, False, chance).draw(20_000, np.random.default_rng(0)))
    changed = [values != 0 for values in drawn.values()]
    assert all(np.array_equal(changed[0], each) for each in changed)  # all of an image, or nothing
    assert changed[0].mean() == pytest.approx(chance, abs=0.015)


@pytest.mark.parametrize(("together", "n"), [(1, 4_000), (16, 64_000), (7, 28_003)])
def test_chance_decides_for_images_together(together: int, n: int) -> None:
    augment = RandomAffine(0.2, 25, 0.2, 10, False, chance=0.25, together=together)
    altered = augment.draw(n, np.random.default_rng(0)).rotation != 0
    groups = [altered[at : at + together] for at in range(0, n, together)]
    assert all(group.all() or not group.any() for group in groups)
    assert np.mean([group[0] for group in groups]) == pytest.approx(0.25, abs=0.025)


def test_images_that_are_altered_together_have_amounts_of_their_own() -> None:
    apart, by_16 = (RandomAffine(0.2, 25, 0.2, 10, False, 0.5, together) for together in (1, 16))
    one, other = (augment.draw(320, np.random.default_rng(0)) for augment in (apart, by_16))
    both = (one.rotation != 0) & (other.rotation != 0)
    assert both.sum() > 40
    for mine, theirs in zip(columns(one).values(), columns(other).values(), strict=True):
        np.testing.assert_array_equal(mine[both], theirs[both])
    assert len(set(other.rotation[other.rotation != 0])) == (other.rotation != 0).sum()


@pytest.mark.parametrize("together", [50, 2**70])
def test_fewer_images_than_go_together_go_together(together: int) -> None:
    drawn = [
        RandomAffine(rotation=25, chance=0.5, together=together).draw(20, np.random.default_rng(seed))
        for seed in range(40)
    ]
    assert {bool(each.rotation.any()) for each in drawn} == {True, False}
    assert all(each.rotation.all() or not each.rotation.any() for each in drawn)


@pytest.mark.parametrize("size", [(28, 28), (9, 6)])
def test_shifts_are_cut_to_whole_pixels_towards_0(size: tuple[int, int]) -> None:
    h, w = size
    images = noise(200, h, w, 1)
    cut = RandomAffine(shift=0.2, whole_pixels=True)
    drawn, out = cut.draw(200, np.random.default_rng(0)), cut(images, np.random.default_rng(0))
    pixels = [[int(h * down), int(w * right)] for down, right in drawn.shift]  # int cuts towards 0
    for image, (down, right), altered_image in zip(images[..., 0], pixels, out[..., 0], strict=True):
        room = np.pad(image, max(size))
        top, left = max(size) - down, max(size) - right
        np.testing.assert_allclose(altered_image, room[top : top + h, left : left + w], atol=1e-12)
    assert np.abs(pixels).max(axis=0).tolist() == [int(0.2 * h), int(0.2 * w)]


def test_images_left_alone_keep_every_bit() -> None:
    images = noise(200, 9, 8, 1)
    out = RandomAffine(zoom=0.2, rotation=25, shift=0.2, chance=0.5)(images, np.random.default_rng(0))
    same = (out == images).all(axis=(1, 2, 3))
    assert 60 < same.sum() < 140


def test_the_ratio_is_kept_unless_told_otherwise() -> None:
    kept = RandomAffine(zoom=0.2).draw(50, np.random.default_rng(0)).zoom
    np.testing.assert_array_equal(kept[:, 0], kept[:, 1])
    apart = RandomAffine(zoom=0.2, keep_ratio=False).draw(50, np.random.default_rng(0)).zoom
    assert np.abs(apart[:, 0] - apart[:, 1]).max() > 0.1


@pytest.mark.parametrize("option", ["zoom", "rotation", "shift", "shear", "keep_ratio", "chance"])
def test_one_options_draws_never_move_anothers(option: str) -> None:
    """Whatever is asked for, the generator has gone equally far, and the other amounts are the same."""
    off = {"keep_ratio": True, "chance": 0.999}
    other = RandomAffine(**WIDE.config() | {option: off.get(option, 0.0)})
    rng, also = np.random.default_rng(0), np.random.default_rng(0)
    one, two = columns(WIDE.draw(30, rng)), columns(other.draw(30, also))
    assert rng.random() == also.random()
    belongs = {"zoom": {"height", "width"}, "shift": {"down", "right"}, "keep_ratio": {"width"}}
    mine = belongs.get(option, {option})
    for name in one.keys() - mine:
        np.testing.assert_array_equal(one[name], two[name])


def test_whole_minibatches_in_two_parts_are_altered_as_in_one() -> None:
    images, augment = noise(12, 6, 5, 1), RandomAffine(rotation=25, chance=0.5, together=4)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        parts = np.concatenate([augment(images[:8], rng), augment(images[8:], rng)])
        np.testing.assert_array_equal(parts, augment(images, np.random.default_rng(seed)))


def test_a_minibatch_in_two_parts_is_altered_as_in_one() -> None:
    images = noise(7, 6, 5, 1)
    rng = np.random.default_rng(3)
    parts = [WIDE(images[:2], rng), WIDE(images[2:], rng)]
    np.testing.assert_array_equal(np.concatenate(parts), WIDE(images, np.random.default_rng(3)))
    assert not np.array_equal(np.concatenate(parts), WIDE(images, np.random.default_rng(4)))


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    zoom=st.floats(0, 0.99),
    shear=st.floats(0, 80),
)
def test_values_stay_between_0_and_1(seed: int, size: tuple[int, int], zoom: float, shear: float) -> None:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 2, (3, *size, 2)).astype(np.float64)
    augment = RandomAffine(zoom, rotation=180, shift=1, shear=shear, keep_ratio=False)
    out = augment(images, rng)
    assert (out.shape, out.dtype) == (images.shape, images.dtype)
    assert 0 <= out.min()
    assert out.max() <= 1


def test_images_given_are_not_changed() -> None:
    images = noise(3, 6, 5, 1)
    WIDE(images, np.random.default_rng(0))
    np.testing.assert_array_equal(images, noise(3, 6, 5, 1))


# What a configuration says.

LATER = RandomAffine(0.1, chance=0.5, together=16, whole_pixels=True)


def test_options_that_came_later_are_named_only_where_they_are_used() -> None:
    """So that recipes, and runs, from before there were any have the hash that they had."""
    assert RandomAffine(0.1).config().keys() == {"zoom", "rotation", "shift", "shear", "keep_ratio", "chance"}
    assert LATER.config() == RandomAffine(0.1, chance=0.5).config() | {"together": 16, "whole_pixels": True}


@pytest.mark.parametrize(
    "augmentation", [RandomAffine(), WIDE, RandomAffine(0.1, 10, 0.1, chance=0.5), LATER]
)
def test_there_and_back(augmentation: RandomAffine) -> None:
    again = augmentation_from_config(augmentation.kind, augmentation.config())
    assert again == augmentation
    assert hash(again) == hash(augmentation)
    assert AUGMENTATIONS[augmentation.kind] is RandomAffine


def test_whole_numbers_and_those_of_numpy_become_floats() -> None:
    config = RandomAffine(np.float32(0.5), rotation=np.int64(25), shift=0).config()
    assert json.dumps(config) == json.dumps(RandomAffine(0.5, 25.0).config())


REFUSED = {
    "zoom": (lambda: RandomAffine(zoom=1), ConfigError, "zoom: expected a number from 0 to below 1, got 1"),
    "NaN": (lambda: RandomAffine(zoom=np.nan), ConfigError, "zoom: expected .* got nan"),
    "a range": (lambda: RandomAffine(zoom=(0.8, 1.2)), ConfigError, r"zoom: expected .* got \(0.8, 1.2\)"),
    "truth": (lambda: RandomAffine(shift=True), ConfigError, "shift: expected .* got True"),
    "rotation": (lambda: RandomAffine(rotation=-5), ConfigError, "rotation: expected .* 0 to 180, got -5"),
    "shift": (lambda: RandomAffine(shift=4), ConfigError, "shift: expected a number from 0 to 1, got 4"),
    "shear": (lambda: RandomAffine(shear=90), ConfigError, "shear: expected .* to below 90, got 90"),
    "chance": (lambda: RandomAffine(chance=50), ConfigError, "chance: expected a number from 0 to 1, got 50"),
    "keep_ratio": (lambda: RandomAffine(keep_ratio=1), ConfigError, "keep_ratio: expected True or False"),
    "pixels": (lambda: RandomAffine(whole_pixels=0), ConfigError, "whole_pixels: expected True or False"),
    "none together": (
        lambda: RandomAffine(together=0),
        ConfigError,
        "together: expected a whole number of at least 1, got 0",
    ),
    "half together": (lambda: RandomAffine(together=0.5), ConfigError, "together: expected .* got 0.5"),
    "true together": (lambda: RandomAffine(together=True), ConfigError, "together: expected .* got True"),
    "kind": (lambda: augmentation_from_config("randomaffine", {}), ConfigError, "mean 'random_affine'"),
    "option": (
        lambda: augmentation_from_config("random_affine", {"rotate": 3}),
        ConfigError,
        "did you mean 'rotation'",
    ),
    "dtype": (
        lambda: WIDE(np.zeros((2, 5, 5, 1), np.int64), np.random.default_rng(0)),
        DTypeError,
        "expected images as uint8, float32 or float64, got int64; convert",
    ),
    "shape": (
        lambda: WIDE(np.zeros((5, 5)), np.random.default_rng(0)),
        ShapeError,
        r"of shape \(n, h, w, c\), got \(5, 5\); for one image write images\[None, ..., None\]",
    ),
    "shape of bytes": (
        lambda: WIDE(np.zeros((5, 5), np.uint8), np.random.default_rng(0)),
        ShapeError,
        r"expected uint8 images of shape \(n, h, w\) or \(n, h, w, c\), got \(5, 5\)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, refused_in_one_line) -> None:
    build, error, message = REFUSED[name]
    with refused_in_one_line(error, message):
        build()
