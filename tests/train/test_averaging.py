"""The moving average of the weights: by whatever is trained, evaluated, kept, saved and resumed."""

import array_api_strict
import numpy as np
import pytest

from tenfold.backend.cpu.threads import available
from tenfold.checkpoint import load
from tenfold.errors import ConfigError, RangeError
from tenfold.estimator.zoo_network import of_one_call
from tenfold.nn import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from tenfold.optim import EMA, SGD, Adam, PerLayer, RMSprop
from tenfold.runs.overrides import overridden
from tenfold.train import CheckpointEvery, DefinitionExecutor, Recipe, executor_for, fit
from tenfold.train.compiled import CompiledExecutor
from tenfold.train.definition import load_weights
from tenfold.train.parallel.executor import ParallelExecutor
from tenfold.train.parallel.local_workers import LocalWorkers
from tenfold.train.parallel.team import Team
from tenfold.zoo import entry

AVERAGE = EMA(0.5)  # its warm-up ends after the 8th step
STEPS = 12


class Seen(Layer):
    """A layer of one's own with a running statistic and a parameter."""

    kind = "seen"

    def param_shapes(self):
        return {"scale": (1,)}

    def state_shapes(self):
        return {"seen": ()}

    def initialise(self, rng, dtype=np.float32):
        self.params, self.state = {"scale": np.ones(1, dtype)}, {"seen": np.zeros((), dtype)}

    def forward(self, x, *, training=False, rng=None):
        if training:
            self.state["seen"] = self.state["seen"] * 0.9 + x.mean()
        scale = self.params["scale"]
        return x * scale, lambda dy: (dy * scale, {"scale": np.reshape((dy * x).sum(), (1,))})


class Plain:
    """An optimiser of one's own that writes into its arrays."""

    kind = "plain"
    learning_rate = 0.05

    def config(self):
        return {}

    def init(self, params):
        from tenfold.optim import OptimizerState

        return OptimizerState()

    def update(self, params, grads, state, rate):
        from tenfold.optim import OptimizerState

        for name, array in params.items():
            array -= rate * grads[name]
        return params, OptimizerState(state.step + 1)


def dense(*own):
    return {"flatten": Flatten(), "fc1": Dense(64, 40), "relu": ReLU(), "fc2": Dense(40, 10), **dict(own)}


def normalised():
    return {
        "conv": Conv2d(1, 9, 3), "bn1": BatchNorm(9), "relu1": ReLU(), "drop": Dropout(0.2),
        "conv2": Conv2d(9, 8, 3), "flatten": Flatten(), "fc": Dense(128, 10), "bn2": BatchNorm(10, 0.6),
    }  # fmt: skip


# name -> layers, optimiser, images in a minibatch
CASES = {
    "sgd": (dense, SGD(0.1), 16),
    "one image at a time, whose dark pixels move nothing": (dense, SGD(0.1), 1),
    "momentum": (dense, SGD(0.1, momentum=0.9, nesterov=True), 16),
    "momentum and batch norm": (normalised, SGD(0.1, momentum=0.9), 16),
    "rmsprop and batch norm": (normalised, RMSprop(1e-3), 16),
    "adam": (dense, Adam(0.01), 16),
    "adam and batch norm": (normalised, Adam(0.01, weight_decay=0.1), 16),
    "an optimiser for each layer": (normalised, PerLayer(SGD(0.05), {"fc": Adam(0.01)}), 16),
    "a layer of one's own": (lambda: dense(("own", Seen())), Adam(0.01), 16),
    "an optimiser of one's own": (normalised, Plain(), 16),
}
EXECUTORS = {
    "definition": DefinitionExecutor,
    "engine": executor_for,
    "one thread": lambda *parts: executor_for(*parts, threads=1),
    "any number of threads": lambda *parts: executor_for(*parts, deterministic=True),
}


def assert_near(got, want, key):
    """Hold numbers to others that were rounded on other ways; a bias before batch norm has no gradient."""
    np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-5 + 2e-3 * np.abs(want).max(), err_msg=key)


def built(layers):
    network = Sequential(layers(), (8, 8, 1))
    network.initialise(np.random.default_rng(5))
    return network


def steps(executor, digits, n, first, count, rng):
    images = digits.images.copy()
    images[:, :3] = 0
    order = np.arange(first * n, (first + count) * n) % len(images)
    executor.train(images, digits.labels, order, n, np.full(count, 0.01), rng)


def by_hand(executor, digits, n):
    """Return the average of weights that are looked at after each step, and these weights."""
    params, state, _ = executor.export()
    average = {name: array.astype(float) for name, array in {**params, **state}.items()}
    rng = np.random.default_rng(7)
    for step in range(1, STEPS + 1):
        steps(executor, digits, n, step - 1, 1, rng)
        params, state, _ = executor.export()
        decay = min(AVERAGE.decay, (1 + step) / (10 + step))
        for name, array in {**params, **state}.items():
            average[name] = decay * average[name] + (1 - decay) * array
    return average, {**params, **state}


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
@pytest.mark.parametrize("by", EXECUTORS)
@pytest.mark.parametrize("name", CASES)
def test_the_average_is_that_of_the_weights_after_each_step(digits, name, by):
    layers, optimizer, n = CASES[name]
    executor = EXECUTORS[by](built(layers), SoftmaxCrossEntropy(), optimizer)
    expected, last = by_hand(EXECUTORS[by](built(layers), SoftmaxCrossEntropy(), optimizer), digits, n)
    executor.keep_average(AVERAGE)
    rng = np.random.default_rng(7)
    for first, count in ((0, 5), (5, 1), (6, STEPS - 6)):
        steps(executor, digits, n, first, count, rng)
        executor.logits(digits.images[:3])
    found, trained = executor.weights(), executor.export()
    for key, array in {**found.params, **found.state}.items():
        np.testing.assert_allclose(array, expected[key], rtol=1e-5, atol=1e-6, err_msg=key)
    for key, array in {**trained.params, **trained.state}.items():  # no average changes a step
        np.testing.assert_array_equal(array, last[key], err_msg=key)
    judged = built(layers)
    load_weights(judged, *found)
    want = EXECUTORS[by](judged, SoftmaxCrossEntropy(), SGD(0.1)).logits(digits.images)
    np.testing.assert_array_equal(executor.logits(digits.images), want)


@pytest.mark.parametrize("name", ["momentum", "momentum and batch norm", "adam"])
def test_the_engine_agrees_with_the_definition(digits, name):
    layers, optimizer, n = CASES[name]
    found = []
    for executor in (DefinitionExecutor, CompiledExecutor):
        one = executor(built(layers), SoftmaxCrossEntropy(), optimizer)
        one.keep_average(AVERAGE)
        steps(one, digits, n, 0, STEPS, np.random.default_rng(7))
        found.append(one.weights())
    for kind in ("params", "state"):
        for key, array in getattr(found[0], kind).items():
            got = getattr(found[1], kind)[key]
            assert_near(got, array, key)


def test_other_array_libraries_average_too(digits):
    found = []
    for asarray in (np.asarray, array_api_strict.asarray):
        network = built(dense)
        network.assign({name: asarray(array) for name, array in network.params.items()}, {})
        executor = DefinitionExecutor(network, SoftmaxCrossEntropy(), Adam(0.01))
        executor.keep_average(AVERAGE)
        steps(executor, digits, 16, 0, STEPS, np.random.default_rng(7))
        found.append(executor.weights().params)
    for key, array in found[0].items():
        np.testing.assert_allclose(found[1][key], array, rtol=1e-5, atol=1e-6)


def test_the_average_of_several_workers_is_the_leaders(digits):
    layers, optimizer, n = CASES["momentum and batch norm"]
    with Team(2, LocalWorkers(2), lambda line: None) as team:
        executor = ParallelExecutor(built(layers), SoftmaxCrossEntropy(), optimizer, team=team)
        executor.keep_average(AVERAGE)
        steps(executor, digits, n, 0, STEPS, np.random.default_rng(7))
        found = executor.weights()
    alone = CompiledExecutor(built(layers), SoftmaxCrossEntropy(), optimizer, threads=available())
    alone.keep_average(AVERAGE)
    steps(alone, digits, n, 0, STEPS, np.random.default_rng(7))
    for kind, want in zip(("params", "state"), alone.weights(), strict=True):
        for key, array in want.items():
            got = getattr(found, kind)[key]
            assert_near(got, array, key)


@pytest.mark.parametrize("executor", [DefinitionExecutor, executor_for])
@pytest.mark.parametrize("choose", ["last", "best", "best_of_last(2)"])
def test_the_averaged_weights_are_evaluated_chosen_and_saved(
    new_network, digits, held_out, tmp_path, executor, choose
):
    recipe = Recipe(4, 16, Adam(0.05), average=EMA(0.9), choose=choose)
    network = new_network()
    history = fit(
        network, recipe, digits, held_out, out=tmp_path, executor=executor, checkpoints=CheckpointEvery.all()
    )
    checkpoints = [load(folder) for folder in sorted((tmp_path / "checkpoints").iterdir())]
    for row, checkpoint in zip(history.rows, checkpoints, strict=True):
        weights, trained = checkpoint.tensors["weights"], checkpoint.tensors["trained"]
        assert weights.keys() == trained.keys()
        assert any((weights[name] != trained[name]).any() for name in weights)
        judged = new_network()
        params = {name: weights[name] for name in judged.param_shapes}
        judged.load(params, {name: weights[name] for name in judged.state_shapes})
        logits = executor_for(judged, SoftmaxCrossEntropy(), SGD(0.1)).logits(held_out.images)
        assert row.validation_accuracy == pytest.approx(np.mean(logits.argmax(1) == held_out.labels))
    kept = checkpoints[history.chosen_epoch - 1].tensors["weights"]
    for name, array in {**network.params, **network.state}.items():
        np.testing.assert_array_equal(array, kept[name])


def test_a_run_is_not_resumed_without_its_average(new_network, digits, tmp_path):
    recipe = Recipe(2, 16, Adam(0.05), average=EMA(0.9))
    fit(new_network(), recipe, digits, out=tmp_path)
    with pytest.raises(ConfigError, match=r"started with recipe.average = \{.*'ema'\}, got None"):
        fit(new_network(), Recipe(3, 16, Adam(0.05)), digits, out=tmp_path, resume=True)


def test_averages_that_come_late_count_all_steps():
    """The formula of the warm-up: the first step replaces most of the initial weights."""
    decays = [EMA(0.999).decay_at(step) for step in (1, 2, 90, 8990, 8992, 10**6)]
    assert decays == pytest.approx([2 / 11, 3 / 12, 0.91, 8991 / 9000, 0.999, 0.999], abs=1e-6)
    assert EMA(0.5).decay_at(100) == 0.5


REFUSED = {
    "1": (lambda: EMA(1), RangeError, r"EMA: decay: expected a number between 0 and 1, such as 0.999, got 1"),
    "a word": (lambda: EMA("slow"), RangeError, "EMA: decay: expected a number .* got 'slow'"),
    "not a number": (lambda: EMA(float("nan")), RangeError, "EMA: decay: expected a number .* got nan"),
    "a decay alone": (
        lambda: Recipe(1, average=0.999),
        ConfigError,
        r"average: expected EMA\(\.\.\.\), got 0\.999; write EMA\(\)",
    ),
    "two averages": (
        lambda: Recipe(1, choose="mean_of_last(2)", average=EMA()),
        ConfigError,
        r"choose='mean_of_last\(2\)' and average=EMA\(decay=0\.999\) both average the weights; "
        "set choose='last' or average=None",
    ),
    "an unknown kind": (
        lambda: Recipe.from_config({"epochs": 1, "average": {"kind": "emma", "config": {}}}),
        ConfigError,
        "unknown average 'emma'; did you mean 'ema'",
    ),
    "another option": (
        lambda: Recipe.from_config({"epochs": 1, "average": {"kind": "ema", "config": {"decoy": 1}}}),
        ConfigError,
        "did you mean 'decay'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_average_is_refused(refused_in_one_line, name):
    make, error, message = REFUSED[name]
    with refused_in_one_line(error, message):
        make()


@pytest.mark.parametrize(
    ("sets", "decay"),
    [(["average=ema"], 0.999), (["recipe.average.kind=ema", "recipe.average.decay=0.9"], 0.9)],
)
def test_a_change_of_a_recipe_may_name_it(sets, decay):
    assert overridden(entry("nn1l"), [*sets, "choose=last"]).recipe().average == EMA(decay)


def test_recipes_without_it_are_read_and_keep_their_hash():
    config = Recipe(3).config()
    del config["average"]
    assert Recipe.from_config(config) == Recipe(3)
    assert Recipe(3).hash == "534472a3fa9f7c38e50b15e39d0bd80125811d8b08d2eeee3f4b3a8e84b05416"
    assert Recipe(3, average=EMA()).hash != Recipe(3).hash


def test_of_one_call_of_many_there_is_no_average():
    assert of_one_call(Recipe(3, average=EMA()), 100, 1).average is None
