"""Images of any shape and classes with names through a run: trained, resumed, saved, evaluated, exported."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.any_images import CORPORA, PETS, images_of

import tenfold
from tenfold.data import Corpus, Dataset, RandomAffine
from tenfold.errors import ConfigError, RangeError, ShapeError
from tenfold.predict import Recogniser, classify
from tenfold.runs import judging, run_lines
from tenfold.runs.folder import claimed
from tenfold.runs.job import Job
from tenfold.runs.other_images import chosen_images
from tenfold.runs.pipeline import carry_out
from tenfold.runs.protocol import Protocol
from tenfold.runs.record import Record
from tenfold.runs.run import Run
from tenfold.train import DefinitionExecutor, fit
from tenfold.zoo import NetworkModel, build, digest, entry, fitted_to
from tenfold.zoo.matched_classes import of_its_classes

each = pytest.mark.parametrize("corpus", [pytest.param(c, id=name) for name, c in CORPORA.items()])
MODELS = ("lenet5", "scratch-01", "gaussian-nb", "knn", "logistic-regression", "ridge-linear", "elm-500")


def small(name: str, corpus: Corpus, **options: Any) -> Any:
    """Return a network of the zoo for the data, with few epochs."""
    model = build(name, data=corpus.train)
    if isinstance(model, NetworkModel):
        model.recipe = replace(model.recipe, **{"epochs": 2, "batch_size": 20} | options)
    return model


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("data", CORPORA)
def test_saved_and_loaded(name: str, data: str, tmp_path: Path) -> None:
    corpus = CORPORA[data]
    if name == "ridge-linear" and corpus.train.image_shape[2] > 1:
        pytest.skip("the eigenvalues of 3,072 pixels take half a minute")
    model = small(name, corpus)
    model.fit(corpus.train, seed=0)
    again = tenfold.load_model(model.save(tmp_path / "model"))
    found = again.predict_proba(corpus.test.images)
    np.testing.assert_array_equal(found, model.predict_proba(corpus.test.images))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.shape == (len(corpus.test), corpus.test.classes)
    assert (again.input_shape, again.classes) == (corpus.train.image_shape, corpus.train.classes)
    assert again.labels == corpus.train.class_names


@each
def test_the_engine_trains_and_predicts_as_the_definition(corpus: Corpus) -> None:
    recipe = replace(small("lenet5", corpus).recipe, augmentation=RandomAffine(shift=0.1), choose="last")
    compiled, defined = (build("lenet5", data=corpus.train).network for _ in range(2))
    fit(compiled, recipe, corpus.train, seed=0)
    fit(defined, recipe, corpus.train, seed=0, executor=DefinitionExecutor)
    for name, array in defined.params.items():
        np.testing.assert_allclose(compiled.params[name], array, atol=2e-4, err_msg=name)


@each
def test_a_resumed_run_has_the_same_bits(corpus: Corpus, tmp_path: Path) -> None:
    fit_ = partial(NetworkModel.fit, train=corpus.train, seed=3)
    whole, part, rest = (small("lenet5", corpus, augmentation=RandomAffine(shift=0.1)) for _ in range(3))
    part.recipe = replace(part.recipe, epochs=1)
    fit_(whole)
    fit_(part, out=tmp_path)
    fit_(rest, out=tmp_path, resume=True)
    for name, array in whole.network.params.items():
        assert rest.network.params[name].tobytes() == array.tobytes(), name


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of a zoo's network on colour images, as the command makes it."""
    return carried_out("colour", "nn1l", tmp_path_factory.mktemp("pets") / "run")


def carried_out(data: str, name: str, out: Path) -> Run:
    job = Job(entry(name), CORPORA[data], Protocol.honest, 0, 3, out)
    with claimed(job, resume=False) as lock:
        carry_out(job, lock)
    return Run.open(out)


@pytest.mark.parametrize("data", ["letters", "a class without images"])
def test_a_run_records_shape_and_names(data: str, tmp_path: Path) -> None:
    run, train = carried_out(data, "nn1l", tmp_path / "run"), CORPORA[data].train
    assert run.record.image_shape == train.image_shape == run.model.input_shape
    assert run.record.class_names == train.class_names == run.model.labels
    assert run.record.classes == train.classes
    found = json.loads((tmp_path / "run" / "run.json").read_text())
    assert found["class_names"] == list(train.class_names)
    without = {
        key: value for key, value in found.items() if key not in ("classes", "class_names", "image_shape")
    }
    older = Record.from_json(without, "run.json")
    assert (older.classes, older.class_names, older.image_shape) == (10, (), (28, 28, 1))


def test_a_job_says_what_it_is_adapted_to(tmp_path: Path) -> None:
    lines = {
        name: run_lines.adapted(Job(entry("lenet5"), corpus, Protocol.honest, 0, 1, tmp_path))
        for name, corpus in CORPORA.items()
    }
    assert lines == {
        "grey digits": None,
        "letters": "lenet5 for 26 classes and images of 20 x 24",
        "colour": "lenet5 for 5 classes and images of 32 x 32 x 3",
        "a class without images": "lenet5 for 5 classes and images of 32 x 32 x 3",
    }


def test_digests_tell_shapes_apart() -> None:
    found = {digest(fitted_to(entry("lenet5"), corpus.train)) for corpus in CORPORA.values()}
    assert len(found) == 3
    assert digest(entry("lenet5")) in found  # that of digits stays


# --- pictures and other images


def picture(pixels: np.ndarray) -> bytes:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_a_picture_is_classified_by_name(pets: Run) -> None:
    recogniser, test = Recogniser.of(pets.model), CORPORA["colour"].test
    found = classify([picture(image) for image in test.images[:10]], recogniser)
    want = pets.model.predict_proba(test.images[:10])
    for one, row in zip(found, want, strict=True):
        assert (one.label, one.name) == (row.argmax(), PETS[row.argmax()])
        np.testing.assert_allclose(one.probabilities, row, rtol=1e-6)
        assert one.to_dict()["probabilities"].keys() == set(PETS)
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[4:36, 34:66] = test.images[0]
    assert len(classify([picture(wide), picture(wide[..., 0])], recogniser)) == 2
    with pytest.raises(
        ConfigError, match=r"^nn1l: expected a network of the ten digits at 28 x 28, got one of 5"
    ):
        tenfold.read(wide, recogniser)


def test_labels_are_matched_by_name(pets: Run) -> None:
    """A folder without one of the classes counts the others from 0."""
    names = [name for name in PETS if name != "cat"]
    whole = CORPORA["colour"].test
    rest = whole.labels > 0
    fewer = Dataset(whole.images[rest], whole.labels[rest] - 1, "fewer", class_names=names)
    matched = of_its_classes(pets.model, fewer)
    np.testing.assert_array_equal(matched.labels, whole.labels[rest])
    evaluation = judging.judge_images(pets.model, pets.record, fewer, "all labelled").evaluation
    assert evaluation.accuracy == (pets.model.predict(fewer.images) == matched.labels).mean()


def test_other_images_than_those_of_the_run(pets: Run) -> None:
    other = Corpus("mine", *(images_of((32, 32, 3), PETS, n, 9, "mine") for n in (30, 10)), origin="here")
    held_out = replace(other, split="held-out")
    for corpus, images, split in ((other, 10, "test"), (held_out, 40, "all labelled")):
        chosen = chosen_images(pets.record, "mine", lambda _, corpus=corpus: corpus)
        assert (len(chosen.images), chosen.split) == (images, split)
        assert chosen.remark == f"these are other images than the run's (pets): {images} of mine"
    own = chosen_images(pets.record, "pets", lambda _: CORPORA["colour"])
    assert (own.images, own.remark) == (CORPORA["colour"].test, None)
    assert chosen_images(None, "mine", lambda _: other).remark.startswith(
        "these are other images than the built"
    )


REFUSED = {
    "another shape": (
        CORPORA["letters"].test,
        ShapeError,
        "letters: expected images of 32 x 32 x 3, the input of nn1l, got 20 x 24; resize them",
    ),
    "other classes": (
        images_of((32, 32, 3), ["cow", "dog"], 4, 0, "farm"),
        RangeError,
        r"farm: expected the classes of nn1l \(cat, dog, owl, hen, bee\), got cow; name them alike",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_images_that_do_not_fit_are_refused(case: str, pets: Run, refused_in_one_line: Any) -> None:
    images, error, message = REFUSED[case]
    with refused_in_one_line(error, message):
        judging.judge_images(pets.model, pets.record, images, "test")


# --- ONNX


@pytest.mark.parametrize("pixels", ["float32", "uint8"])
@each
def test_an_exported_network_answers_alike(corpus: Corpus, pixels: str, tmp_path: Path) -> None:
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    from tenfold.export import export_onnx

    model = small("lenet5", corpus)
    model.fit(corpus.train, seed=0)
    path = export_onnx(model, tmp_path / "model.onnx", pixels=pixels)
    images = corpus.test.images
    given = images if pixels == "uint8" else tenfold.data.as_float(images)
    [found] = runtime.InferenceSession(str(path)).run(["probabilities"], {"images": given})
    np.testing.assert_allclose(found, model.predict_proba(images), atol=1e-5)
    facts = {one.key: one.value for one in onnx.load(path).metadata_props}
    assert json.loads(facts["classes"]) == list(corpus.train.class_names)
