"""The residual networks: for their own data sets, learning, and never mirroring a letter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tenfold.data import Chain, Dataset, RandomFlip
from tenfold.train import executor_for, fit
from tenfold.zoo import NetworkModel, build, entry

NAMES = {
    "resnet-fashion": (78_090, "fashion-mnist", 10, (28, 28, 1)),
    "resnet-letters": (79_130, "emnist-letters", 26, (28, 28, 1)),
    "resnet-cifar10": (78_378, "cifar10", 10, (32, 32, 3)),
}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_built_for_its_data_set(name: str) -> None:
    parameters, dataset, classes, shape = NAMES[name]
    found, model = entry(name), build(name)
    assert isinstance(model, NetworkModel)
    assert (found.dataset, found.source, found.parameters) == (dataset, dataset, parameters)
    assert (model.n_parameters, model.network.output_shape) == (parameters, (classes,))
    assert (model.network.input_shape, found.kind) == (shape, (classes, shape))
    assert (found.published, found.measured, found.protocols) == (None, None, ("honest",))
    assert executor_for(model.network, found.recipe().loss, found.recipe().optimizer).notice is None  # type: ignore[misc]


def test_it_adapts_to_other_data() -> None:
    network = build("resnet-cifar10", classes=5, input_shape=(20, 24, 1)).network  # type: ignore[attr-defined]
    assert (network.input_shape, network.output_shape) == ((20, 24, 1), (5,))
    assert build("resnet-cifar10", classes=5).network.input_shape == (32, 32, 3)  # type: ignore[attr-defined]


def test_only_letters_are_not_mirrored() -> None:
    def mirrors(name: str) -> bool:
        augmentation = entry(name).recipe().augmentation  # type: ignore[misc]
        steps = augmentation.steps if isinstance(augmentation, Chain) else [augmentation]
        return any(isinstance(step, RandomFlip) for step in steps)

    assert {name: mirrors(name) for name in NAMES} == {
        "resnet-fashion": True,
        "resnet-letters": False,
        "resnet-cifar10": True,
    }


def test_it_learns_digits_in_colour() -> None:
    """The 8 x 8 digits of scikit-learn, each four times as large, in a colour that says nothing."""
    digits = load_digits()
    grey = np.kron(digits.images, np.ones((4, 4)))[..., np.newaxis] / 16  # (n, 32, 32, 1)
    colour = np.random.default_rng(0).uniform(0.3, 1, (len(grey), 1, 1, 3))
    images = (255 * grey * colour).astype(np.uint8)
    data = Dataset(images, digits.target, "digits in colour")
    model = build("resnet-cifar10")
    assert isinstance(model, NetworkModel)
    recipe = replace(model.known_recipe(), epochs=3, batch_size=32, augmentation=None)
    history = fit(model.network, recipe, data.subset(slice(1400)), data.subset(slice(1400, None)))
    assert history.rows[-1].validation_accuracy > 0.8  # chance is 0.1
