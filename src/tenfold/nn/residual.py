"""The residual block."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from tenfold.backend.arrays import Array, Shape
from tenfold.errors import ConfigError, ShapeError
from tenfold.habits import constructor
from tenfold.nn.activations import Tanh
from tenfold.nn.conv import Conv2d
from tenfold.nn.habits import LAYER_OPTIONS
from tenfold.nn.layer import Backward, Examples, Gradients, Layer
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.nn.sequential import Sequential
from tenfold.registry import construct

T = TypeVar("T")


@constructor(LAYER_OPTIONS, example="Residual(Sequential([...], input_shape=...))")
class Residual(Layer):
    """``y = block(x) + x``, or ``block(x) + shortcut(x)`` where the block changes the shape.

    Derived in tutorial 5, "The other layers and losses".

    Parameters
    ----------
    block : Sequential
        Its output has the shape of its input, unless there is a shortcut.
    shortcut : Sequential, optional
        Takes the same input and gives the shape of the block's output, for instance a 1 x 1 convolution.

    Raises
    ------
    ConfigError
        If a part is no `Sequential`.
    ShapeError
        If the two shapes differ.

    References
    ----------
    K. He et al., "Deep Residual Learning for Image Recognition" (arXiv:1512.03385), section 3.2.

    Examples
    --------
    >>> from tenfold.nn import Conv2d, ReLU
    >>> layers = {"conv1": Conv2d(8, 8, 3, padding=1), "relu": ReLU(), "conv2": Conv2d(8, 8, 3, padding=1)}
    >>> residual = Residual(Sequential(layers, input_shape=(14, 14, 8)))
    >>> residual.output_shape((14, 14, 8))
    (14, 14, 8)
    >>> [*residual.param_shapes()]
    ['block.conv1.weight', 'block.conv1.bias', 'block.conv2.weight', 'block.conv2.bias']
    """

    kind: ClassVar[str] = "residual"
    engine: ClassVar[tuple[str, ...]] = ("residual",)

    def __init__(self, block: Sequential, shortcut: Sequential | None = None) -> None:
        for name, part in (("block", block), ("shortcut", shortcut)):
            if not isinstance(part, Sequential) and (part is not None or name == "block"):
                raise ConfigError(
                    f"{name}: expected a Sequential, got {type(part).__name__}; wrap the layers"
                )
        self.block, self.shortcut = block, shortcut
        if shortcut is not None and shortcut.input_shape != block.input_shape:
            raise ShapeError(
                f"expected a shortcut that takes {block.input_shape}, as the block, "
                f"got {shortcut.input_shape}; build both for one shape"
            )
        given = block.input_shape if shortcut is None else shortcut.output_shape
        if block.output_shape != given:
            raise ShapeError(
                f"expected a block that gives {given}, as the term added to it, got {block.output_shape}; "
                "give a shortcut that ends with that shape"
            )

    @classmethod
    def examples(cls) -> Examples:
        def block(c: int) -> Sequential:
            layers = {"conv1": Conv2d(2, c, 3, padding=1), "tanh": Tanh(), "conv2": Conv2d(c, c, 1)}
            return Sequential(layers, (6, 5, 2))

        shortcut = Sequential({"conv": Conv2d(2, 3, 1)}, (6, 5, 2))
        return {"": (cls(block(2)), (6, 5, 2)), "shortcut": (cls(block(3), shortcut), (6, 5, 2))}

    @property
    def parts(self) -> dict[str, Sequential]:
        """The block and, if there is one, the shortcut, by name."""
        return (
            {"block": self.block}
            if self.shortcut is None
            else {"block": self.block, "shortcut": self.shortcut}
        )

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of the parts, under the part's name, a dot and their own names."""
        return self._dotted({name: part.params for name, part in self.parts.items()})

    @params.setter
    def params(self, arrays: Mapping[str, Array]) -> None:
        for name, part in self.parts.items():
            part.assign(_of(name, arrays))

    @property
    def state(self) -> dict[str, Array]:
        """The running statistics of the parts."""
        return self._dotted({name: part.state for name, part in self.parts.items()})

    @state.setter
    def state(self, arrays: Mapping[str, Array]) -> None:
        for name, part in self.parts.items():
            part.assign(part.params, _of(name, arrays))

    @staticmethod
    def _dotted(of_parts: Mapping[str, Mapping[str, T]]) -> dict[str, T]:
        return {f"{name}.{own}": x for name, named in of_parts.items() for own, x in named.items()}

    def config(self) -> dict[str, Any]:
        return {name: part.config() for name, part in self.parts.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], layers: Iterable[type[Layer]] = ()) -> Residual:
        if isinstance(config, Mapping):
            config = {name: Sequential.from_config(part, layers) for name, part in config.items()}
        return construct("layer", cls.kind, config, {cls.kind: cls})

    def param_shapes(self) -> dict[str, Shape]:
        return self._dotted({name: part.param_shapes for name, part in self.parts.items()})

    def state_shapes(self) -> dict[str, Shape]:
        return self._dotted({name: part.state_shapes for name, part in self.parts.items()})

    def output_shape(self, shape: Shape) -> Shape:
        if shape != self.block.input_shape:
            raise ShapeError(
                f"expected an input of shape {self.block.input_shape}, got {shape}; "
                f"build the block for {shape}"
            )
        return self.block.output_shape

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        for part in self.parts.values():
            for layer in part.layers.values():  # as NumPy's arrays, as every layer does
                layer.initialise(rng, dtype)

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        passes = {name: part.forward(x, training=training, rng=rng) for name, part in self.parts.items()}
        y = sum((y for y, _ in passes.values()), start=x if self.shortcut is None else 0)

        def backward(dy: Array) -> tuple[Array, Gradients]:
            # y is a sum, so dy goes to each of its terms, and dx is the sum of what they give back
            back = {name: part_backward(dy) for name, (_, part_backward) in passes.items()}
            dx = sum((dx for dx, _ in back.values()), start=dy if self.shortcut is None else 0)
            return dx, self._dotted({name: grads for name, (_, grads) in back.items()})

        return y, backward

    def least_images(self, shape: Shape) -> int:
        return max(part.least_images for part in self.parts.values())

    def flops(self, shape: Shape) -> int:
        parts = [row.flops for part in self.parts.values() for row in part.rows()]
        return sum(parts) + math.prod(self.block.output_shape)

    def __repr__(self) -> str:
        return f"Residual({', '.join(f'{name}={part!r}' for name, part in self.parts.items())})"

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        x, shape, ends = graph.at, graph.shape, []
        for part_name, part in self.parts.items():
            graph.at, graph.shape = x, shape
            graph.add_layers(part.layers, f"{name}.{part_name}.")
            ends.append(graph.at)
        graph.shape = shape
        graph.add("Add", f"{name}.output", ends[0] if len(ends) > 1 else x)


def _of(part: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays of a part under their own names."""
    return {name.removeprefix(f"{part}."): x for name, x in arrays.items() if name.startswith(f"{part}.")}
