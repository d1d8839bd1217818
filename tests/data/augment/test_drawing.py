"""Digits by other hands and pens, on other papers: amounts, ranges, determinism, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import ndimage
from scipy.ndimage import label as components

from tenfold.backend.bilinear import bilinear
from tenfold.backend.drawing.pen import thin
from tenfold.data import (
    AUGMENTATIONS,
    NO_DIGIT,
    Chain,
    Negatives,
    RandomAffine,
    RandomElastic,
    RandomFrame,
    RandomMarks,
    RandomNeighbours,
    RandomPen,
    RandomPhoto,
    RandomStyles,
    RandomWarp,
    as_float,
    augmentation_from_config,
    load_corpus,
    mnist_style,
)
from tenfold.data.augment.random_warp import bending_basis
from tenfold.errors import ConfigError, DTypeError, ShapeError

PIECES = {
    "negatives": Negatives(0.5),
    "styles": RandomStyles(0.7),
    "pen": RandomPen(redrawn=0.4, spread=0.3, outlined=0.1, crisp=0.3, thinnest=0.8, thickest=4.5),
    "warp": RandomWarp(zoom=0.2, rotation=20, shear=20, bend=1.5, chance=0.9),
    "elastic": RandomElastic(zoom=0.1, rotation=10, shear=10, shift=0.1, chance=0.9),
    "neighbours": RandomNeighbours(scraps=0.5, stops=0.2, rules=0.2),
    "marks": RandomMarks(lines=0.3, dots=0.2, gaps=0.2, impulses=0.2),
    "frame": RandomFrame(zoom=0.1, shift=2, chance=0.5, kept=0.3),
    "photo": RandomPhoto(blur=2.5, contrast=1, noise=0.2, shade=0.5, sweep=0.3, glass=0.3, chance=0.9),
}
STILL = {
    "negatives": Negatives(0.0),
    "styles": RandomStyles(0.0),
    "pen": RandomPen(),
    "warp": RandomWarp(zoom=0.2, rotation=20, shear=20, bend=1.5, chance=0.0),
    "elastic": RandomElastic(zoom=0.1, rotation=10, shear=10, shift=0.1, chance=0.0),
    "neighbours": RandomNeighbours(),
    "marks": RandomMarks(),
    "photo": RandomPhoto(blur=2.5, contrast=1, noise=0.2, shade=0.5, sweep=1, glass=1, chance=0.0),
}
CHAIN = Chain(list(PIECES.values()))
DIGITS_ONLY = [piece for piece in PIECES.values() if piece.digits_only]
each = pytest.mark.parametrize("piece", [pytest.param(p, id=name) for name, p in PIECES.items()])


@pytest.fixture(scope="module")
def digits():
    """Some 200 images of MNIST, in no order."""
    train = load_corpus("mnist-5k").train
    return train.subset(np.random.default_rng(0).permutation(len(train))[:200])


def drawn(piece, digits, seed=0, **options):
    return piece.examples(digits.images, digits.labels, np.random.default_rng(seed), **options)


# What holds for all of them.


@each
def test_images_stay_images(piece, digits):
    before = digits.images.copy()
    images, labels = drawn(piece, digits)
    assert images.shape == (200, 28, 28, 1)
    assert images.dtype == np.float32
    assert 0 <= images.min() < images.max() <= 1
    assert np.any(images != as_float(digits.images))
    assert labels.dtype == np.int64
    assert piece.adds_negatives == bool(np.any(labels != digits.labels))
    np.testing.assert_array_equal(digits.images, before)


@each
def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(piece, digits):
    images, labels = drawn(piece, digits, threads=1)
    for threads in (2, 3):
        again, same = drawn(piece, digits, threads=threads)
        assert again.tobytes() == images.tobytes()
        assert same.tobytes() == labels.tobytes()
    assert drawn(piece, digits, seed=1)[0].tobytes() != images.tobytes()


@each
def test_bytes_and_floats_are_altered_alike(piece, digits):
    floats = piece.examples(as_float(digits.images), digits.labels, np.random.default_rng(0))[0]
    assert floats.tobytes() == drawn(piece, digits)[0].tobytes()


@pytest.mark.parametrize("name", STILL)
def test_without_a_chance_every_bit_stays(name, digits):
    images, labels = drawn(STILL[name], digits)
    np.testing.assert_array_equal(images, as_float(digits.images))
    np.testing.assert_array_equal(labels, digits.labels)


@each
def test_no_images_give_none(piece):
    images, labels = piece.examples(
        np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), np.random.default_rng(0)
    )
    assert (images.shape, labels.shape) == ((0, 28, 28, 1), (0,))


@each
def test_a_blank_stays_finite(piece):
    images, _ = piece.examples(np.zeros((40, 28, 28), np.uint8), np.arange(40) % 10, np.random.default_rng(0))
    assert np.isfinite(images).all()


@pytest.mark.parametrize("piece", [*PIECES.values(), CHAIN], ids=lambda piece: piece.kind)
def test_configurations_come_back(piece):
    config = json.loads(json.dumps(piece.config()))
    assert augmentation_from_config(piece.kind, config) == piece
    assert AUGMENTATIONS[piece.kind] is type(piece)


@each
def test_other_images_are_refused(piece, digits):
    with pytest.raises(DTypeError, match=f"^{piece.kind}: expected images as uint8 or float32, got float64"):
        piece.examples(digits.images.astype(float), digits.labels, np.random.default_rng(0))
    flat = digits.images.reshape(-1, 784) if not piece.digits_only else digits.images[..., None]
    with pytest.raises(ShapeError, match=f"^{piece.kind}: expected uint8 images of shape"):
        piece.examples(flat, digits.labels, np.random.default_rng(0))


@pytest.mark.parametrize("size", [(8, 8), (28, 14), (200, 200)])
@pytest.mark.parametrize("piece", DIGITS_ONLY, ids=lambda piece: piece.kind)
def test_images_of_another_size_are_refused(piece, size):
    """Compiled code checks no index: it would read what lies beside."""
    message = rf"^{piece.kind}: expected images of 28 x 28, got {size[0]} x {size[1]}; resize them"
    for images in (np.zeros((3, *size), np.uint8), np.zeros((3, *size, 1), np.float32)):
        with pytest.raises(ShapeError, match=message):
            piece.examples(images, np.arange(3), np.random.default_rng(0))


@pytest.mark.parametrize(
    "piece", [Negatives(0.5), RandomStyles(0.7), RandomNeighbours(0.5)], ids=lambda piece: piece.kind
)
def test_labels_that_do_not_fit_are_refused(piece, digits):
    """Compiled code reads one for each image."""
    with pytest.raises(
        ShapeError, match=rf"^{piece.kind}: expected labels of shape \(3,\), got \(2,\); pass one"
    ):
        piece.examples(digits.images[:3], digits.labels[:2], np.random.default_rng(0))
    with pytest.raises(
        DTypeError, match=f"^{piece.kind}: expected labels as int64, got uint8; convert them$"
    ):
        piece.examples(digits.images[:3], digits.labels[:3].astype(np.uint8), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Negatives(1.5), r"^negatives: share: expected a number from 0 to 1, got 1\.5$"),
        (lambda: RandomStyles(-1), "^random_styles: chance: expected a number from 0 to 1, got -1$"),
        (
            lambda: RandomPen(redrawn=0.7, spread=0.7),
            "^random_pen: expected probabilities that sum to at most 1",
        ),
        (lambda: RandomPen(thinnest=3, thickest=2), "expected widths from 0.1 on, the thinnest first"),
        (lambda: RandomWarp(rotation=200), "rotation: expected a number from 0 to 180, got 200"),
        (lambda: RandomWarp(bend=True), "^random_warp: bend: expected a number from 0 to 10, got True$"),
        (
            lambda: RandomElastic(alpha=-1),
            "^random_elastic: alpha: expected a number from 0 to 1000, got -1$",
        ),
        (lambda: RandomElastic(sigma=0), "^random_elastic: sigma: expected a number above 0, got 0; for no"),
        (lambda: RandomMarks(lines=0.8, dots=0.4), "^random_marks: dots: expected a number from 0 to 0.2"),
        (
            lambda: RandomMarks(lines=0.5, gaps=0.25, impulses=0.5),
            r"^random_marks: impulses: expected a number from 0 to 0\.25, got 0\.5$",
        ),
        (
            lambda: RandomNeighbours(scraps=0.5, rules=0.6),
            r"^random_neighbours: rules: expected a number from 0 to 0\.5, got 0\.6$",
        ),
        (lambda: RandomPhoto(sweep=1.5), r"^random_photo: sweep: expected a number from 0 to 1, got 1\.5$"),
        (lambda: RandomPhoto(glass=-1), "^random_photo: glass: expected a number from 0 to 1, got -1$"),
        (lambda: RandomPhoto(noise=2), "^random_photo: noise: expected a number from 0 to 1, got 2$"),
        (lambda: Chain([]), "^chain: expected at least one augmentation, got none"),
        (lambda: Chain([CHAIN]), "^chain: expected an augmentation, got Chain"),
        (lambda: Chain([{"kind": "random_pan", "config": {}}]), "did you mean 'random_pen'"),
    ],
)
def test_options_out_of_range_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_chances_of_marks_may_add_up_to_one():
    assert RandomMarks(lines=0.4, dots=0.2, gaps=0.15, impulses=0.25).impulses == 0.25


# Each by itself.


def test_a_thick_bar_becomes_a_line_in_one_piece():
    lit = np.zeros((24, 40), np.int64)
    lit[8:15, 5:35] = 1
    thin(lit)
    assert lit.sum(axis=0).max() == 1
    assert lit[:, 12:28].sum() == 16  # its whole middle
    assert components(lit, np.ones((3, 3)))[1] == 1


def test_thinning_keeps_a_ring_a_ring():
    y, x = np.mgrid[:40, :40] - 19.5
    lit = ((np.hypot(y, x) < 15) & (np.hypot(y, x) > 8)).astype(np.int64)
    thin(lit)
    assert components(lit, np.ones((3, 3)))[1] == 1
    assert components(lit == 0)[1] == 2  # inside and outside


def test_a_wider_pen_leaves_more_ink(digits):
    widths = (1.0, 2.0, 3.0, 4.0)
    ink = [drawn(RandomPen(redrawn=1, thinnest=w, thickest=w), digits)[0].sum() for w in widths]
    assert np.all(np.diff(ink) > 0.15 * ink[0])


def test_a_crisp_pen_leaves_two_levels_and_no_gap(digits):
    images = drawn(RandomPen(redrawn=1, crisp=1, thinnest=0.8, thickest=0.8), digits)[0][..., 0]
    assert set(np.unique(images)) == {0, 1}
    before = [components(image > 100, np.ones((3, 3)))[1] for image in digits.images]
    after = [components(image, np.ones((3, 3)))[1] for image in images]
    assert np.mean(np.array(after) <= before) > 0.95


def test_ink_is_made_fatter_and_thinner_by_a_pixel_at_most(digits):
    images, before = drawn(RandomPen(spread=1), digits)[0][..., 0], as_float(digits.images)[..., 0]
    change = images.sum(axis=(1, 2)) - before.sum(axis=(1, 2))
    assert 0.35 < np.mean(change > 0) < 0.65
    fatter = change > 0
    assert np.all(images[fatter] >= before[fatter] - 1e-6)
    assert np.all(images[~fatter] <= before[~fatter] + 1e-6)


def test_an_outline_is_hollow_and_soft_or_a_line_inside_or_outside_of_the_edge():
    bars = np.zeros((60, 28, 28), np.uint8)
    bars[:, 5:23, 10:18] = 255
    outlines = RandomPen(outlined=1)(bars, np.random.default_rng(0))[..., 0]
    assert outlines[:, 8:20, 11:17].max() == 0
    walls = [tuple(outline[14, [9, 10, 17, 18]].astype(int)) for outline in outlines]
    assert set(walls) == {(1, 1, 1, 1), (0, 1, 1, 0), (1, 0, 0, 1)}


def test_a_warp_without_bending_is_the_affine_map(digits):
    warp, rng = RandomWarp(zoom=0.2, rotation=20, shear=15), np.random.default_rng(0)
    rng.random(200)  # whether each is altered
    matrices = warp._affine.draw(200, rng).matrices(28, 28)
    want = bilinear(as_float(digits.images).astype(float), matrices)
    np.testing.assert_allclose(drawn(warp, digits)[0], want, atol=2e-5)


def test_a_distortion_without_strength_is_the_affine_map(digits):
    elastic, rng = RandomElastic(alpha=0, zoom=0.2, rotation=20, shift=0.1), np.random.default_rng(0)
    rng.random(200)  # whether each is altered
    matrices = elastic._affine.draw(200, rng).matrices(28, 28)
    want = bilinear(as_float(digits.images).astype(float), matrices)
    np.testing.assert_allclose(drawn(elastic, digits)[0], want, atol=2e-5)


@pytest.mark.parametrize(("alpha", "sigma"), [(34, 4), (10, 1.5), (300, 12)])
def test_an_elastic_distortion_is_a_convolution_with_a_gaussian(digits, alpha, sigma):
    """SciPy smooths the same field, and samples the images where it leads."""
    rng = np.random.default_rng(0)
    rng.random(200)
    elastic = RandomElastic(alpha=alpha, sigma=sigma)
    elastic._affine.draw(200, rng)
    field = 2 * rng.random((200, 2, 28, 28), dtype=np.float32) - 1
    options = {"sigma": sigma, "mode": "constant", "radius": int(np.ceil(3 * sigma)), "axes": (2, 3)}
    moves = alpha * ndimage.gaussian_filter(field.astype(float), **options)
    images, here = as_float(digits.images)[..., 0], np.indices((28, 28))
    want = [
        ndimage.map_coordinates(image, here + move, order=1, mode="grid-constant")
        for image, move in zip(images, moves, strict=True)
    ]
    np.testing.assert_allclose(drawn(elastic, digits)[0][..., 0], want, atol=5e-4)


def test_bending_moves_by_the_amount_that_is_said():
    basis = bending_basis(28)
    np.testing.assert_allclose(basis.sum(axis=1), 1)
    assert np.all(basis >= 0)
    moves = np.random.default_rng(0).standard_normal((500, 7, 7))
    assert 0.4 < np.std(basis @ moves @ basis.T) < 0.65


def test_a_frame_is_mnists(digits):
    """The referee is the preprocessing itself, on the digit in its place and in another."""
    want = np.stack([mnist_style(image) for image in digits.images])  # (n, 28, 28)
    np.testing.assert_allclose(
        drawn(RandomFrame(), digits)[0][..., 0] * 255, want, atol=0.51
    )  # rounded to bytes
    moved = np.roll(want, (1, -1), axis=(1, 2))
    back = RandomFrame()(moved, np.random.default_rng(0))[..., 0]
    equal = np.all(np.abs(back * 255 - want) < 0.51, axis=(1, 2))
    assert equal.mean() > 0.95  # the others reach the edge, or their mass lies on the border of two pixels


def test_a_frame_may_keep_the_pixels():
    """Whole pixels move: no level comes or goes, except the darkest, which is brought to 1."""
    small = np.zeros((20, 28, 28), np.uint8)
    small[:, 4:23, 12:15] = np.arange(140, 254, 2, dtype=np.uint8).reshape(19, 3)
    frame = RandomFrame(zoom=0.1, kept=1)(small, np.random.default_rng(0))[..., 0]
    want = np.sort(small[small > 0].reshape(20, -1) / np.float32(252), axis=1)
    got = np.sort(frame[frame > 0].reshape(20, -1), axis=1)
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_small_ink_fills_the_frame():
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[0, 3:13, 4:9] = 255
    (image,) = RandomFrame()(dot, np.random.default_rng(0))[..., 0]
    rows = np.flatnonzero(image.max(axis=1) > 0.5)
    assert 19 <= rows[-1] - rows[0] + 1 <= 21
    y, x = np.mgrid[:28, :28]
    for axis in (y, x):
        assert np.sum(axis * image) / image.sum() == pytest.approx(14, abs=0.1)


def test_negatives_are_as_many_as_asked_for_and_labelled_so(digits):
    images, labels = drawn(Negatives(0.3), digits)
    made = labels == NO_DIGIT
    assert 0.2 < made.mean() < 0.4
    np.testing.assert_array_equal(images[~made], as_float(digits.images)[~made])
    np.testing.assert_array_equal(labels[~made], digits.labels[~made])
    assert np.all(images[made].sum(axis=(1, 2, 3)) > 0.5)
    assert np.all(np.any(images[made] != as_float(digits.images)[made], axis=(1, 2, 3)))


def test_an_affine_map_can_be_a_step(digits):
    pen, affine = RandomPen(redrawn=0.5), RandomAffine(rotation=20, shift=0.1)
    rng = np.random.default_rng(0)
    want = affine(pen(digits.images, rng), rng)
    images, labels = drawn(Chain([pen, affine]), digits)
    assert images.tobytes() == want.tobytes()
    np.testing.assert_array_equal(labels, digits.labels)


def test_a_chain_is_its_steps_one_after_the_other(digits):
    rng = np.random.default_rng(0)
    images, labels = digits.images, digits.labels
    for step in CHAIN.steps:
        images, labels = step.examples(images, labels, rng)
    chained, named = drawn(CHAIN, digits)
    assert chained.tobytes() == images.tobytes()
    assert named.tobytes() == labels.tobytes()
    assert CHAIN.adds_negatives
    assert not Chain([RandomPen()]).adds_negatives
