"""Going on from a trained network: what is set aside, mixed, kept and refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tenfold.data import load_corpus
from tenfold.errors import CheckpointError, ConfigError
from tenfold.predict.calibrating import hold_out_for_calibration, recalibrate
from tenfold.predict.fine_tuning import gentle, mixed, starting_point
from tenfold.predict.reader_recipe import READER, trainable
from tenfold.predict.recogniser import shipped
from tenfold.zoo import build


@pytest.fixture(scope="module")
def mnist():
    return load_corpus("mnist-5k")


@pytest.mark.parametrize(("images", "held"), [(1196, None), (1200, 200), (4000, 667)])
def test_what_is_set_aside_is_not_trained_on(mnist, images, held):
    train = mnist.train.subset(slice(0, images))
    kept, aside = hold_out_for_calibration(READER.recipe(), train, 0)
    assert (len(kept), None if aside is None else len(aside)) == (images - (held or 0), held)
    if aside is not None:
        assert not {image.tobytes() for image in kept.images} & {image.tobytes() for image in aside.images}
    assert hold_out_for_calibration(trainable("lenet5").recipe(), train, 0) == (train, None)
    assert recalibrate(build("nn1l"), aside, 0) is None


def test_mixing_gives_half_of_each_and_repeats_the_fewer(mnist):
    own, others = mnist.test.subset(slice(0, 3)), mnist.train.subset(slice(0, 8))
    both = mixed(own, others)
    assert (len(both), both.name) == (16, own.name)
    np.testing.assert_array_equal(both.labels[:8], own.labels[[0, 1, 2, 0, 1, 2, 0, 1]])
    np.testing.assert_array_equal(both.images[8:], others.images)


def test_the_gentle_recipe_keeps_loss_and_augmentation():
    recipe = READER.recipe()
    found = gentle(recipe, 5)
    assert (found.loss.kind, found.augmentation, found.epochs) == (recipe.loss.kind, recipe.augmentation, 5)
    assert found.optimizer.learning_rate < recipe.optimizer.learning_rate
    assert not found.validates


def test_it_starts_from_a_copy():
    model = starting_point("shipped", "reader")
    assert model.network.config() == shipped().model.network.config()
    for name, array in model.network.params.items():
        np.testing.assert_array_equal(array, shipped().model.network.params[name])
        assert not np.shares_memory(array, shipped().model.network.params[name])


def test_a_folder_that_is_called_shipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = build("nn1l")
    model.network.initialise(0)
    model.save(tmp_path / "shipped" / "model")
    (tmp_path / "shipped" / "run.json").write_text("{}")
    for source, name in (("shipped", "reader"), ("./shipped", "nn1l"), (Path("shipped"), "nn1l")):
        assert starting_point(source).name == name


def test_another_network_is_refused(tmp_path):
    with pytest.raises(
        ConfigError, match=r"^shipped: expected the network lenet5, found reader; use tenfold train reader$"
    ):
        starting_point("shipped", "lenet5")
    with pytest.raises(CheckpointError, match="expected the folder of a finished run"):
        starting_point(tmp_path / "nothing")


def test_the_reader_can_be_trained_but_is_no_entry_of_the_zoo():
    assert trainable("reader") is READER
    assert trainable("nn1l").name == "nn1l"
    with pytest.raises(ConfigError, match="unknown model 'reader'"):
        build("reader")
