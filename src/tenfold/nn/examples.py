"""One small example or more of every layer and loss, for the gradient table and the tests."""

from __future__ import annotations

from tenfold.backend.arrays import Shape
from tenfold.nn.layer import Layer
from tenfold.nn.losses import Loss
from tenfold.nn.registry import LAYERS, LOSSES

CLASSES = 10


def layer_examples() -> dict[str, tuple[Layer, Shape]]:
    """Return name -> (layer, shape of one input without ``n``)."""
    return {_name(kind, label): x for kind, cls in LAYERS.items() for label, x in cls.examples().items()}


def loss_examples() -> dict[str, Loss]:
    """Return name -> loss."""
    return {_name(kind, label): x for kind, cls in LOSSES.items() for label, x in cls.examples().items()}


def examples() -> dict[str, tuple[Layer | Loss, Shape]]:
    """Return name -> (layer or loss, shape of one input without ``n``)."""
    return {**layer_examples(), **{name: (loss, (CLASSES,)) for name, loss in loss_examples().items()}}


def _name(kind: str, label: str) -> str:
    return f"{kind}, {label}" if label else kind
