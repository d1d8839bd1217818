"""Images mixed with others: shares, rectangles, and why the mean loss is that of mixed labels."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tenfold.data import Chain, CutMix, MixUp, RandomAffine, as_float, augmentation_from_config
from tenfold.errors import ConfigError, ShapeError

N = 4000
PIECES = {"mixup": MixUp(alpha=0.4), "cutmix": CutMix(chance=1.0), "some": MixUp(alpha=1.0, chance=0.3)}
SHAPES = [(28, 28, 1), (9, 31, 3), (1, 1, 2), (1, 7, 1)]


def drawn(shape: tuple[int, ...], n: int = 60) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PIECES)
def test_the_definition(name, shape):
    piece, images = PIECES[name], drawn(shape)
    mixed = piece(images, np.random.default_rng(3))
    rng, n = np.random.default_rng(3), len(images)
    others, u = rng.permutation(n), rng.random((n, 4))
    boxes, shares = piece.mixtures(rng.beta(piece.alpha, piece.alpha, n), u, *shape[:2])
    floats = as_float(images)
    assert (mixed.dtype, mixed.shape) == (np.float32, images.shape)
    for i, (top, bottom, left, right) in enumerate(boxes):
        own = np.full(shape[:2], shares[i, 1])
        own[top:bottom, left:right] = shares[i, 0]
        want = own[..., None] * floats[i] + (1 - own[..., None]) * floats[others[i]]
        np.testing.assert_allclose(mixed[i], want, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", PIECES)
def test_the_seed_alone_decides(name, threads):
    images = drawn((12, 10, 2), 600)
    want = PIECES[name](images, np.random.default_rng(5))
    for given in (images, as_float(images)):
        got = PIECES[name](given, np.random.default_rng(5), threads=threads)
        assert got.tobytes() == want.tobytes()


THREE = np.random.default_rng(7).random((3, 6, 6))


def loss(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cross-entropy of a fixed network, not linear, that knows the three images; for (n, 6, 6)."""
    z = 6 * np.tanh((images - THREE.mean(axis=0)).reshape(len(images), 36) @ THREE.reshape(3, 36).T)
    return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_the_mean_loss_is_that_of_mixed_labels(name):
    """Both means, over all pairs of three images, estimate the same number."""
    piece, rng = PIECES[name], np.random.default_rng(0)
    three, labels = THREE, np.array([0, 1, 2])
    n = 60_000
    i, j = rng.integers(0, 3, (2, n))
    s = rng.beta(piece.alpha, piece.alpha, n)
    boxes, shares = piece.mixtures(s, rng.random((n, 4)), 6, 6)
    rows, columns = np.arange(6)[None, :, None], np.arange(6)[None, None, :]
    top, bottom, left, right = boxes.T[:, :, None, None]
    inside = (top <= rows) & (rows < bottom) & (left <= columns) & (columns < right)
    own = np.where(inside, shares[:, :1, None], shares[:, 1:, None])
    kept = loss(own * three[i] + (1 - own) * three[j], labels[i])  # as here: the label is the image's own
    if name == "mixup":
        share, first = s, s[:, None, None]
    else:
        share, first = 1 - inside.mean(axis=(1, 2)), 1.0 * ~inside
    images = first * three[i] + (1 - first) * three[j]
    mixed = share * loss(images, labels[i]) + (1 - share) * loss(images, labels[j])  # as in the papers
    error = np.sqrt(kept.var() / n + mixed.var() / n)
    assert abs(kept.mean() - mixed.mean()) < 4 * error
    assert error < 0.02 * mixed.mean()
    wrong = loss(images, labels[i])  # the label of the first image, however small its share
    assert abs(wrong.mean() - mixed.mean()) > 10 * error


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_as_many_images_are_mixed_as_the_chance_says(kind, chance):
    u = np.random.default_rng(0).random((N, 4))
    s = np.random.default_rng(1).beta(1.0, 1.0, N)
    boxes, shares = kind(alpha=1.0, chance=chance).mixtures(s, u, 100, 100)
    area = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    changed = np.where(shares[:, 1] < 1, True, (shares[:, 0] < 1) & (area > 0))
    assert changed.mean() == pytest.approx(chance, abs=0.03 if 0 < chance < 1 else 1e-3)


def test_the_own_share_is_as_large_as_it_is_likely():
    """Where s is from Beta(1, 1), the own share has the density 2 s, with the mean 2 / 3."""
    rng = np.random.default_rng(0)
    _, shares = MixUp(alpha=1.0).mixtures(rng.random(N), rng.random((N, 4)), 5, 5)
    assert shares[:, 0].mean() == pytest.approx(2 / 3, abs=0.015)
    boxes, around = CutMix(chance=1.0).mixtures(rng.random(N), rng.random((N, 4)), 100, 100)
    area = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2]) / 1e4
    assert np.where(around[:, 1] == 1, 1 - area, area).mean() == pytest.approx(2 / 3, abs=0.015)
    assert (boxes.min(), boxes.max()) == (0, 100)


def test_a_configuration_and_a_chain_may_name_it():
    for piece in PIECES.values():
        assert augmentation_from_config(piece.kind, piece.config()) == piece
        chain = Chain([RandomAffine(rotation=10), piece])
        assert augmentation_from_config(chain.kind, chain.config()) == chain
        assert not chain.digits_only


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_one_image_alone_is_refused(refused_in_one_line, kind):
    expected = "expected uint8 images of shape (n, h, w) or (n, h, w, c), got (28, 28)"
    message = f"{kind.kind}: {expected}; for one image write images[None]"
    with refused_in_one_line(ShapeError, re.escape(message)):
        kind()(np.zeros((28, 28), np.uint8), np.random.default_rng(0))


REFUSED = {
    "alpha": (MixUp, {"alpha": 0}, "mixup: alpha: expected a number above 0, such as 1.0, got 0"),
    "text": (CutMix, {"alpha": "1"}, "cutmix: alpha: expected a number above 0, such as 1.0, got '1'"),
    "chance": (CutMix, {"chance": 2}, "cutmix: chance: expected a number from 0 to 1, got 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_options_out_of_range_are_refused(refused_in_one_line, name):
    kind, options, message = REFUSED[name]
    with refused_in_one_line(ConfigError, message):
        kind(**options)
