"""Folders of pictures with any classes: names, colour, sizes, halves, and what is left aside or refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import kept_picture, load_corpus
from tenfold.data.picture_folder import digit_of
from tenfold.errors import DataError

RNG = np.random.default_rng(0)


def quiet(line: str) -> None:
    pytest.fail(f"nothing to say, but: {line}")


def picture(path: Path, shape: tuple[int, ...] = (12, 10, 3), level: int | None = None) -> np.ndarray:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RNG.integers(0, 256, shape, dtype=np.uint8) if level is None else np.full(shape, level, np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def pets(folder: Path, n: int = 6, shape: tuple[int, ...] = (12, 10, 3)) -> dict[str, np.ndarray]:
    return {
        f"{name}/{i}": picture(folder / name / f"{i}.png", shape)
        for name in ("cat", "dog", "Über 9")
        for i in range(n)
    }


def test_pictures_of_one_size_stay_as_they_are(tmp_path: Path) -> None:
    made = pets(tmp_path / "pets")
    corpus = load_corpus(tmp_path / "pets", notify=quiet)
    assert corpus.train.class_names == ("cat", "dog", "Über 9")
    assert corpus.train.image_shape == (12, 10, 3)
    assert (len(corpus.train), len(corpus.test), corpus.split) == (15, 3, "held-out")
    found = {
        (image.tobytes(), label)
        for part in (corpus.train, corpus.test)
        for image, label in zip(part.images, part.labels.tolist(), strict=True)
    }
    names = corpus.train.class_names
    assert found == {(pixels.tobytes(), names.index(key.partition("/")[0])) for key, pixels in made.items()}


def test_grey_pictures_have_one_channel_whatever_their_mode(tmp_path: Path) -> None:
    for i, mode in enumerate(["L", "RGB", "RGBA", "LA", "P", "1"]):
        path = tmp_path / "things" / "ab"[i % 2] / f"{mode}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((np.eye(9) * 255).astype(np.uint8)).convert(mode).save(path)
    corpus = load_corpus(tmp_path / "things", notify=quiet)
    assert corpus.train.image_shape == (9, 9, 1)
    assert all((image == (np.eye(9) * 255)).all() for image in corpus.train.images)


def test_one_colour_picture_makes_all_of_them_coloured(tmp_path: Path) -> None:
    pets(tmp_path, shape=(8, 8))
    picture(tmp_path / "cat" / "red.png", (8, 8, 3))
    assert load_corpus(tmp_path).train.image_shape == (8, 8, 3)


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    pixels = np.zeros((5, 5, 4), np.uint8)
    pixels[0, 0] = (255, 0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = kept_picture(tmp_path / "a.png")
    assert found[0, 0].tolist() == [255, 0, 0]
    assert (found[1:] == 255).all()


def test_pictures_of_several_sizes(tmp_path: Path) -> None:
    pets(tmp_path / "pets", shape=(40, 60, 3))
    picture(tmp_path / "pets" / "dog" / "tall.png", (90, 20, 3), level=200)
    said: list[str] = []
    corpus = load_corpus(tmp_path / "pets", notify=said.append)
    assert corpus.train.image_shape == (32, 32, 3)
    assert len(said) == 1
    assert "pictures of 2 sizes, mostly 40 x 60: brought to 32 x 32" in said[0]
    assert any((image == 200).all() for part in (corpus.train, corpus.test) for image in part.images)
    named = load_corpus(f"{tmp_path / 'pets'}:16x24", notify=quiet)
    assert named.train.image_shape == (16, 24, 3)
    assert load_corpus(named.origin).sha256 == named.sha256
    with pytest.raises(
        DataError, match=r"expected a height and width of at most 1024, found 'big'; give .*:32x32"
    ):
        load_corpus(f"{tmp_path / 'pets'}:big")


HALVES = [("train", "test"), ("Train", "Test"), ("training", "testing"), ("train", "val"), ("TRAIN", "valid")]


@pytest.mark.parametrize("halves", HALVES)
def test_halves(tmp_path: Path, halves: tuple[str, str]) -> None:
    for half, n in zip(halves, (4, 2), strict=True):
        pets(tmp_path / half, n)
    corpus = load_corpus(tmp_path, notify=quiet)
    assert (len(corpus.train), len(corpus.test), corpus.split) == (12, 6, "test")


def test_validation_is_left_aside_beside_a_test_set(tmp_path: Path) -> None:
    for half, n in (("train", 4), ("val", 3), ("test", 2)):
        pets(tmp_path / half, n)
    said: list[str] = []
    corpus = load_corpus(tmp_path, notify=said.append)
    assert (len(corpus.train), len(corpus.test)) == (12, 6)
    assert said == [f"{tmp_path}: left aside: val"]


def test_classes_that_only_one_half_has(tmp_path: Path) -> None:
    pets(tmp_path / "train")
    pets(tmp_path / "test")
    picture(tmp_path / "test" / "bird" / "1.png")
    said: list[str] = []
    corpus = load_corpus(tmp_path, notify=said.append)
    assert corpus.train.class_names == corpus.test.class_names == ("bird", "cat", "dog", "Über 9")
    assert said == []  # that a class has no training images is said of every source, before a training


def test_numbers_as_names_are_ordered_as_numbers(tmp_path: Path) -> None:
    for name in ("2", "10", "0"):
        for i in range(3):
            picture(tmp_path / name / f"{i}.png")
    assert load_corpus(tmp_path).train.class_names == ("0", "2", "10")


def test_stray_files_are_said_and_left_aside(tmp_path: Path) -> None:
    pets(tmp_path)
    for name in (
        "notes.txt",
        "cat/a.csv",
        "cat/b.md",
        "dog/model.pt",
        "dog/x.json",
        "dog/y.json",
        "dog/.hidden",
        "cat/Thumbs.db",
    ):
        (tmp_path / name).write_text("?")
    (tmp_path / "cat" / "without_an_ending").write_bytes((tmp_path / "cat" / "1.png").read_bytes())
    said: list[str] = []
    corpus = load_corpus(tmp_path, notify=said.append)
    assert len(corpus.train) + len(corpus.test) == 19
    assert said == [
        f"{tmp_path}: left aside, as no pictures: notes.txt, cat/a.csv, cat/b.md, "
        "dog/model.pt, dog/x.json and 1 more"
    ]


@pytest.mark.fault(
    "own pictures",
    "several pictures of a folder cannot be read",
    "one line names the first five and the number",
)
@pytest.mark.parametrize("kind", ["classes", "digits"])
def test_all_bad_pictures_are_named_at_once(tmp_path: Path, refused, kind: str) -> None:
    names = ("cat", "dog") if kind == "classes" else ("3", "7")
    for name in names:
        for i in range(9):
            page = np.zeros((28, 28), np.uint8)
            page[5:22, 8 + i : 12 + i] = 255
            path = tmp_path / name / f"{i}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(page).save(path)
    whole = (tmp_path / names[0] / "1.png").read_bytes()
    for i in range(6):
        (tmp_path / names[1] / f"{i}.png").write_bytes(whole[:-30])
    first = rf"{names[1]}/0.png \(a damaged one\), "
    words = f"found 6 that cannot: {first}.* and 1 more; convert, redraw or remove them"
    with refused(str(tmp_path), words):
        load_corpus(tmp_path)
    for i in range(6):  # the advice, followed literally
        (tmp_path / names[1] / f"{i}.png").unlink()
    assert len(load_corpus(tmp_path).train) == 10


@pytest.mark.parametrize(
    ("name", "digit"),
    [
        ("0", 0),
        ("zero", 0),
        ("Nine", 9),
        ("digit_4", 4),
        ("Digit 4", 4),
        ("num-7", 7),
        ("10", None),
        ("class_3", None),
        ("cat", None),
        ("٣", None),
    ],
)
def test_names_of_digits(name: str, digit: int | None) -> None:
    assert digit_of(name) == digit


def test_folders_0_to_9_that_are_no_digits(tmp_path: Path) -> None:
    for name in "012":
        for i in range(4):
            picture(tmp_path / "own" / name / f"{i}.png", (28, 28, 3), level=90)
    with pytest.raises(DataError, match="found 12 that cannot"):
        load_corpus(tmp_path / "own")
    for path in sorted((tmp_path / "own").rglob("*.png"))[1:]:
        path.unlink()
    with pytest.raises(DataError, match="a blank picture or a texture") as caught:
        load_corpus(tmp_path / "own")
    advice = re.search(r"not digits: (\S+)", str(caught.value))[1]
    for i in range(4):
        picture(tmp_path / "own" / "1" / f"{i}.png", (28, 28, 3), level=90)
    assert load_corpus(advice, notify=quiet).train.image_shape == (28, 28, 1)


def test_pictures_without_folders_of_classes(tmp_path: Path, refused) -> None:
    for i in range(3):
        picture(tmp_path / f"7_{i}.png")
    with refused(
        str(tmp_path), r"found 3 pictures without subfolders \(7_0.png, ...\); move those of each class into"
    ):
        load_corpus(tmp_path)
