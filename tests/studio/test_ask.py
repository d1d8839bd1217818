"""A drawn digit is read by several networks at once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tenfold.data import load_corpus


def png(grey: np.ndarray) -> bytes:
    with io.BytesIO() as file:
        Image.fromarray(grey).save(file, "PNG")
        return file.getvalue()


@pytest.fixture(scope="module")
def seven() -> bytes:
    """A seven of MNIST, large, dark on light."""
    test = load_corpus("mnist-5k").test
    image = test.take(np.flatnonzero(test.labels == 7)[:1])[0]
    return png(255 - np.pad(np.kron(image, np.ones((8, 8), np.uint8)), 40))


@pytest.fixture(scope="module")
def run(studio) -> str:
    name = studio.start(epochs=2)
    studio.follow(name)
    return name


def ask(studio, names, picture, content_type="image/png"):
    query = "&".join(f"run={name}" for name in names)
    return studio.ask("POST", f"/api/ask?{query}", picture, **{"Content-Type": content_type})


def test_three_networks_read_a_seven(studio, run, seven):
    found = ask(studio, ["zoo:shipped", "zoo:lenet5", run], seven)
    assert found.status == 200, found.body
    answers = found.json["answers"]
    assert [one["name"] for one in answers] == ["zoo:shipped", "zoo:lenet5", run]
    for one in answers[:2]:
        assert one["digit"] == 7
    for one in answers:
        assert sum(one["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert np.shape(one["image"]) == (28, 28)


def test_an_empty_sheet_has_no_digit(studio):
    found = ask(studio, ["zoo:lenet5"], png(np.full((100, 100), 255, np.uint8)))
    [answer] = found.json["answers"]
    assert (answer["digit"], answer["probabilities"]) == (None, [])
    assert answer["reason"]


def test_the_list_has_finished_runs_and_what_comes_with_tenfold(studio, run):
    found = studio.get("/api/readers")
    assert run in found["runs"]
    assert found["built_in"][0] == "zoo:shipped"
    assert "zoo:lenet5" in found["built_in"]


@pytest.mark.parametrize(
    ("names", "content_type", "status", "said"),
    [
        ([], "image/png", 422, "run: expected 1 to 4 networks, got 0"),
        (["zoo:lenet5"] * 5, "image/png", 422, "run: expected 1 to 4 networks, got 5"),
        (["none"], "image/png", 422, "expected the name of a run in the list"),
        (["../x"], "image/png", 422, "expected the name of a run in the list"),
        (["zoo:lenet5"], "text/plain", 415, "expected Content-Type: image/png"),
    ],
)
def test_what_cannot_be_asked_is_refused(studio, seven, names, content_type, status, said):
    found = ask(studio, names, seven, content_type)
    assert found.status == status
    assert said in found.error


@pytest.mark.parametrize("body", [b"", b"x", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_no_picture_is_refused(studio, body):
    found = ask(studio, ["zoo:lenet5"], body)
    assert found.status == 422
    assert "expected" in found.error


def test_a_picture_with_too_many_pixels_is_refused(studio):
    found = ask(studio, ["zoo:lenet5"], png(np.full((2000, 2000), 255, np.uint8)))
    assert found.status == 422
    assert "megapixels" in found.error
