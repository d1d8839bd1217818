"""A convolutional network developed from `cnn-ref` step by step."""

from __future__ import annotations

from tenfold.nn import Conv2d, Dense, Dropout, Flatten, MaxPool2d, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam, ExponentialAfter
from tenfold.train import EarlyStopping, Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.protocols import SplitFractions
from tenfold.zoo.published import Published, PublishedRun
from tenfold.zoo.references import FIFTH_HELD_OUT, MLP_CNN_DOCUMENT, TEN_SEEDS

PATIENCE = 5


def cnn_dev_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "conv1": Conv2d(1, 32, 3),  # (n, 26, 26, 32)
            "relu1": ReLU(),
            "pool1": MaxPool2d(2),  # (n, 13, 13, 32)
            "drop1": Dropout(0.5),
            "conv2": Conv2d(32, 64, 3),  # (n, 11, 11, 64)
            "relu2": ReLU(),
            "pool2": MaxPool2d(2),  # (n, 5, 5, 64)
            "drop2": Dropout(0.5),
            "flatten": Flatten(),  # (n, 1600)
            "fc1": Dense(1600, 128),
            "relu3": ReLU(),
            "drop3": Dropout(0.5),
            "fc2": Dense(128, 10),
        },
        input_shape=(28, 28, 1),
    )


def cnn_dev_recipe() -> Recipe:
    """Return Adam with a constant rate for 20 epochs, then exponential decay; stopped by validation loss."""
    return Recipe(
        epochs=100,
        batch_size=64,
        optimizer=Adam(5e-4, eps=1e-7),
        rate=ExponentialAfter(1.0, after=20, decay=0.1),
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
        early_stopping=EarlyStopping("validation_loss", patience=PATIENCE),
    )


def _published_runs() -> tuple[PublishedRun, ...]:
    """Return the authors' runs, seeds 0 to 9: the epoch whose weights were kept, loss, accuracy."""
    runs = (
        (33, 0.0204, 0.9923),
        (27, 0.0226, 0.9923),
        (29, 0.0213, 0.9937),
        (41, 0.0171, 0.9945),
        (32, 0.0197, 0.9936),
        (48, 0.0207, 0.9927),
        (15, 0.0250, 0.9913),
        (31, 0.0222, 0.9917),
        (41, 0.0203, 0.9927),
        (44, 0.0194, 0.9938),
    )
    return tuple(
        PublishedRun(seed=seed, accuracy=accuracy, loss=loss, epochs=best + PATIENCE, best_epoch=best)
        for seed, (best, loss, accuracy) in enumerate(runs)
    )


CNN_DEV = Entry(
    name="cnn-dev",
    title="As cnn-ref with more pooling and dropout, a falling rate, stopped early",
    build=lambda entry: NetworkModel(entry.name, cnn_dev_network(), cnn_dev_recipe()),
    published=Published.each(
        0.9929,
        _published_runs(),
        MLP_CNN_DOCUMENT,
    ),
    seeds=TEN_SEEDS,
    parameters=225_034,
    recipe=cnn_dev_recipe,
    selection_set=SplitFractions(0.8, 0.2),
    notes=(
        FIFTH_HELD_OUT,
        "For each run, the document gives the epoch whose weights were kept; five more epochs were run.",
    ),
)
