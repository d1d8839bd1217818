"""The dense networks of "Developing an image recognition neural network from scratch", each a change on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tenfold.nn import (
    Dense,
    Dropout,
    Flatten,
    Layer,
    Loss,
    MeanSquaredError,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.optim import SGD, EpochCountedAdam
from tenfold.train import Recipe
from tenfold.zoo.entry import Entry, Published
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.scratch_recipe import (
    AS_IT_STANDS,
    AUGMENTED,
    EPOCH_COUNTED,
    STOPPED_ON_TRAINING,
    scratch_recipe,
)
from tenfold.zoo.sources import FIVE_SEEDS, NO_CHOICE, SCRATCH_DOCUMENT, SQUARED_ERROR


def _dense(c_in: int, c_out: int) -> Dense:
    """Return a dense layer as before the eighth network: weights and biases uniform on [-0.5, 0.5]."""
    return Dense(c_in, c_out, weight_init="uniform(0.5)", bias_init="uniform(0.5)")


def _he_dense(c_in: int, c_out: int) -> Dense:
    """Return a dense layer as from the eighth network on: He normal weights, zero biases."""
    return Dense(c_in, c_out, weight_init="he_normal")


def three_tanh_layers() -> Sequential:
    """Return 784-100-50-10, tanh after each."""
    return _network(
        fc1=_dense(784, 100),
        tanh1=Tanh(),
        fc2=_dense(100, 50),
        tanh2=Tanh(),
        fc3=_dense(50, 10),
        tanh3=Tanh(),
    )


def two_tanh_layers() -> Sequential:
    """Return 784-128-10, tanh after each."""
    return _network(fc1=_dense(784, 128), tanh1=Tanh(), fc2=_dense(128, 10), tanh2=Tanh())


def two_layers() -> Sequential:
    """Return 784-128-10, tanh between."""
    return _network(fc1=_dense(784, 128), tanh=Tanh(), fc2=_dense(128, 10))


def two_layers_with_dropout() -> Sequential:
    """Return 784-128-10, tanh and dropout between."""
    return _network(fc1=_dense(784, 128), tanh=Tanh(), drop=Dropout(0.2), fc2=_dense(128, 10))


def three_layers(dense: Callable[[int, int], Dense] = _dense) -> Sequential:
    """Return 784-128-50-10, tanh, then ReLU, and dropout after each."""
    return _network(
        fc1=dense(784, 128),
        tanh1=Tanh(),
        drop1=Dropout(0.2),
        fc2=dense(128, 50),
        relu2=ReLU(),
        drop2=Dropout(0.2),
        fc3=dense(50, 10),
    )


def _network(**layers: Layer) -> Sequential:
    return Sequential({"flatten": Flatten(), **layers}, input_shape=(28, 28, 1))


def gradient_descent(batch_size: int, loss: type[Loss]) -> Recipe:
    """Return plain gradient descent at a rate of 0.1, 100 epochs."""
    return Recipe(epochs=100, batch_size=batch_size, optimizer=SGD(0.1), loss=loss(), short_batch="keep")


def _entry(
    number: int,
    title: str,
    network: Callable[[], Sequential],
    recipe: Callable[[], Recipe],
    error: float,
    parameters: int,
    *notes: str,
    shortfall: str = "",
) -> Entry:
    return Entry(
        name=f"scratch-{number:02}",
        title=title,
        build=lambda entry: NetworkModel(entry.name, network(), recipe()),
        published=Published.once(round(1 - error, 6), SCRATCH_DOCUMENT),
        seeds=FIVE_SEEDS,
        parameters=parameters,
        recipe=recipe,
        notes=notes,
        shortfall=shortfall,
    )


BATCH = (
    "The document does not say how large its minibatches were; the authors' repository "
    "(github.com/RaoulLuque/ImageRecognitionFromScratch) says 32."
)
SIXTEEN = "Minibatches of 16, as in the document; the authors' repository speaks of 32."
SIXTH_TANH = "The first layer's tanh is the document's; the authors' repository has ReLU there too."

SCRATCH_01 = _entry(
    1,
    "784-100-50-10, tanh, squared error, one image at a time",
    three_tanh_layers,
    partial(gradient_descent, 1, MeanSquaredError),
    0.1005,
    84_060,
    NO_CHOICE,
    SQUARED_ERROR,
)
SCRATCH_02 = _entry(
    2,
    "784-128-10, tanh, squared error, minibatches",
    two_tanh_layers,
    partial(gradient_descent, 32, MeanSquaredError),
    0.0675,
    101_770,
    NO_CHOICE,
    SQUARED_ERROR,
    BATCH,
)
SCRATCH_03 = _entry(
    3,
    "784-128 tanh-10 softmax, cross-entropy",
    two_layers,
    partial(gradient_descent, 32, SoftmaxCrossEntropy),
    0.0310,
    101_770,
    NO_CHOICE,
    BATCH,
)
SCRATCH_04 = _entry(
    4,
    "As scratch-03 with Adam",
    two_layers,
    partial(scratch_recipe, 1e-2, 30, rate=EpochCountedAdam()),
    0.0264,
    101_770,
    NO_CHOICE,
    EPOCH_COUNTED,
    SIXTEEN,
    shortfall="The published figure is one run, and chance moves one run by more than what is missing: our "
    "five lie between 96.99 and 97.40 %. The repository's minibatches of 32 make no difference (97.17 % over "
    "the same seeds).",
)
SCRATCH_05 = _entry(
    5,
    "As scratch-04 with dropout",
    two_layers_with_dropout,
    partial(scratch_recipe, 1e-3, 50),
    0.0219,
    101_770,
    NO_CHOICE,
    AS_IT_STANDS,
    SIXTEEN,
)
SCRATCH_06 = _entry(
    6,
    "784-128 tanh-50 ReLU-10, dropout",
    three_layers,
    partial(scratch_recipe, 5e-4, 200),
    0.0202,
    107_440,
    NO_CHOICE,
    AS_IT_STANDS,
    SIXTH_TANH,
    shortfall="The first layer: with ReLU there, as in the authors' repository, the same five seeds average "
    "97.91 % (sd 0.15), which reaches the published figure. The smaller steps of the authors' way of "
    "counting are no reason: with them seeds 0 and 1 reach 97.88 and 97.61 %.",
)
SCRATCH_07 = _entry(
    7,
    "As scratch-06 with augmentation",
    three_layers,
    partial(scratch_recipe, 5e-4, 100, chance=0.25),
    0.0193,
    107_440,
    NO_CHOICE,
    AS_IT_STANDS,
    AUGMENTED,
    SIXTH_TANH,
)
SCRATCH_08 = _entry(
    8,
    "As scratch-07, He's initial weights, stopped early",
    partial(three_layers, _he_dense),
    partial(scratch_recipe, 5e-4, 175, rate=EpochCountedAdam(), chance=0.25, patience=15),
    0.0158,
    107_440,
    STOPPED_ON_TRAINING,
    EPOCH_COUNTED,
    AUGMENTED,
    SIXTH_TANH,
    shortfall="The published figure is one run, and chance moves one run by nearly as much as is missing. "
    "The first layer may be a part of it: with ReLU there, as in the authors' repository, the same five "
    "seeds average 98.35 % (sd 0.07), and four of them are stopped before the end, as theirs was.",
)
