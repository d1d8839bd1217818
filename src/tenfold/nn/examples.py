"""One small example or more of every layer and loss, for the gradient table."""

from __future__ import annotations

from tenfold.backend.arrays import Shape
from tenfold.nn.activations import LeakyReLU, ReLU, ScaledTanh, Sigmoid, Tanh
from tenfold.nn.batch_norm import BatchNorm
from tenfold.nn.conv import Conv2d
from tenfold.nn.dense import Dense
from tenfold.nn.dropout import Dropout
from tenfold.nn.flatten import Flatten
from tenfold.nn.layer import Layer
from tenfold.nn.losses import Loss, MeanSquaredError, OpenSetCrossEntropy, SoftmaxCrossEntropy
from tenfold.nn.partial_conv import PartialConv2d
from tenfold.nn.pool import AvgPool2d, MaxPool2d
from tenfold.nn.scale import Scale


def examples() -> dict[str, tuple[Layer | Loss, Shape]]:
    """Return name -> (layer or loss, shape of one input without ``n``)."""
    return {
        "dense": (Dense(7, 5), (7,)),
        "conv2d": (Conv2d(2, 3, 3), (6, 5, 2)),
        "conv2d, padding 2": (Conv2d(1, 2, 5, padding=2), (7, 7, 1)),
        "conv2d, padding same, even kernel": (Conv2d(2, 2, (2, 4), padding="same"), (5, 6, 2)),
        "conv2d, stride (2, 3)": (Conv2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0)), (8, 9, 2)),
        "partial_conv2d": (PartialConv2d(3, [[0, 1], [2], [0, 1, 2], [2, 0]], (3, 2)), (5, 4, 3)),
        "max_pool2d": (MaxPool2d(2), (6, 5, 3)),
        "max_pool2d, overlapping": (MaxPool2d(3, stride=2), (7, 8, 2)),
        "avg_pool2d": (AvgPool2d(2), (6, 5, 3)),
        "avg_pool2d, overlapping": (AvgPool2d((3, 2), stride=1), (5, 6, 2)),
        "flatten": (Flatten(), (3, 2, 4)),
        "relu": (ReLU(), (11,)),
        "leaky_relu": (LeakyReLU(0.1), (11,)),
        "tanh": (Tanh(), (11,)),
        "scaled_tanh": (ScaledTanh(), (11,)),
        "sigmoid": (Sigmoid(), (11,)),
        "dropout": (Dropout(0.4), (4, 3, 2)),
        "scale": (Scale(5), (5,)),
        "scale, images": (Scale(3), (4, 2, 3)),
        "batch_norm": (BatchNorm(5), (5,)),
        "batch_norm, images": (BatchNorm(3), (4, 2, 3)),
        "softmax_cross_entropy": (SoftmaxCrossEntropy(), (10,)),
        "softmax_cross_entropy, smoothed": (SoftmaxCrossEntropy(label_smoothing=0.1), (10,)),
        "open_set_cross_entropy": (OpenSetCrossEntropy(), (10,)),
        "mean_squared_error": (MeanSquaredError(), (10,)),
    }
