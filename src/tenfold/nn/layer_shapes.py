"""The shapes between the layers of a network."""

from __future__ import annotations

from collections.abc import Mapping

from tenfold.backend.arrays import Shape
from tenfold.errors import ShapeError
from tenfold.nn.elementwise import Elementwise
from tenfold.nn.layer import Layer
from tenfold.nn.registry import LAYERS


def output_shapes(layers: Mapping[str, Layer], input_shape: Shape) -> list[Shape]:
    """Return the output shape of every layer, without ``n``.

    Raises
    ------
    ShapeError
        If a layer cannot take the output of the layer before it; the layer is named.
    """
    shapes = [input_shape]
    for name, layer in layers.items():
        try:
            shapes.append(layer.output_shape(shapes[-1]))
        except ShapeError as error:
            raise ShapeError(f"{name} ({layer.kind}): {error}{_hint(name, layers)}") from error
    return shapes[1:]


def _hint(name: str, layers: Mapping[str, Layer]) -> str:
    """Return what may be forgotten in a user's own layer before the one that is named."""
    names = [*layers]
    for before in names[: names.index(name)]:
        cls = type(layers[before])
        own = LAYERS.get(cls.kind) is not cls and not issubclass(cls, Elementwise)
        if own and cls.output_shape is Layer.output_shape:
            return f"; if {before} ({cls.__name__}) changes the shape, define its output_shape"
    return ""
