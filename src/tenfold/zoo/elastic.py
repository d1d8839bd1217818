"""Networks that became good by elastic distortion: those of Simard (2003) and of Ciresan (2010)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tenfold.data import RandomElastic
from tenfold.nn import Conv2d, Dense, Flatten, Layer, ReLU, Sequential
from tenfold.optim import Adam, CosineDecay
from tenfold.train import Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import CIRESAN_2010, NO_CHOICE, SIMARD_2003, THREE_SEEDS

HE = "he_normal"
OURS = (
    "Layers and distortion are from the paper. The paper uses plain gradient descent for hundreds "
    "of epochs. Ours uses Adam with a cosine decay of the learning rate, and the mean of the "
    "weights after the last four epochs."
)


def elastic_recipe(augmentation: RandomElastic, epochs: int) -> Recipe:
    """Return Adam, its rate falling like a cosine, on images that are distorted anew in every epoch."""
    return Recipe(
        epochs=epochs,
        batch_size=100,
        optimizer=Adam(1e-3),
        rate=CosineDecay(1.0, epochs, end=0.01),
        short_batch="drop",
        augmentation=augmentation,
        choose="mean_of_last(4)",
    )


def dense_network(widths: Sequence[int]) -> Sequential:
    """Return dense layers of so many outputs, ReLU between them, then the ten logits."""
    layers: dict[str, Layer] = {"flatten": Flatten()}
    for i, (given, made) in enumerate(pairwise((784, *widths)), start=1):
        layers |= {f"fc{i}": Dense(given, made, weight_init=HE), f"relu{i}": ReLU()}
    last = {f"fc{len(widths) + 1}": Dense(widths[-1], 10)}
    return Sequential({**layers, **last}, input_shape=(28, 28, 1))


def simard_cnn_network() -> Sequential:
    """Return two convolutions of 5x5 that step by two pixels, 5 and 50 filters, and two dense layers."""
    return Sequential(
        {
            "conv1": Conv2d(1, 5, 5, stride=2, padding=1, weight_init=HE),  # (n, 13, 13, 5)
            "relu1": ReLU(),
            "conv2": Conv2d(5, 50, 5, stride=2, weight_init=HE),  # (n, 5, 5, 50)
            "relu2": ReLU(),
            "flatten": Flatten(),  # (n, 1250)
            "fc1": Dense(1250, 100, weight_init=HE),
            "relu3": ReLU(),
            "fc2": Dense(100, 10),
        },
        input_shape=(28, 28, 1),
    )


def simard_recipe() -> Recipe:
    """Return 100 epochs with the paper's distortion."""
    return elastic_recipe(RandomElastic(alpha=34, sigma=4), epochs=100)


def ciresan_recipe() -> Recipe:
    """Return 100 epochs with the paper's distortion and affine maps."""
    distortion = RandomElastic(alpha=37, sigma=5.5, rotation=15, zoom=0.175)
    return elastic_recipe(distortion, epochs=100)


SIMARD_MLP = Entry(
    name="simard-mlp",
    title="784-800 ReLU-10, elastic distortion",
    build=lambda entry: NetworkModel(entry.name, dense_network([800]), simard_recipe()),
    published=Published.once(0.9930, SIMARD_2003),
    seeds=THREE_SEEDS,
    parameters=636_010,
    recipe=simard_recipe,
    notes=(OURS, NO_CHOICE),
)
SIMARD_CNN = Entry(
    name="simard-cnn",
    title="Two convolutions of 5x5 in steps of two pixels, 5 and 50 filters, elastic distortion",
    build=lambda entry: NetworkModel(entry.name, simard_cnn_network(), simard_recipe()),
    published=Published.once(0.9960, SIMARD_2003),
    seeds=THREE_SEEDS,
    parameters=132_540,
    recipe=simard_recipe,
    notes=(
        OURS,
        "The paper's images are 29 x 29; ours are 28 x 28 with a margin of one pixel. The first "
        "convolution gives 13 x 13 pixels in both cases.",
        NO_CHOICE,
    ),
)
CIRESAN_MLP = Entry(
    name="ciresan-mlp",
    title="784-2500-2000-1500-1000-500-10, elastic distortion, rotation and zoom",
    build=lambda entry: NetworkModel(
        entry.name, dense_network([2500, 2000, 1500, 1000, 500]), ciresan_recipe()
    ),
    published=Published.once(0.9965, CIRESAN_2010),
    seeds=(0,),
    parameters=11_972_510,
    recipe=ciresan_recipe,
    notes=(
        OURS,
        "The paper's units are tanh, ours are ReLU. The paper rotates 1 and 7 by at most 7.5 "
        "degrees and other digits by 15; ours rotates all digits by up to 15. For the paper's "
        "ranges of alpha (36 to 38), sigma (5 to 6) and zoom (15 to 20 %), ours uses the middle.",
        NO_CHOICE,
    ),
)
