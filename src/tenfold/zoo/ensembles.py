"""Our ensembles: networks of the zoo, and a committee for the lowest error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tenfold.data import Chain, RandomAffine, RandomWarp
from tenfold.nn import BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, ReLU, Sequential
from tenfold.optim import Adam, CosineDecay
from tenfold.resources import Resources
from tenfold.train import Recipe
from tenfold.zoo.cnn_dev import cnn_dev_network
from tenfold.zoo.ensemble import Ensemble
from tenfold.zoo.entry import Entry, Trainable
from tenfold.zoo.ghouzam import ghouzam_network
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.references import THREE_SEEDS
from tenfold.zoo.scratch_conv import four_block_network, three_blocks

AIM = 0.9970
"""The aim of "Developing an image recognition neural network from scratch": an error of 0.30 %."""
HE = "he_normal"
AVERAGED = (
    "The probabilities of the members are averaged. There is no choice of members or epochs. Each member "
    "learns from all 60,000 training images, and its weights are the mean over its last four epochs. The "
    "test images are used once, when all members are trained.",
    "Each trial trains a new ensemble: the seeds of its members are drawn from the trial's seed, so that "
    "two trials have no member in common.",
)


def warped(amount: float = 1.0) -> Chain:
    """Return an augmentation: nine of ten images are bent, rotated, slanted, stretched; nine of ten shifted.

    Parameters
    ----------
    amount : float
        The share of the amounts.
    """
    warp = RandomWarp(
        zoom=0.12 * amount, rotation=12 * amount, shear=10 * amount, bend=0.9 * amount, chance=0.9
    )
    return Chain([warp, RandomAffine(shift=0.07 * amount, chance=0.9)])


def cosine_recipe(epochs: int, learning_rate: float) -> Recipe:
    """Return Adam with cosine decay; the weights are the mean over the last four epochs."""
    return Recipe(
        epochs=epochs,
        batch_size=100,
        optimizer=Adam(learning_rate),
        rate=CosineDecay(1.0, epochs, end=0.01),
        short_batch="drop",
        augmentation=warped(),
        choose="mean_of_last(4)",
    )


def committee_recipe() -> Recipe:
    """Return 24 epochs with a learning rate of 0.002 at first."""
    return cosine_recipe(epochs=24, learning_rate=2e-3)


def _block(name: str, c_in: int, c_out: int, kernel: int, *, same: bool, pooled: bool) -> dict[str, Layer]:
    """Return a convolution, with or without pooling, then batch normalisation and ReLU.

    Pooling comes first, so that the other layers have a quarter of the numbers.
    """
    conv = Conv2d(c_in, c_out, kernel, padding="same" if same else 0, weight_init=HE)
    pool: dict[str, Layer] = {f"pool{name}": MaxPool2d(2)} if pooled else {}
    return {f"conv{name}": conv, **pool, f"norm{name}": BatchNorm(c_out), f"relu{name}": ReLU()}


def _dense_end(features: int) -> dict[str, Layer]:
    """Return a dense layer of 128 units, then the ten logits."""
    return {
        "flatten": Flatten(),
        "fc1": Dense(features, 128, weight_init=HE),
        "norm_fc": BatchNorm(128),
        "relu_fc": ReLU(),
        "drop": Dropout(0.3),
        "fc2": Dense(128, 10),
    }


def kernels_of_3() -> Sequential:
    """Return four convolutions of 3x3, pooled after the second and the fourth; 361,962 parameters."""
    return Sequential(
        {
            **_block("1", 1, 32, 3, same=False, pooled=False),  # (n, 26, 26, 32)
            **_block("2", 32, 32, 3, same=False, pooled=True),  # (n, 12, 12, 32)
            **_block("3", 32, 64, 3, same=True, pooled=False),  # (n, 12, 12, 64)
            **_block("4", 64, 64, 3, same=True, pooled=True),  # (n, 6, 6, 64)
            **_dense_end(2304),
        },
        input_shape=(28, 28, 1),
    )


def kernels_of_7() -> Sequential:
    """Return convolutions of 7x7, 5x5 and 4x4, the first one pooled; 153,802 parameters."""
    return Sequential(
        {
            **_block("1", 1, 24, 7, same=False, pooled=True),  # (n, 11, 11, 24)
            **_block("2", 24, 64, 5, same=False, pooled=False),  # (n, 7, 7, 64)
            "drop2": Dropout(0.3),
            **_block("3", 64, 96, 4, same=False, pooled=False),  # (n, 4, 4, 96)
            "drop3": Dropout(0.3),
            "flatten": Flatten(),  # (n, 1536)
            "fc": Dense(1536, 10),
        },
        input_shape=(28, 28, 1),
    )


def _ensemble(
    name: str,
    title: str,
    networks: Mapping[str, Callable[[], Sequential]],
    recipe: Recipe,
    parameters: int,
    notes: tuple[str, ...],
) -> Entry:
    """Return an entry for networks that share a recipe."""

    def build(entry: Trainable) -> Ensemble:
        return Ensemble(
            entry.name, {key: NetworkModel(key, network(), recipe) for key, network in networks.items()}
        )

    return Entry(
        name=name,
        title=title,
        build=build,
        parameters=parameters,
        members=tuple(networks),
        published=None,
        aim=AIM,
        seeds=THREE_SEEDS,
        resources=Resources(memory=3072, minutes=120 * len(networks)),  # one member after the other
        notes=(*AVERAGED, *notes),
    )


ENSEMBLE = _ensemble(
    "ensemble",
    "Four networks of the zoo with augmentation, averaged probabilities",
    {
        "cnn-dev": cnn_dev_network,
        "scratch-10": three_blocks,
        "scratch-12": four_block_network,
        "ghouzam": ghouzam_network,
    },
    cosine_recipe(epochs=30, learning_rate=1e-3),
    parameters=225_034 + 75_226 + 159_930 + 887_530,
    notes=("The members have the layers of the entries with their names, and one common recipe.",),
)
COMMITTEE = _ensemble(
    "committee",
    "Five small networks with kernels of 7x7 and 3x3, averaged probabilities",
    {
        "kernels-7-a": kernels_of_7,
        "kernels-7-b": kernels_of_7,
        "kernels-7-c": kernels_of_7,
        "kernels-7-d": kernels_of_7,
        "kernels-3": kernels_of_3,
    },
    committee_recipe(),
    parameters=4 * 153_802 + 361_962,
    notes=(
        "Kernels of different sizes, as in S. An et al. (2020, arXiv:2008.10400). Their networks are larger, "
        "and the epochs and members of their figures were chosen on the test images.",
        "Sizes and epochs were chosen on 10,000 training images, with one training of each network on the "
        "others: the network of 7x7 misread 42 of them after 24 epochs and 42 after 40, that of 3x3 46 after "
        "24 epochs in 2.4 times the time, one with two convolutions of 5x5 51 after 40; the networks of 7x7 "
        "and 3x3 together misread 36.",
    ),
)
