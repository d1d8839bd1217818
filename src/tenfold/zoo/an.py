"""S. An et al.'s networks M3, M5 and M7: convolutions of one kernel size, without pooling; and their vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, sqrt

from tenfold.data import RandomAffine
from tenfold.nn import BatchNorm, Conv2d, Dense, Flatten, Layer, ReLU, Sequential
from tenfold.optim import EMA, Adam, ExponentialAfter
from tenfold.resources import Resources
from tenfold.train import Recipe
from tenfold.zoo.ensemble import Ensemble
from tenfold.zoo.entry import Entry, Trainable
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published, PublishedRun
from tenfold.zoo.references import AN_2020, THREE_SEEDS

EPOCHS, THEIR_EPOCHS = 15, 150
SIDE = 28
WIDTHS = {
    3: (32, 48, 64, 80, 96, 112, 128, 144, 160, 176),
    5: (32, 64, 96, 128, 160),
    7: (48, 96, 144, 192),
}
"""By kernel size: the channels of one convolution after the other."""
KERNELS = {"m3": 3, "m5": 5, "m7": 7}
MINUTES = 600


def an_network(kernel: int, widths: Sequence[int] | None = None) -> Sequential:
    """Return convolutions without padding, each with batch normalisation and ReLU, then a dense layer.

    Parameters
    ----------
    kernel : int
        3, 5 or 7 in the paper.
    widths : sequence of int, optional
        The channels of the convolutions; by default those of the paper.
    """
    layers: dict[str, Layer] = {}
    side, c_in = SIDE, 1
    for number, c_out in enumerate(WIDTHS[kernel] if widths is None else widths, start=1):
        conv = Conv2d(c_in, c_out, kernel, weight_init=_torch(kernel * kernel * c_in))
        layers |= {f"conv{number}": conv, f"norm{number}": BatchNorm(c_out), f"relu{number}": ReLU()}
        side, c_in = side - kernel + 1, c_out  # (n, side, side, c_in)
    features = side * side * c_in
    layers |= {"flatten": Flatten(), "fc": Dense(features, 10, weight_init=_torch(features))}
    layers["norm_fc"] = BatchNorm(10)
    return Sequential(layers, input_shape=(SIDE, SIDE, 1))


def _torch(fan_in: int) -> str:
    """Return the initialiser that PyTorch has by default for layers of so many inputs."""
    return f"uniform({1 / sqrt(fan_in):.9g})"


def an_recipe(epochs: int = EPOCHS) -> Recipe:
    """Return Adam with a decaying rate, and averaged weights, of which those of the best epoch are kept.

    Parameters
    ----------
    epochs : int
        In the paper 150. The learning rate falls to the same value, .98 ** 150 of the first, in as many
        epochs as there are.
    """
    return Recipe(
        epochs=epochs,
        batch_size=120,
        optimizer=Adam(1e-3),
        rate=ExponentialAfter(1.0, after=0, decay=-log(0.98) * THEIR_EPOCHS / epochs),
        augmentation=RandomAffine(rotation=20.0, shift=0.2),
        average=EMA(0.999),
        choose="best",
    )


NOTES = (
    f"The authors train for {THEIR_EPOCHS} epochs, ours for {EPOCHS}, because one takes minutes on two "
    "cores; the learning rate falls to about the same value.",
    "Published protocol: of all epochs, the best one on the test images is kept. Honest protocol: the best "
    "one on 10,000 held-out training images.",
    "The authors rotate an image to the nearest pixels and then shift it by whole pixels; ours samples once, "
    "bilinearly. Their pixels are from -1 to 1, which makes no difference before batch normalisation.",
    "The authors average the weights; ours also averages the running statistics of batch normalisation.",
    "Our convolutions and the dense layer have a bias, theirs have none: batch normalisation takes it away.",
)


def _published(best: Mapping[int, float]) -> Published:
    """Return the figures of some seeds: of 150 epochs, the best one on the test images."""
    runs = [PublishedRun(seed=seed, accuracy=one, epochs=THEIR_EPOCHS) for seed, one in best.items()]
    return Published.each(sum(best.values()) / len(best), runs, AN_2020)


def _entry(name: str, published: Published, *, parameters: int, theirs: int) -> Entry:
    """Return the entry of one network; ``theirs`` are its parameters without biases."""
    kernel = KERNELS[name]
    return Entry(
        name=f"an-{name}",
        title=f"{len(WIDTHS[kernel])} convolutions of {kernel}x{kernel} without pooling, averaged weights",
        build=lambda entry: NetworkModel(entry.name, an_network(kernel), an_recipe()),
        published=published,
        seeds=THREE_SEEDS,
        parameters=parameters,
        recipe=an_recipe,
        selection_set="test",
        resources=Resources(memory=3072, minutes=MINUTES),
        notes=(*NOTES, f"The authors report {theirs:,} parameters."),
    )


def _vote(entry: Trainable) -> Ensemble:
    """Return the three networks; their probabilities are averaged."""
    return Ensemble(
        entry.name,
        {name: NetworkModel(name, an_network(kernel), an_recipe()) for name, kernel in KERNELS.items()},
    )


AN_M3 = _entry("m3", _published({0: 0.9978, 1: 0.9981, 2: 0.9977}), parameters=1_125_230, theirs=1_124_180)
AN_M5 = _entry("m5", _published({0: 0.9976, 1: 0.9976, 2: 0.9973}), parameters=1_128_670, theirs=1_128_180)
AN_M7 = _entry("m7", _published({0: 0.9974, 15: 0.9980, 16: 0.9981}), parameters=2_292_462, theirs=2_291_972)
AN_VOTE = Entry(
    name="an-vote",
    title="The networks of an-m3, an-m5 and an-m7, averaged probabilities",
    build=_vote,
    published=Published.once(0.9987, AN_2020),
    seeds=THREE_SEEDS,
    parameters=1_125_230 + 1_128_670 + 2_292_462,
    members=tuple(KERNELS),
    selection_set="test",
    resources=Resources(memory=3072, minutes=MINUTES * len(KERNELS)),
    notes=(
        *NOTES,
        "The authors count votes of three networks, which were chosen by the test images among thirty of "
        "each kind. Ours averages the probabilities of three that are trained once.",
    ),
)
