"""The layers and losses that a configuration can name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.backend.cpu.known import compiled
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
from tenfold.registry import construct

LAYERS: dict[str, type[Layer]] = {
    layer.kind: layer
    for layer in (
        Dense,
        Conv2d,
        PartialConv2d,
        MaxPool2d,
        AvgPool2d,
        Flatten,
        ReLU,
        LeakyReLU,
        Tanh,
        ScaledTanh,
        Sigmoid,
        Scale,
        Dropout,
        BatchNorm,
    )
}

LOSSES: dict[str, type[Loss]] = {
    loss.kind: loss for loss in (SoftmaxCrossEntropy, OpenSetCrossEntropy, MeanSquaredError)
}


def has_fast_path(layer: Layer) -> bool:
    """Return whether compiled code can compute a layer: not if its class is the user's own.

    Examples
    --------
    >>> has_fast_path(LeakyReLU(0.1)), has_fast_path(LeakyReLU(-0.1))
    (True, False)
    """
    return type(layer) is LAYERS.get(layer.kind) and compiled(layer)


def layer_from_config(kind: str, config: Mapping[str, Any]) -> Layer:
    """Build a layer from its kind and what its ``config()`` returned.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.

    Examples
    --------
    >>> layer_from_config("dropout", {"rate": 0.5})
    Dropout(rate=0.5)
    """
    return construct("layer", kind, config, LAYERS)


def loss_from_config(kind: str, config: Mapping[str, Any]) -> Loss:
    """Build a loss from its kind and what its ``config()`` returned.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown, missing or out of range.
    """
    return construct("loss", kind, config, LOSSES)
