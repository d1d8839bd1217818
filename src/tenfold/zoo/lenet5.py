"""The networks of the LeNet-5 document: one, two and three dense layers, and a modern LeNet-5.

The LeNet-5 has ReLU and max pooling instead of tanh and averages.

References
----------
Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86(11), 1998, section II.B.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam, PiecewiseConstant
from tenfold.train import Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published, PublishedRun, published_runs
from tenfold.zoo.references import CHOICE, LENET_DOCUMENT, PUBLISHED_SEEDS

EPOCHS = 20


def lenet_recipe() -> Recipe:
    """Return Adam with decoupled decay, 20 epochs, minibatches of 32 that double every 4 epochs up to 512.

    The sizes are listed, so that a longer run stays at 512.
    """
    return Recipe(
        epochs=EPOCHS,
        batch_size=PiecewiseConstant(boundaries=(4, 8, 12, 16), values=(32, 64, 128, 256, 512)),
        optimizer=Adam(1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01),
        loss=SoftmaxCrossEntropy(),
        short_batch="resample",
        choose="best_of_last(4)",
    )


def _two_versions(
    *versions: tuple[Sequence[float], Sequence[float]], timed: tuple[int, float, float]
) -> tuple[PublishedRun, ...]:
    """Return the runs of both versions of the document, five seeds each.

    Parameters
    ----------
    versions : (accuracies, losses)
        By seed, in the order of `PUBLISHED_SEEDS`.
    timed : (seed, train_seconds, predict_seconds)
        The one run whose times the second version gives.
    """
    seed, train, predict = timed
    runs = [
        run
        for series, (accuracies, losses) in enumerate(versions, start=1)
        for run in published_runs(PUBLISHED_SEEDS, accuracies, losses, epochs=EPOCHS, series=series)
    ]
    return tuple(
        replace(run, train_seconds=train, predict_seconds=predict)
        if (run.series, run.seed) == (2, seed)
        else run
        for run in runs
    )


def nn1l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc": Dense(784, 10),
        },
        input_shape=(28, 28, 1),
    )


def nn2l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc1": Dense(784, 300),
            "relu1": ReLU(),
            "fc2": Dense(300, 10),
        },
        input_shape=(28, 28, 1),
    )


def nn3l_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "flatten": Flatten(),
            "fc1": Dense(784, 300),
            "relu1": ReLU(),
            "fc2": Dense(300, 100),
            "relu2": ReLU(),
            "fc3": Dense(100, 10),
        },
        input_shape=(28, 28, 1),
    )


def lenet5_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "conv1": Conv2d(1, 6, 5, padding=2),  # (n, 28, 28, 6)
            "relu1": ReLU(),
            "pool1": MaxPool2d(2),  # (n, 14, 14, 6)
            "conv2": Conv2d(6, 16, 5),  # (n, 10, 10, 16)
            "relu2": ReLU(),
            "pool2": MaxPool2d(2),  # (n, 5, 5, 16)
            "flatten": Flatten(),  # (n, 400)
            "fc1": Dense(400, 120),
            "relu3": ReLU(),
            "fc2": Dense(120, 84),
            "relu4": ReLU(),
            "fc3": Dense(84, 10),
        },
        input_shape=(28, 28, 1),
    )


def _entry(
    name: str,
    title: str,
    network: Callable[[], Sequential],
    parameters: int,
    mean: float,
    runs: tuple[PublishedRun, ...],
    train_seconds: float,
    predict_seconds: float | None = None,
) -> Entry:
    return Entry(
        name=name,
        title=title,
        build=lambda entry: NetworkModel(entry.name, network(), lenet_recipe()),
        published=Published.each(
            mean, runs, LENET_DOCUMENT, train_seconds=train_seconds, predict_seconds=predict_seconds
        ),
        seeds=PUBLISHED_SEEDS,
        parameters=parameters,
        recipe=lenet_recipe,
        selection_set="test",
        notes=CHOICE,
    )


NN1L = _entry(
    "nn1l",
    "784-10 softmax",
    nn1l_network,
    7850,
    0.92787,
    _two_versions(
        (
            (0.9282, 0.9278, 0.9277, 0.9280, 0.9280),
            (0.26050183, 0.26073266, 0.26171102, 0.26155293, 0.26067474),
        ),
        (
            (0.9280, 0.9278, 0.9274, 0.9278, 0.9280),
            (0.26035239, 0.26056829, 0.26157103, 0.26140097, 0.26053311),
        ),
        timed=(501968, 13.156, 0.036),
    ),
    train_seconds=13.0,
)
NN2L = _entry(
    "nn2l",
    "784-300 ReLU-10",
    nn2l_network,
    238_510,
    0.98404,
    _two_versions(
        (
            (0.9846, 0.9845, 0.9841, 0.9830, 0.9840),
            (0.05692169, 0.05742506, 0.06108960, 0.06455030, 0.06027281),
        ),
        (
            (0.9845, 0.9841, 0.9841, 0.9834, 0.9841),
            (0.05881709, 0.05793530, 0.06146228, 0.06496046, 0.05998135),
        ),
        timed=(501968, 96.551, 0.082),
    ),
    train_seconds=97.0,
)
NN3L = _entry(
    "nn3l",
    "784-300 ReLU-100 ReLU-10",
    nn3l_network,
    266_610,
    0.98521,
    _two_versions(
        (
            (0.9846, 0.9855, 0.9859, 0.9854, 0.9852),
            (0.07399002, 0.06779772, 0.06571614, 0.07179799, 0.07115798),
        ),
        (
            (0.9847, 0.9845, 0.9851, 0.9850, 0.9862),
            (0.07306178, 0.07069950, 0.07051562, 0.07213257, 0.06784449),
        ),
        timed=(501968, 102.934, 0.122),
    ),
    train_seconds=103.0,
)
LENET5 = _entry(
    "lenet5",
    "Modern LeNet-5: two convolutions, three dense layers, ReLU, max pooling",
    lenet5_network,
    61_706,
    0.99268,
    _two_versions(
        (
            (0.9918, 0.9931, 0.9927, 0.9926, 0.9934),
            (0.03765677, 0.03259571, 0.03205660, 0.03206977, 0.02814923),
        ),
        (
            (0.9911, 0.9936, 0.9926, 0.9925, 0.9934),
            (0.04396292, 0.02748846, 0.03367966, 0.03508965, 0.03135264),
        ),
        timed=(924519, 4737.634, 18.365),
    ),
    train_seconds=4738.0,
    predict_seconds=18.4,
)
