"""Images with weights: a weight multiplies the loss of its image, whatever carries out the training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenfold.data import RandomAffine
from tenfold.errors import ConfigError, RangeError
from tenfold.nn import MeanSquaredError, SoftmaxCrossEntropy
from tenfold.optim import SGD
from tenfold.train import DefinitionExecutor, Recipe, executor_for, fit

RECIPE = Recipe(3, 16, SGD(0.05), chunk_images=48)
EXECUTORS = {"engine": executor_for, "definition": DefinitionExecutor}
AUGMENTED = {"as they are": None, "augmented": RandomAffine(rotation=20, shift=0.1)}


def trained(new_network, data, recipe=RECIPE, **options):
    network = new_network()
    history = fit(network, recipe, data, **options)
    return network.params, history


def weighted(digits, weights):
    return replace(digits, weights=weights)


@pytest.mark.parametrize("augmentation", AUGMENTED)
@pytest.mark.parametrize("executor", EXECUTORS)
def test_twice_the_weight_is_twice_the_rate(new_network, digits, executor, augmentation):
    recipe = replace(RECIPE, augmentation=AUGMENTED[augmentation])
    faster = replace(recipe, optimizer=SGD(0.1))
    chosen = EXECUTORS[executor]
    twice, history = trained(new_network, weighted(digits, np.full(len(digits), 2)), recipe, executor=chosen)
    want, plain = trained(new_network, digits, faster, executor=chosen)
    for name, array in twice.items():
        np.testing.assert_allclose(array, want[name], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        [row.train_loss for row in history.rows], [2 * row.train_loss for row in plain.rows], rtol=1e-5
    )


@pytest.mark.parametrize("augmentation", AUGMENTED)
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), MeanSquaredError()], ids=lambda loss: loss.kind)
def test_the_engine_agrees_with_the_definition(new_network, digits, loss, augmentation):
    recipe = replace(RECIPE, loss=loss, augmentation=AUGMENTED[augmentation])
    data = weighted(digits, np.random.default_rng(0).random(len(digits)))
    ours, _ = trained(new_network, data, recipe)
    theirs, _ = trained(new_network, data, recipe, executor=DefinitionExecutor)
    for name, array in ours.items():
        np.testing.assert_allclose(array, theirs[name], rtol=1e-3, atol=1e-4)


def test_an_image_of_weight_0_teaches_nothing(new_network, digits):
    weights = (digits.labels != 3).astype(float)
    wrong = np.where(digits.labels == 3, 7, digits.labels)  # a label that would mislead
    params, _ = trained(new_network, weighted(digits, weights))
    misled, _ = trained(new_network, replace(digits, labels=wrong, weights=weights))
    for name, array in params.items():
        np.testing.assert_array_equal(array, misled[name])


def test_a_run_with_weights_is_resumed_to_the_same_bits(new_network, digits, tmp_path):
    data = weighted(digits, np.random.default_rng(0).random(len(digits)))
    whole, _ = trained(new_network, data)
    trained(new_network, data, replace(RECIPE, epochs=1), out=tmp_path)
    resumed, _ = trained(new_network, data, out=tmp_path, resume=True)
    for name, array in whole.items():
        np.testing.assert_array_equal(array, resumed[name])


def test_a_run_is_not_resumed_with_other_weights(new_network, digits, tmp_path):
    trained(new_network, weighted(digits, np.arange(len(digits))), replace(RECIPE, epochs=1), out=tmp_path)
    with pytest.raises(ConfigError, match=r"the run was started with train.sha256"):
        trained(new_network, digits, out=tmp_path, resume=True)


def test_a_loss_of_ones_own_must_take_the_weights(new_network, digits, refused_in_one_line):
    class Plain(MeanSquaredError):
        kind = "plain"

        def forward(self, logits, labels):
            return MeanSquaredError.forward(self, logits, labels)

    recipe = replace(RECIPE, loss=Plain())
    with refused_in_one_line(ConfigError, "Plain: expected a loss that takes the weights of the images"):
        trained(new_network, weighted(digits, np.ones(len(digits))), recipe)


def test_one_weight_must_count(new_network, digits, refused_in_one_line):
    with refused_in_one_line(
        RangeError, "weights: expected one above 0 for training, found only 0; raise some"
    ):
        trained(new_network, weighted(digits, np.zeros(len(digits))))
