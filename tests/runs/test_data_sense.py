"""The check for sense: said about data that are wrong in one way, and never about sound data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenfold.data import Corpus, Dataset, load_corpus
from tenfold.runs.data_sense import WAYS, remarks


@pytest.fixture(scope="module")
def sound() -> Corpus:
    """Real digits under another name, so that they are looked at."""
    return own(*(getattr(load_corpus("mnist-5k"), part) for part in ("train", "test")))


def own(train: Dataset, test: Dataset) -> Corpus:
    return Corpus("own", replace(train, name="own"), replace(test, name="own"), origin="own")


def turned(part: Dataset, way: str) -> Dataset:
    return part.like(np.ascontiguousarray(WAYS[way](part.images)), part.labels)


def test_sound_digits(sound: Corpus) -> None:
    assert remarks(sound) == []
    assert remarks(load_corpus("mnist-5k")) == []


@pytest.mark.parametrize("seed", range(10))
def test_few_sound_digits(sound: Corpus, seed: int) -> None:
    rng = np.random.default_rng(seed)
    train = sound.train.subset(rng.choice(4_000, 200, replace=False))
    assert remarks(own(train, sound.test.subset(rng.choice(1_000, 60, replace=False)))) == []


@pytest.mark.parametrize("way", WAYS)
def test_digits_that_are_turned(sound: Corpus, way: str) -> None:
    [line] = remarks(own(turned(sound.train, way), turned(sound.test, way)))
    assert f"training and test images look {way}:" in line
    assert "; turn them back before you train" in line


@pytest.mark.parametrize("part", ["training", "test"])
@pytest.mark.parametrize("way", ["transposed", "inverted"])
def test_only_one_of_the_two_is_turned(sound: Corpus, way: str, part: str) -> None:
    both = {"training": sound.train, "test": sound.test}
    both[part] = turned(both[part], way)
    [line] = remarks(own(both["training"], both["test"]))
    assert f"own: the {part} images look {way}:" in line


def test_labels_of_others(sound: Corpus) -> None:
    rng = np.random.default_rng(0)
    shuffled = sound.train.like(sound.train.images, rng.permutation(sound.train.labels))
    [line] = remarks(own(shuffled, sound.test))
    assert "the labels of the training images look wrong or in another order" in line
    shifted = [part.like(part.images, (part.labels + 1) % 10) for part in (sound.train, sound.test)]
    [line] = remarks(own(*shifted))
    assert "most are 1 more than what is read" in line


def test_scaled_otherwise(sound: Corpus) -> None:
    [line] = remarks(own(sound.train, sound.test.like(sound.test.images // 16, sound.test.labels)))
    assert "no pixel of the test images is above 15 of 255" in line
    assert "multiply them by 17" in line


def test_sets_against_each_other(sound: Corpus) -> None:
    """Without digits' labels the network has nothing to say; the statistics have."""
    names = list("abcdefghij")
    train, test = (replace(part, class_names=names) for part in (sound.train, sound.test))
    assert remarks(own(train, test)) == []
    [line] = remarks(own(train, turned(test, "inverted")))
    assert "one of the two sets looks inverted" in line
    tall = np.zeros_like(train.images)
    tall[:, 4:24, 10:18] = train.images[:, 4:24, 10:18] // 2 + 100
    tall, flat = train.like(tall, train.labels), train.like(tall.swapaxes(1, 2).copy(), train.labels)
    assert remarks(own(tall, tall)) == []
    [line] = remarks(own(tall, flat))
    assert "one of the two sets looks transposed" in line


def test_labels_that_count_from_1_and_classes_without_images() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (100, 8, 8), dtype=np.uint8)
    letters = Dataset(images, 1 + np.arange(100) % 26, "letters", classes=27)
    [line] = remarks(own(letters, letters))
    assert line == "own: the labels count from 1 to 26, so class 0 stays empty; subtract 1 from all labels"
    some = letters.subset(np.flatnonzero(letters.labels > 5))
    nowhere, tested = remarks(own(some, letters))
    assert nowhere == "own: there are no images of 0; a network cannot learn these classes"
    assert "there are test images of 1, 2, 3, 4, 5 and no training images" in tested


@pytest.mark.parametrize("kind", ["noise", "blobs", "strokes"])
def test_images_that_are_no_digits(kind: str) -> None:
    rng = np.random.default_rng(1)
    images = np.zeros((300, 28, 28), np.uint8)
    if kind == "noise":
        images[:] = rng.integers(0, 256, images.shape)
    elif kind == "blobs":
        for image in images:
            y, x = rng.integers(4, 18, 2)
            image[y : y + rng.integers(3, 10), x : x + rng.integers(3, 10)] = 255
    else:
        for image in images:
            for start in rng.integers(3, 22, (4, 2)):
                y, x = start
                image[y : y + 2, x : x + 6] = 220
                image[y : y + 6, x : x + 2] = 220
    data = Dataset(images, np.arange(300) % 10, "shapes")
    assert remarks(own(data, data.subset(slice(100)))) == []
