"""Class names in another order than the model's: every border matches them by name, never by position."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold.cli import main
from tenfold.data import Corpus, Dataset, from_arrays
from tenfold.errors import ConfigError, RangeError, TenfoldError
from tenfold.predict.fine_tuning import fine_tune
from tenfold.train import CheckpointEvery

NAMES = np.array(["zebra", "cat", "dog"])  # the alphabet has another order
_LABELS = np.arange(60) % 3
_PATTERNS = np.random.default_rng(0).integers(0, 200, (3, 28, 28))
IMAGES = (_PATTERNS[_LABELS] + np.random.default_rng(1).integers(0, 50, (60, 28, 28))).astype(np.uint8)
TRAIN = Dataset(IMAGES, _LABELS, "pets", class_names=tuple(NAMES))
PERMUTED = from_arrays(IMAGES, NAMES[_LABELS], name="pets")  # cat, dog, zebra
SETS = {"a data set": PERMUTED, "a selection": PERMUTED.subset(np.arange(60)[::-1])}

each = pytest.mark.parametrize("images", [pytest.param(one, id=name) for name, one in SETS.items()])


def corpus(train: Dataset, test: Dataset) -> Corpus:
    """Return images with test images of their own."""
    return Corpus("pets", train, test, origin="made for a test")


def model(**options: Any) -> Any:
    """Return a network for the three classes."""
    network = tenfold.nn.Sequential([tenfold.nn.Flatten(), tenfold.nn.Dense(784, 3)], input_shape=(28, 28, 1))
    return tenfold.Model(network, learning_rate=1e-3, **options)


def fitted(**options: Any) -> tenfold.Run:
    """Return a run whose network knows every image."""
    return model().fit(TRAIN, epochs=8, batch_size=10, **options)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tenfold.Run:
    return fitted(out=tmp_path_factory.mktemp("permuted") / "run", checkpoints=CheckpointEvery.all())


def test_the_order_is_another() -> None:
    assert PERMUTED.class_names == ("cat", "dog", "zebra") != TRAIN.class_names


@each
def test_figures_of_a_model_and_of_its_run(images: Dataset, run: tenfold.Run) -> None:
    assert run.model.score(images) == 1
    assert run.model.evaluate(images).accuracy == 1
    assert run.evaluate(images).accuracy == 1
    assert run.evaluate(corpus(images, images)).accuracy == 1


@each
@pytest.mark.parametrize("asked", ["model", "run"])
def test_captions(images: Dataset, asked: str, run: tenfold.Run) -> None:
    of: Any = run.model if asked == "model" else run
    found = of.examples("best", images, n=9)
    for caption, place in zip(found.captions, found.index, strict=True):
        assert caption.split()[0] == images.class_names[images.labels[place]]
        assert "true" not in caption


@pytest.mark.parametrize("labels", [NAMES[_LABELS], _LABELS], ids=["names", "numbers"])
def test_arrays_alone_and_as_a_pair(labels: Any, run: tenfold.Run) -> None:
    """Numbers in an array are those of the model."""
    assert run.model.score(IMAGES, labels) == run.model.score((IMAGES, labels)) == 1
    assert run.evaluate(IMAGES, labels).accuracy == run.evaluate((IMAGES, labels)).accuracy == 1


@each
def test_images_to_choose_on_and_to_watch(images: Dataset) -> None:
    found = fitted(validation=images, watch={"others": images})
    assert found.rows[-1].validation_accuracy == 1
    assert found.rows[-1].watched["others"].accuracy == 1


@each
def test_other_classes_are_refused(images: Dataset, refused_in_one_line: Any) -> None:
    others = images.relabelled(np.arange(3), ["cat", "dog", "cow"])
    message = (
        r"pets: expected the classes of the training images \(zebra, cat, dog\), got cow; name them alike"
    )
    with refused_in_one_line(RangeError, message):
        fitted(validation=others)
    with refused_in_one_line(RangeError, message):
        fitted(watch={"others": others})


@each
def test_training_alone_refuses_another_order(images: Dataset, refused_in_one_line: Any) -> None:
    network = model()
    message = (
        r"validation: expected the classes of the training images in their order \(zebra, cat, dog\), got cat"
    )
    with refused_in_one_line(RangeError, message):
        tenfold.fit(network.network, network.recipe, TRAIN, images)
    with refused_in_one_line(RangeError, message):
        tenfold.zoo.NetworkModel.fit(network, TRAIN, validation=images)


def test_relabelled_images_keep_weights_and_are_not_copied() -> None:
    weighted = PERMUTED.like(PERMUTED.images, PERMUTED.labels, np.arange(60, dtype=np.float32))
    part = weighted.subset([5, 1, 3])
    to = np.array([2, 0, 1])
    for one in (weighted, part):
        found = one.relabelled(to, ["dog", "zebra", "cat"])
        assert [found.class_names[i] for i in found.labels] == [one.class_names[i] for i in one.labels]
        np.testing.assert_array_equal(found.weights, one.weights)
        order = np.array([2, 0])
        located = found.located(order)
        assert np.shares_memory(located.images, weighted.images)
        np.testing.assert_array_equal(located.labels[located.order], found.labels[order])


@each
def test_the_report_of_a_run_on_images_alone(images: Dataset, run: tenfold.Run, tmp_path: Path) -> None:
    """The page and its files are about the images as the model sees their classes."""
    run.report(tmp_path, corpus(images, images))
    found = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert np.trace(found["scores"]["confusion"]) == 60
    assert (tmp_path / "errors.csv").read_text(encoding="utf-8").count("\n") == 1  # the header


@each
def test_a_comparison(images: Dataset, run: tenfold.Run) -> None:
    found = run.results(corpus(images, images)).trials[0]
    assert (found.accuracy, found.wrong, found.images) == (1, (), 60)


# --- trained further


def further(source: tenfold.Run, data: Dataset) -> tenfold.Run:
    """Return the run of a training that continues with the weights of another."""
    again = model()
    again.network.load(source.model.network.params)
    again.class_names = source.model.class_names
    return again.fit(data, epochs=1, batch_size=60, initialise=False)


@each
def test_further_training_keeps_the_classes_of_the_outputs(images: Dataset, run: tenfold.Run) -> None:
    found = further(run, images)
    assert found.model.class_names == found.record.class_names == tuple(NAMES)
    assert found.rows[0].train_accuracy == 1  # from the first step on
    assert found.evaluate(TRAIN).accuracy == 1


@each
def test_further_training_refuses_other_classes(
    images: Dataset, run: tenfold.Run, refused_in_one_line: Any
) -> None:
    others = images.relabelled(np.arange(3), ["ape", "dog", "zebra"])
    message = (
        r"pets: expected the classes of model \(zebra, cat, dog\), which is trained further, "
        "got ape, dog, zebra; name them alike, or train a new network"
    )
    with refused_in_one_line(RangeError, message):
        further(run, others)


@pytest.fixture
def npz(tmp_path: Path) -> Any:
    """Write images with the names of their classes as the command reads them."""

    def written(names: Any) -> str:
        np.savez(tmp_path / "pets.npz", x_train=IMAGES, y_train=names, x_test=IMAGES, y_test=names)
        return str(tmp_path / "pets.npz")

    return written


@pytest.fixture
def zebra_first(npz: Any, tmp_path: Path) -> str:
    """A run of the command whose classes come in the order zebra, cat, dog."""
    trained = tenfold.build("nn1l", data=TRAIN)
    trained.fit(corpus(TRAIN, TRAIN), epochs=4, out=tmp_path / "first", checkpoints=CheckpointEvery.all())
    return str(tmp_path / "first")


@pytest.mark.parametrize("wrong", ["pictures", "others"])
def test_fine_tuning_refuses_other_classes(wrong: str, zebra_first: str, refused_in_one_line: Any) -> None:
    given = {"pictures": PERMUTED, "others": PERMUTED}
    given[wrong] = PERMUTED.relabelled(np.arange(3), ["ape", "dog", "zebra"])
    with refused_in_one_line(RangeError, r"expected the classes of nn1l \(zebra, cat, dog\)"):
        fine_tune(zebra_first, **given, epochs=1)


def test_fine_tuning_matches_by_name(zebra_first: str) -> None:
    found = fine_tune(zebra_first, PERMUTED, others=TRAIN, epochs=1)
    assert found.class_names == tuple(NAMES)
    assert np.mean(NAMES[found.predict(IMAGES)] == NAMES[_LABELS]) > 0.9


def test_the_command_trains_further_by_name(
    npz: Any, zebra_first: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "nn1l", "--from", zebra_first, "--epochs", "1", "--no-report", "--quiet", "--json"]
    assert main([*command, "--data", npz(NAMES[_LABELS]), "--out", str(tmp_path / "same")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["class_names"] == list(NAMES)
    assert record["test"]["accuracy"] == tenfold.Run.open(tmp_path / "same").evaluate(PERMUTED).accuracy
    others = npz(np.where(NAMES == "cat", "ape", NAMES)[_LABELS])
    assert main([*command, "--data", others, "--out", str(tmp_path / "others")]) != 0
    said = capsys.readouterr().err
    assert (
        "expected the classes of nn1l (zebra, cat, dog), which is trained further, got ape, dog, zebra"
        in said
    )
    assert said.count("\n") == 1


# --- an earlier epoch, another attempt


def test_the_model_of_an_epoch_has_its_name_and_its_classes(
    npz: Any, zebra_first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    last, whole = (tenfold.load_model(zebra_first, epoch=epoch) for epoch in (4, None))
    assert (last.name, last.class_names) == (whole.name, whole.class_names) == ("nn1l", tuple(NAMES))
    command = ["evaluate", zebra_first, "--epoch", "4", "--data", npz(NAMES[_LABELS]), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["classes"]["names"] == list(NAMES)
    assert np.trace(found["scores"]["confusion"]) == 60 * tenfold.Run.open(zebra_first).model.score(PERMUTED)


@each
def test_a_run_is_not_resumed_with_names_in_another_order(
    images: Dataset, tmp_path: Path, refused_in_one_line: Any
) -> None:
    """The pixels and the numbers are the same, and the names are not."""
    first, other = images, images.relabelled(np.arange(3), images.class_names[::-1])
    model().fit(first, epochs=1, batch_size=10, out=tmp_path / "run")
    before = (tmp_path / "run" / "run.json").read_bytes()
    with refused_in_one_line(
        ConfigError, r"train\.class_names\[0\] = 'cat', got 'zebra'; resume with the same"
    ):
        model().fit(other, epochs=2, batch_size=10, out=tmp_path / "run", resume=True)
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    assert len(model().fit(first, epochs=2, batch_size=10, out=tmp_path / "run", resume=True)) == 2


def test_a_checkpoint_without_names_is_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older ones say nothing of them."""
    with monkeypatch.context() as older:
        older.setattr("tenfold.train.run_checks.Dataset.named", False)
        tenfold.fit(model().network, model().recipe, TRAIN, out=tmp_path / "run")
    recipe = replace(model().recipe, epochs=11)
    assert len(tenfold.fit(model().network, recipe, TRAIN, out=tmp_path / "run", resume=True)) == 11


# --- a training that fails


@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_training_that_fails_leaves_names_and_recipe(moment: str) -> None:
    """Names belong to weights: they change as soon as these do."""

    def stops(progress: Any) -> None:
        raise KeyError("stop")

    ours = model()
    ours.fit(TRAIN, epochs=1, batch_size=10)
    recipe, weights = ours.recipe, ours.network.params["dense_1.weight"].copy()
    others = PERMUTED.relabelled(np.arange(3), ["ape", "cow", "emu"])
    wrong: Any = {"validation": TRAIN} if moment == "before" else {"callbacks": [stops]}
    with pytest.raises(TenfoldError):
        ours.fit(others, epochs=3, **wrong)
    assert ours.recipe is recipe
    same = np.array_equal(weights, ours.network.params["dense_1.weight"])
    assert same == (moment == "before")
    assert ours.class_names == (TRAIN if same else others).class_names


def test_a_range_test_takes_weights_and_copies_no_images() -> None:
    weighted = TRAIN.like(IMAGES, _LABELS, np.linspace(0, 2, 60))
    index = np.arange(60)[::-1]
    part, copy = weighted.subset(index), weighted.like(IMAGES[index], _LABELS[index], weighted.weights[index])
    found, same, plain = (tenfold.find_learning_rate(model(), one, steps=20) for one in (part, copy, TRAIN))
    np.testing.assert_array_equal(found.losses, same.losses)
    assert "_images" not in vars(part)
    assert not np.array_equal(found.losses[:5], plain.losses[:5])
