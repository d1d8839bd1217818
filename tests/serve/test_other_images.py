"""A server of a network of colour images with named classes: V1, V2, the description and the page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.predict import Recogniser, classify
from tenfold.zoo import build, load_model
from tenfold.zoo.trained import trained_run

NAMES = ("cat", "dog", "owl")
SHAPE = (16, 12, 3)


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a small network on colour images."""
    folder = tmp_path_factory.mktemp("pets")
    labels = np.arange(30) % 3
    images = np.random.default_rng(0).integers(0, 90, (30, *SHAPE)) + 80 * labels.reshape(-1, 1, 1, 1)
    data = Dataset(images.astype(np.uint8), labels, "pets", class_names=NAMES)
    model = build("nn1l", data=data)
    model.recipe = replace(model.recipe, epochs=2)
    model.fit(data)
    model.save(folder / "model")
    shutil.copy(trained_run("lenet5") / "run.json", folder)  # a record that can be read
    return folder


@pytest.fixture(scope="module")
def server(start: Callable[..., AbstractContextManager[Any]], pets: Path) -> Iterator[Any]:
    with start(run=str(pets)) as one:
        yield one


@pytest.fixture(scope="module")
def recogniser(pets: Path) -> Recogniser:
    return Recogniser.of(load_model(pets))


def test_a_picture_is_classified_by_name(server: Any, png: Any, recogniser: Recogniser) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    for one in (pixels, pixels[..., 0]):
        answer = server.post("/v1/classify", png(one))
        [found] = classify([png(one)], recogniser)
        assert (answer.status, answer.json["class"]) == (200, found.name)
        assert answer.json["probabilities"] == dict(zip(NAMES, found.probabilities, strict=True))
        assert answer.json["text"] in (found.name, "?")
    assert server.post("/v1/classify", b"no picture").status == 422
    assert server.post("/v1/digits", png(pixels)).status == 404


def test_tensors_have_the_shape_of_the_network(server: Any, recogniser: Recogniser) -> None:
    metadata = server.ask("GET", "/v2/models/nn1l").json
    assert metadata["inputs"][0]["shape"] == [-1, *SHAPE]
    assert [one["shape"] for one in metadata["outputs"]] == [[-1, 3], [-1], [-1, 4], [-1]]
    assert metadata["parameters"] == {"class_names": list(NAMES)}
    images = np.random.default_rng(2).integers(0, 256, (2, *SHAPE)).astype(np.uint8)

    def asked(shape: list[int], data: np.ndarray) -> Any:
        tensor = {"name": "images", "datatype": "UINT8", "shape": shape, "data": data.ravel().tolist()}
        body = json.dumps({"inputs": [tensor]}).encode()
        return server.post("/v2/models/nn1l/infer", body, "application/json")

    want = recogniser.predict(images).probabilities
    for shape in ([2, *SHAPE], [2, 16 * 12 * 3]):
        outputs = {one["name"]: one["data"] for one in asked(shape, images).json["outputs"]}
        np.testing.assert_allclose(np.reshape(outputs["probabilities"], (2, 3)), want, atol=1e-6)
    refused = asked([1, 28, 28], np.zeros(784, np.uint8))
    assert (refused.status, refused.json["error"]) == (
        422,
        "shape: expected [n, 16, 12, 3] or [n, 576]",
    )


def test_the_page_takes_a_picture(server: Any) -> None:
    page = server.ask("GET", "/").body.decode()
    assert "Classify a picture" in page
    assert 'src="classify.js"' in page
    assert "/v1/classify" in server.ask("GET", "/openapi.json").json["paths"]
    assert "/v1/classify" in server.ask("GET", "/docs").body.decode()
