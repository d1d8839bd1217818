"""The convolutional networks of "Developing an image recognition neural network from scratch"."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tenfold.nn import Conv2d, Dense, Dropout, Flatten, Layer, MaxPool2d, ReLU, Sequential
from tenfold.optim import Tunable
from tenfold.train import Recipe
from tenfold.zoo.augmentations import scratch_augmentation
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published
from tenfold.zoo.references import FIVE_SEEDS, SCRATCH_DOCUMENT, THREE_SEEDS
from tenfold.zoo.scratch_recipe import DROPOUT, STOPPED_ON_TRAINING, THEIR_ADAM, scratch_recipe

HE = "he_normal"
HALVED_TO_THE_END = Tunable(1.0, later=5)
"""The learning rate in the logs of the ninth, the tenth and the eleventh network."""
AUGMENTED = (
    "Each image is changed with the given probability, as in the authors' text. Their code draws once for a "
    "whole minibatch, rounds shifts to whole pixels and samples an image once for each change; scratch-07 "
    "and scratch-08 do the first two."
)
INITIAL_WEIGHTS = (
    "He's rule divides by the number of inputs of an output: kernel size times channels. The authors' "
    "convolutions divide by image size times channels, so that their weights start smaller; the weights of "
    "their dense layer are between -0.5 and 0.5. Ours all start by He's rule, and training begins faster."
)


def two_blocks() -> Sequential:
    """Return two blocks of convolution, ReLU, pooling and dropout, then one dense layer."""
    return Sequential(
        {
            **_block(1, 1, 8, HE, pooled=True),  # (n, 14, 14, 8)
            **_block(2, 8, 16, HE, pooled=True),  # (n, 7, 7, 16)
            "flatten": Flatten(),  # (n, 784)
            "fc": Dense(784, 10, weight_init=HE),
        },
        input_shape=(28, 28, 1),
    )


def three_blocks() -> Sequential:
    """Return 16, 32 and 48 filters, pooled after the first and the third, then one dense layer."""
    return Sequential(
        {
            **_block(1, 1, 16, HE, pooled=True),  # (n, 14, 14, 16)
            **_block(2, 16, 32, HE, pooled=False),
            **_block(3, 32, 48, HE, pooled=True),  # (n, 7, 7, 48)
            "flatten": Flatten(),  # (n, 2352)
            "fc": Dense(2352, 10, weight_init=HE),
        },
        input_shape=(28, 28, 1),
    )


def four_blocks(filters: tuple[int, int, int, int], weight_init: str = HE) -> dict[str, Layer]:
    """Return the layers of four convolutions; the second and the fourth are followed by pooling."""
    a, b, c, d = filters
    return {
        **_block(1, 1, a, weight_init, pooled=False),  # (n, 28, 28, a)
        **_block(2, a, b, weight_init, pooled=True),  # (n, 14, 14, b)
        **_block(3, b, c, weight_init, pooled=False),  # (n, 14, 14, c)
        **_block(4, c, d, weight_init, pooled=True),  # (n, 7, 7, d)
        "flatten": Flatten(),  # (n, 49 d)
    }


def _block(i: int, c_in: int, c_out: int, weight_init: str, *, pooled: bool) -> dict[str, Layer]:
    """Return the layers of the i-th block, named by it."""
    pool: dict[str, Layer] = {f"pool{i}": MaxPool2d(2)} if pooled else {}
    return {
        f"conv{i}": Conv2d(c_in, c_out, 5, padding="same", weight_init=weight_init),
        f"relu{i}": ReLU(),
        **pool,
        f"drop{i}": Dropout(0.2),
    }


def four_block_network() -> Sequential:
    """Return 16, 32, 48 and 64 filters, then one dense layer."""
    layers = four_blocks((16, 32, 48, 64)) | {"fc": Dense(3136, 10, weight_init=HE)}
    return Sequential(layers, input_shape=(28, 28, 1))


def _recipe(rate: Tunable, chance: float, patience: int) -> Recipe:
    """Return a recipe whose rate rises to five times 0.001 and falls, with augmentation."""
    augmentation = scratch_augmentation(chance)
    return scratch_recipe(1e-3, 150, rate=rate, augmentation=augmentation, patience=patience)


def _entry(
    name: str,
    title: str,
    network: Callable[[], Sequential],
    recipe: Callable[[], Recipe],
    error: float,
    parameters: int,
    seeds: tuple[int, ...],
    notes: tuple[str, ...] = (),
    train_seconds: float | None = None,
    *,
    stopped: tuple[int, int | None],
) -> Entry:
    epochs, best = stopped  # of the authors' run
    return Entry(
        name=name,
        title=title,
        build=lambda entry: NetworkModel(entry.name, network(), recipe()),
        published=Published.once(
            round(1 - error, 6), SCRATCH_DOCUMENT, epochs=epochs, best_epoch=best, train_seconds=train_seconds
        ),
        seeds=seeds,
        parameters=parameters,
        recipe=recipe,
        notes=(STOPPED_ON_TRAINING, *notes, AUGMENTED, THEIR_ADAM, INITIAL_WEIGHTS, DROPOUT),
    )


SCRATCH_09 = _entry(
    "scratch-09",
    "Two convolutions of 5x5, 8 and 16 filters, a rate that rises, then falls",
    two_blocks,
    partial(_recipe, HALVED_TO_THE_END, chance=0.25, patience=20),
    error=0.0080,
    parameters=11_274,
    seeds=FIVE_SEEDS,
    notes=(
        "The document's text has a constant learning rate, with which ours takes 116 to 150 epochs; the "
        "document's run took 29, and the code of that day has the rate used here.",
    ),
    stopped=(29, None),
)
SCRATCH_10 = _entry(
    "scratch-10",
    "Three convolutions of 5x5, 16, 32 and 48 filters, more augmentation",
    three_blocks,
    partial(_recipe, HALVED_TO_THE_END, chance=0.5, patience=25),
    error=0.0045,
    parameters=75_226,
    seeds=FIVE_SEEDS,
    notes=(
        "The document's listing repeats the 8 and 16 filters of the ninth network; the authors' code and "
        "their README have 16, 32 and 48, with 75,226 parameters.",
        "The log of the authors' run has 9,955 of 10,000 correct, an error of 0.45 %; the text says 0.44 %. "
        "The best epoch was 48, and the run stopped after 72.",
    ),
    stopped=(72, 48),
)
SCRATCH_11 = _entry(
    "scratch-11",
    "Four convolutions of 5x5, 16, 32, 48 and 64 filters",
    four_block_network,
    partial(_recipe, HALVED_TO_THE_END, chance=0.5, patience=25),
    error=0.0042,
    parameters=159_930,
    seeds=THREE_SEEDS,
    notes=("The authors' run took 94 epochs; the best was the 70th.",),
    stopped=(94, 70),
)
SCRATCH_12 = _entry(
    "scratch-12",
    "Like scratch-11, but most images are augmented and the learning rate is halved more often",
    four_block_network,
    partial(_recipe, Tunable(1.0, later=3), chance=0.8, patience=15),
    error=0.0040,
    parameters=159_930,
    seeds=THREE_SEEDS,
    notes=(
        "The document's listing shows a chance of 0.5 and a patience of 25. Ours has the chance of its text, "
        "0.8, and the patience of the authors' log, 15: the best epoch of their run was 42, and it stopped "
        "after 56.",
    ),
    train_seconds=19.8 * 3600,
    stopped=(56, 42),
)
