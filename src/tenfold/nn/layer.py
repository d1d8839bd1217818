"""What every layer is: a forward pass that returns its own derivative."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeAlias

import numpy as np

from tenfold.backend.arrays import Array, Shape
from tenfold.errors import ConfigError
from tenfold.habits import keywords, no_attribute
from tenfold.nn.checks import check_array
from tenfold.nn.habits import LAYER_NAMES, LAYER_OPTIONS
from tenfold.nn.onnx_graph import OnnxGraph
from tenfold.registry import construct, snake_case

Gradients: TypeAlias = dict[str, Array]
Backward: TypeAlias = Callable[[Array], tuple[Array, Gradients]]
Examples: TypeAlias = "dict[str, tuple[Layer, Shape]]"


def no_parameters(layer: str) -> ConfigError:
    """Return the error for a pass of a layer without parameters."""
    return ConfigError(
        f"{layer}: expected parameters, got none yet; "
        "call layer.initialise(numpy.random.default_rng(0)) first"
    )


class NoParameters(dict[str, Array]):
    """The parameters of a layer that has none yet: whoever asks for one is told what to call."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self._layer = layer

    def __missing__(self, name: str) -> NoReturn:
        raise no_parameters(self._layer)


class Layer(ABC):
    """Base of every layer.

    A pass is a pair: ``y, backward = layer.forward(x)`` and then ``dx, grads = backward(dy)``.
    All that the derivative needs lives in the closure ``backward``; nothing is kept on the layer.

    Attributes
    ----------
    kind : str
        The name of the layer in configurations; a class without one gets its own name: ``SoftSign`` is
        ``"soft_sign"``.
    pointwise : bool
        Whether, at prediction, each output depends on the input in its own place alone.
    engine : tuple of str
        Which method of the compiled engine adds a layer of tenfold to its program, and what else the method
        takes (see ``backend/cpu/program.py``). Without it, and for your own layers other than `Elementwise`,
        the definition runs.
    kinks : tuple of float
        The inputs at which the derivative jumps.
    params : dict of str to array
        What is trained, by name; empty until `initialise`, or for ever in a layer without any.
    state : dict of str to array
        What is kept but not trained: the running statistics of batch normalisation.

    Examples
    --------
    Your own layer, here a learned gain for each channel:

    >>> import numpy as np
    >>> from tenfold.nn import Layer, gradcheck
    >>> class Gain(Layer):
    ...     kind = "gain"
    ...     def __init__(self, c):
    ...         super().__init__()
    ...         self.c = c
    ...     def param_shapes(self):
    ...         return {"gain": (self.c,)}
    ...     def initialise(self, rng, dtype=np.float32):
    ...         self.params = {"gain": np.ones(self.c, dtype)}
    ...     def forward(self, x, *, training=False, rng=None):
    ...         gain = self.params["gain"]                     # (c,)
    ...         def backward(dy):
    ...             return dy * gain, {"gain": (dy * x).sum(axis=0)}
    ...         return x * gain, backward
    >>> gradcheck(Gain(3), (3,), np.random.default_rng(0)) < 1e-6
    True
    """

    kind: ClassVar[str] = ""
    pointwise: ClassVar[bool] = False
    engine: ClassVar[tuple[str, ...]] = ()
    kinks: ClassVar[tuple[float, ...]] = ()

    @classmethod
    def examples(cls) -> Examples:
        """Return small layers of this kind by a label, each with the shape of an input without ``n``.

        The gradient table and the tests of the engine, the exporter and the array libraries take them.
        """
        return {}

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Give a class without a ``kind`` of its own one: that of its base names another class."""
        super().__init_subclass__(**keywords)
        if "kind" not in cls.__dict__:
            cls.kind = snake_case(cls.__name__)

    @keywords(LAYER_OPTIONS)
    def __init__(self) -> None:
        self.params: dict[str, Array] = NoParameters(type(self).__name__)
        self.state: dict[str, Array] = {}

    if not TYPE_CHECKING:  # a type checker knows what there is

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, LAYER_NAMES)

    def __call__(self, x: Array) -> Array:
        """Return the output for a minibatch as at prediction, as `infer` does, after a look at its shape.

        Raises
        ------
        ShapeError, DTypeError, ConfigError
            If the layer cannot take it, or has no parameters yet.
        """
        check_array(x)
        self.output_shape(tuple(x.shape[1:]))
        if self.params.keys() != self.param_shapes().keys():
            raise no_parameters(type(self).__name__)
        return self.infer(x)

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], layers: Iterable[type[Layer]] = ()) -> Layer:
        """Build a layer from what ``config()`` returned; ``layers`` are classes of your own among its parts.

        Raises
        ------
        ConfigError
            If an option is unknown, missing or out of range.
        """
        return construct("layer", cls.kind, config, {cls.kind: cls})

    def param_shapes(self) -> dict[str, Shape]:
        """Return the shape of every parameter, known before there are any values."""
        return {}

    def state_shapes(self) -> dict[str, Shape]:
        """Return the shape of every running statistic."""
        return {}

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one output from the shape of one input, both without ``n``.

        Raises
        ------
        ShapeError
            If the layer cannot take such an input.
        """
        return shape

    def initialise(self, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        """Fill ``params`` (drawn in their order) and ``state`` with new NumPy arrays."""
        self.params, self.state = {}, {}

    @abstractmethod
    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        """Return the output and the function that carries its gradient back.

        Parameters
        ----------
        x : array, shape (n, ...)
            A minibatch.
        training : bool
            Whether to behave as in training (dropout drops, batch normalisation uses the minibatch).
        rng : numpy.random.Generator, optional
            Where a layer with chance in it draws from.

        Returns
        -------
        y : array, shape (n, ...)
        backward : callable
            ``backward(dy) -> (dx, grads)`` with ``grads`` named as ``params``.
        """

    def infer(self, x: Array) -> Array:
        """Return the output alone, as at prediction."""
        return self.forward(x)[0]

    def gaps(self, x: Array) -> Array:
        """Return how far each number of x is from where the derivative jumps; tests keep away from there."""
        return np.min(abs(np.subtract.outer(x, self.kinks)), axis=-1, initial=np.inf)

    def least_images(self, shape: Shape) -> int:
        """Return how many images a minibatch must have in training, for one input of this shape."""
        return 1

    def flops(self, shape: Shape) -> int:
        """Return the arithmetic of one image's forward pass: two for each multiplication with addition."""
        return 0

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        """Append the nodes of an ONNX graph that compute the layer's output at prediction.

        The names of the nodes start with ``name`` and a dot.

        Raises
        ------
        ConfigError
            If the layer has no form in ONNX.
        """
        raise ConfigError(
            f"{name}: expected a layer with a form in ONNX, {type(self).__name__} has none; "
            "give its class a method add_onnx(graph, name), see docs/adding-a-layer.md"
        )

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.config().items())
        return f"{type(self).__name__}({arguments})"
