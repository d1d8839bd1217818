"""Pictures to predictions: what is asked of the model, and what is answered without it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image

from tenfold.data import Corpus, is_blank, load_corpus
from tenfold.errors import CheckpointError, DataError
from tenfold.predict import answers, find_run, predict_file, read_pictures
from tenfold.zoo import Model, build


class Recorder(Model):
    """Answers 7 with probability .91, and keeps what it was asked."""

    family: ClassVar[str] = "recorder"
    n_parameters = 0

    def __init__(self) -> None:
        super().__init__("recorder")
        self.asked: list[np.ndarray] = []

    def fit(self, train: Any, *, validation: Any = None, seed: int = 0) -> None:
        raise NotImplementedError

    def save(self, folder: Path | str) -> Path:
        raise NotImplementedError

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        self.asked.extend(images)
        rows = np.full((len(images), 10), 0.01)
        rows[:, 7] = 0.91
        return rows


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


def picture(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def test_a_digit_and_all_its_probabilities(corpus: Corpus, tmp_path: Path) -> None:
    path = picture(tmp_path / "digit.png", corpus.test.images[0])
    model = Recorder()
    found = predict_file(model, path)
    assert (found.digit, found.probability, found.reason) == (7, 0.91, None)
    assert found.probabilities == pytest.approx([0.01] * 7 + [0.91] + [0.01] * 2)
    assert found.source == str(path)
    np.testing.assert_array_equal(model.asked, corpus.test.images[:1])


def test_dark_on_light_is_the_same_digit(corpus: Corpus, tmp_path: Path) -> None:
    image = corpus.test.images[3]
    both = [picture(tmp_path / "light.png", image), picture(tmp_path / "dark.png", 255 - image)]
    light, dark = read_pictures(both)
    np.testing.assert_array_equal(light, dark)


@pytest.mark.parametrize("scale", [1, 4])
def test_any_paper_and_either_ink_get_the_same_digit(corpus: Corpus, tmp_path: Path, scale: int) -> None:
    model = build("nn1l")
    model.network.initialise(0)  # knows nothing, but would answer otherwise to other pixels
    strong = np.kron(corpus.test.images[5] > 127, np.ones((scale, scale), bool))
    papers = [(paper, ink) for paper in (0, 64, 120, 140, 200, 255) for ink in (0, 255) if paper != ink]
    found = [
        predict_file(model, picture(tmp_path / "page.png", np.where(strong, ink, paper).astype(np.uint8)))
        for paper, ink in papers
    ]
    assert {one.probabilities for one in found} == {found[0].probabilities}
    assert found[0].digit is not None


def test_a_file_is_read_once(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    original = Image.open
    monkeypatch.setattr(
        Image, "open", lambda *given, **options: opened.append(1) or original(*given, **options)
    )
    paths = [picture(tmp_path / f"{i}.png", corpus.test.images[i]) for i in range(2)]
    predict_file(Recorder(), picture(tmp_path / "blank.png", np.zeros((28, 28), np.uint8)))
    read_pictures(paths)
    assert len(opened) == 3


BLANK = {
    "paper": np.full((28, 28), 255, np.uint8),
    "night": np.zeros((28, 28), np.uint8),
    "grey": np.full((28, 28), 130, np.uint8),
    "faint": np.tile(np.array([0, 20], np.uint8), (28, 14)),
    "large paper": np.full((200, 300), 250, np.uint8),
    "a single pixel": np.full((1, 1), 9, np.uint8),
    "faint on grey": np.pad(np.full((4, 4), 150, np.uint8), 12, constant_values=120),
    "faint on large grey": np.pad(np.full((40, 40), 150, np.uint8), 30, constant_values=120),
}


@pytest.mark.parametrize("case", BLANK)
def test_a_blank_picture_is_answered_without_the_model(case: str, tmp_path: Path) -> None:
    path = picture(tmp_path / "blank.png", BLANK[case])
    model = Recorder()
    found = predict_file(model, path)
    assert found.to_dict() == {
        "source": str(path),
        "digit": None,
        "probability": None,
        "probabilities": None,
        "reason": "blank",
    }
    assert model.asked == []


def test_blank_and_written_in_one_call_keep_their_order(corpus: Corpus) -> None:
    blank = np.zeros((28, 28), np.uint8)
    images = np.stack([blank, corpus.test.images[0], blank, corpus.test.images[1]])
    found = answers(Recorder(), images, ["a", "b", "c", "d"])
    assert [(one.source, one.digit) for one in found] == [("a", None), ("b", 7), ("c", None), ("d", 7)]


def test_no_image_of_mnist_is_blank(corpus: Corpus) -> None:
    assert not any(is_blank(image) for image in corpus.train.images)


def test_no_pictures_no_answers() -> None:
    assert answers(Recorder(), read_pictures([]), []) == []


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("empty.png", b"", "empty file"),
        ("text.png", b"<html>not found</html>", "expected a PNG or JPEG"),
        ("missing.png", None, "missing.png"),
    ],
)
def test_what_is_no_picture_is_named(name: str, content: bytes | None, text: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=text):
        predict_file(Recorder(), tmp_path / name)


def test_jpeg_and_png_get_the_same_digit(corpus: Corpus, tmp_path: Path) -> None:
    model = build("knn")
    model.fit(corpus.train)
    for i in range(5):
        png = picture(tmp_path / f"{i}.png", corpus.test.images[i])
        jpeg = picture(tmp_path / f"{i}.jpg", corpus.test.images[i], quality=95)
        want = model.predict(corpus.test.images[i : i + 1])[0]
        assert predict_file(model, png).digit == predict_file(model, jpeg).digit == want


# --- which run


def finished(folder: Path, at: int) -> Path:
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    os.utime(folder / "run.json", (at, at))
    return folder


def test_the_run_that_finished_last(tmp_path: Path) -> None:
    finished(tmp_path / "a", 300)
    finished(tmp_path / "b", 400)
    finished(tmp_path / "c", 200)
    (tmp_path / "unfinished").mkdir()
    assert find_run(runs=tmp_path) == tmp_path / "b"
    assert find_run(tmp_path / "c", runs=tmp_path) == tmp_path / "c"


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointError, match="expected a finished run, found none; train one first: tenfold train"
    ):
        find_run(runs=tmp_path)
    with pytest.raises(
        CheckpointError, match=r"nowhere: expected the folder of a finished run, found no run\.json"
    ):
        find_run(tmp_path / "nowhere", runs=tmp_path)
