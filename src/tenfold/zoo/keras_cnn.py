"""The convolutional network of Keras' early MNIST example, as two documents trained it."""

from __future__ import annotations

from tenfold.nn import Conv2d, Dense, Dropout, Flatten, MaxPool2d, ReLU, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.train import Recipe
from tenfold.zoo.entry import Entry
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.published import Published, PublishedRun, published_runs
from tenfold.zoo.references import FIVE_SEEDS, KERAS_DOCUMENT, MLP_CNN_DOCUMENT, NO_CHOICE, TEN_SEEDS


def keras_cnn_network() -> Sequential:
    """Return the network: Glorot uniform weights, zero biases."""
    return Sequential(
        {
            "conv1": Conv2d(1, 32, 3),  # (n, 26, 26, 32)
            "relu1": ReLU(),
            "conv2": Conv2d(32, 64, 3),  # (n, 24, 24, 64)
            "relu2": ReLU(),
            "pool": MaxPool2d(2),  # (n, 12, 12, 64)
            "drop1": Dropout(0.25),
            "flatten": Flatten(),  # (n, 9216)
            "fc1": Dense(9216, 128),
            "relu3": ReLU(),
            "drop2": Dropout(0.5),
            "fc2": Dense(128, 10),
        },
        input_shape=(28, 28, 1),
    )


def cnn_ref_recipe() -> Recipe:
    """Return Adam for 5 epochs on minibatches of 32."""
    return _recipe(epochs=5, batch_size=32)


def keras_lenet_recipe() -> Recipe:
    """Return Adam for 15 epochs on minibatches of 128."""
    return _recipe(epochs=15, batch_size=128)


def _recipe(epochs: int, batch_size: int) -> Recipe:
    return Recipe(
        epochs=epochs,
        batch_size=batch_size,
        optimizer=Adam(1e-3, eps=1e-7),
        loss=SoftmaxCrossEntropy(),
        short_batch="keep",
    )


CNN_REF = Entry(
    name="cnn-ref",
    title="Two convolutions of 3x3, two dense layers, dropout; 5 epochs",
    build=lambda entry: NetworkModel(entry.name, keras_cnn_network(), cnn_ref_recipe()),
    published=Published.each(
        0.9907,
        published_runs(
            TEN_SEEDS,
            (0.9893, 0.9906, 0.9919, 0.9901, 0.9894, 0.9912, 0.9907, 0.9918, 0.9911, 0.9910),
            (0.0345, 0.0286, 0.0268, 0.0280, 0.0348, 0.0320, 0.0291, 0.0296, 0.0258, 0.0291),
            epochs=5,
        ),
        MLP_CNN_DOCUMENT,
    ),
    seeds=TEN_SEEDS,
    parameters=1_199_882,
    recipe=cnn_ref_recipe,
    notes=(NO_CHOICE,),
)

KERAS_LENET = Entry(
    name="keras-lenet",
    title="As cnn-ref; 15 epochs on minibatches of 128",
    build=lambda entry: NetworkModel(entry.name, keras_cnn_network(), keras_lenet_recipe()),
    published=Published.each(
        0.99235,
        (
            PublishedRun(accuracy=0.9923, loss=0.0301, epochs=15),
            PublishedRun(accuracy=0.9924, loss=0.0326, epochs=15),
        ),
        KERAS_DOCUMENT,
        train_seconds=95.0,
    ),
    seeds=FIVE_SEEDS,
    parameters=1_199_882,
    recipe=keras_lenet_recipe,
    watched=True,
    notes=(
        NO_CHOICE,
        "The document evaluated every epoch on the test images and reports the last one: no choice was made.",
        "The 99.45 % in the document's abstract is the share of the training images, in the last epoch.",
    ),
)
