"""The zoo's entries: sizes, recipes, published figures."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.zoo import ENTRIES, NetworkModel, build, entry, models

NETWORKS = {"nn1l": 7_850, "nn2l": 238_510, "nn3l": 266_610, "lenet5": 61_706}
PUBLISHED = {
    "gaussian-nb": (0.5558, 0.5558),
    "logistic-regression": (0.9258, 0.9258),
    "knn": (0.9688, 0.9688),
    "nn1l": (0.9274, 0.9282),
    "nn2l": (0.9830, 0.9846),
    "nn3l": (0.9845, 0.9862),
    "lenet5": (0.9911, 0.9936),
}


def test_the_names() -> None:
    assert models() == sorted(PUBLISHED)
    assert all(found.name == name for name, found in ENTRIES.items())


@pytest.mark.parametrize(("name", "parameters"), NETWORKS.items())
def test_parameters(name: str, parameters: int) -> None:
    model = build(name)
    assert isinstance(model, NetworkModel)
    assert model.n_parameters == parameters == entry(name).parameters
    model.network.initialise(0)
    assert sum(array.size for array in model.network.params.values()) == parameters


@pytest.mark.parametrize(("name", "figures"), PUBLISHED.items())
def test_published_figures(name: str, figures: tuple[float, float]) -> None:
    published = entry(name).published
    assert (published.low, published.high) == figures
    assert "Modern LeNet-5" in published.source


@pytest.mark.parametrize("name", NETWORKS)
def test_recipe(name: str) -> None:
    recipe = build(name).recipe
    assert recipe.epochs == 20
    assert [recipe.batch_size_at(epoch) for epoch in range(20)] == [32] * 4 + [64] * 4 + [128] * 4 + [
        256
    ] * 4 + [512] * 4
    assert recipe.batch_size_at(500) == 512  # a longer run does not double on and on
    assert recipe.optimizer.kind == "adam"
    assert recipe.optimizer.config() == {
        "learning_rate": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "weight_decay": 0.01,
    }
    assert (recipe.short_batch, recipe.choose, recipe.augmentation) == ("resample", "best_of_last(4)", None)
    assert recipe == entry(name).recipe()


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_are_glorot_uniform_and_biases_zero(name: str) -> None:
    network = build(name).network
    network.initialise(3)
    for at, array in network.params.items():
        if at.endswith(".bias"):
            assert not array.any(), at
            continue
        *window, c_in, c_out = array.shape
        limit = np.sqrt(6 / (np.prod(window) * (c_in + c_out)))
        assert limit * 0.9 < np.abs(array).max() <= limit * (1 + 1e-6), at


def test_lenet5_shapes() -> None:
    rows = {row.name: row.output_shape for row in build("lenet5").network.rows()}
    assert rows["conv1"] == (28, 28, 6)
    assert rows["pool2"] == (5, 5, 16)
    assert rows["flatten"] == (400,)
    assert rows["fc3"] == (10,)


@pytest.mark.parametrize(("name", "offered"), [("lenet", "lenet5"), ("nn4l", "nn"), ("KNN", "knn")])
def test_a_mistyped_name_is_answered_with_the_nearest(name: str, offered: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown model '{name}'; .*{offered}"):
        build(name)


def test_each_build_is_a_new_model() -> None:
    first, second = build("nn1l"), build("nn1l")
    first.network.initialise(0)
    assert second.network.dtype is None
