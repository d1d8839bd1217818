"""Layers in a row: the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from tenfold.backend.arrays import Array, Shape, asarray_like, copied, dtype_name, is_finite, to_numpy
from tenfold.backend.devices import place
from tenfold.backend.memory_limit import check_memory
from tenfold.errors import ConfigError
from tenfold.habits import constructor, no_attribute
from tenfold.nn.arguments import count
from tenfold.nn.checks import check_dtype, check_library, check_shape
from tenfold.nn.habits import NETWORK_NAMES
from tenfold.nn.layer import Backward, Gradients, Layer
from tenfold.nn.layer_names import NamedLayers, named_layers
from tenfold.nn.layer_row import LayerRow, layers_cell, n_parameters
from tenfold.nn.layer_shapes import output_shapes
from tenfold.nn.loading import check_tensors
from tenfold.nn.passes import backward_pair, forward_pair
from tenfold.nn.registry import has_fast_path, layer_from_config
from tenfold.quoting import message, quoted

T = TypeVar("T")


@constructor(
    {
        **dict.fromkeys(("shape", "input_size", "batch_input_shape"), "write input_shape=(28, 28, 1)"),
        "name": "leave it out, or name the model: tenfold.Model(network, name='mine')",
    },
    example="Sequential([...], input_shape=(28, 28, 1))",
)
class Sequential:
    """A network of named layers, each fed by the one before.

    Parameters
    ----------
    layers : sequence of Layer, or mapping of str to Layer
        In the order of the forward pass. The names are the first part of the parameters' names; in a sequence
        each layer is named after its kind and counted from 1: ``conv2d_1``, ``relu_1``, ``conv2d_2``.
    input_shape : tuple of int
        The shape of one input, without ``n``.

    Raises
    ------
    ShapeError
        If a layer cannot take what the one before gives; the layer is named.
    ConfigError
        If there is no layer, or a name that cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.nn import Dense, Flatten, SoftmaxCrossEntropy
    >>> network = Sequential({"flatten": Flatten(), "fc": Dense(784, 10)}, input_shape=(28, 28, 1))
    >>> network.initialise(0)
    >>> images, labels = np.zeros((2, 28, 28, 1), np.float32), np.array([3, 8])
    >>> logits, backward = network.forward(images, training=True)
    >>> loss, loss_backward = SoftmaxCrossEntropy().forward(logits, labels)
    >>> dimages, grads = backward(loss_backward())
    >>> {name: grad.shape for name, grad in grads.items()}
    {'fc.weight': (784, 10), 'fc.bias': (10,)}
    >>> [*Sequential([Flatten(), Dense(784, 10)], input_shape=(28, 28, 1)).layers]
    ['flatten_1', 'dense_1']
    """

    _place: Array | None = None  # where `to` moved it

    def __init__(
        self,
        layers: Mapping[str, Layer] | Sequence[Layer],
        input_shape: Shape | None = None,
        *more: Layer,
    ) -> None:
        if more or isinstance(layers, Layer) or isinstance(input_shape, Layer):
            raise ConfigError(
                "Sequential: expected the layers in one list, got them one by one; "
                "write Sequential([...], input_shape=(28, 28, 1))"
            )
        self._layers = named_layers(layers)
        if input_shape is None:
            raise ConfigError(
                "Sequential: expected input_shape, the shape of one image, got none; "
                "write Sequential(layers, input_shape=(28, 28, 1)): height, width, channels"
            )
        if not isinstance(input_shape, Iterable):
            raise ConfigError(f"input_shape: expected sizes such as (28, 28, 1), got {quoted(input_shape)}")
        self.input_shape = tuple(count("input_shape", size) for size in input_shape)
        self.output_shape = output_shapes(self._layers, self.input_shape)[-1]

    if not TYPE_CHECKING:  # a type checker knows what there is

        def __getattr__(self, name: str) -> Any:
            layers = vars(self).get("_layers", {})
            own = {one: f"write network.layers[{one!r}]" for one in layers}
            raise no_attribute(self, name, {**NETWORK_NAMES, **own}, ("infer", "forward", "params", "layers"))

    def __call__(self, x: Array) -> Array:
        """Return the outputs as at prediction; see `infer`."""
        return self.infer(x)

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers.values())

    def __getitem__(self, which: str | int) -> Layer:
        """Return a layer by its name or its place."""
        return self.layers[which]

    def _dotted(self, named: Callable[[Layer], Mapping[str, T]]) -> dict[str, T]:
        """Return what every layer names, under the layer's name, a dot and its own name."""
        return {f"{at}.{name}": x for at, layer in self._layers.items() for name, x in named(layer).items()}

    @property
    def layers(self) -> NamedLayers:
        """The layers in order, by name or place (``layers["fc"]``, ``layers[-1]``); not to be changed."""
        return NamedLayers(self._layers)

    @property
    def params(self) -> dict[str, Array]:
        """The parameters by dotted name: the layers' own arrays."""
        return self._dotted(lambda layer: layer.params)

    @property
    def state(self) -> dict[str, Array]:
        """The running statistics by dotted name: the layers' own arrays."""
        return self._dotted(lambda layer: layer.state)

    @property
    def param_shapes(self) -> dict[str, Shape]:
        """The shape of every parameter by dotted name, known before there are any values."""
        return self._dotted(lambda layer: layer.param_shapes())

    @property
    def state_shapes(self) -> dict[str, Shape]:
        """The shape of every running statistic by dotted name."""
        return self._dotted(lambda layer: layer.state_shapes())

    @property
    def dtype(self) -> str | None:
        """The name of the parameters' dtype; None in a network without values, or without parameters."""
        return next(map(dtype_name, self.params.values()), None)

    @property
    def n_parameters(self) -> int:
        """How many numbers are trained."""
        return sum(map(n_parameters, self._layers.values()))

    @property
    def least_images(self) -> int:
        """How many images a minibatch must have in training: 2 where batch normalisation follows vectors."""
        shapes = [self.input_shape, *output_shapes(self._layers, self.input_shape)]
        return max(layer.least_images(s) for layer, s in zip(self._layers.values(), shapes, strict=False))

    def initialise(self, seed: int | np.random.Generator, dtype: Any = np.float32) -> None:
        """Fill every parameter, layer by layer, as arrays of ``dtype``.

        They replace those that there are, in the same library and on the same device. In a network without
        values they are NumPy's, unless `to` was called.
        """
        self._check_memory(np.dtype(dtype).itemsize)
        like = next(iter(self.params.values()), self._place)
        rng = np.random.default_rng(seed)  # hands a Generator through
        for layer in self._layers.values():
            layer.initialise(rng, dtype)
        if like is not None:
            self._move(like)

    def to(self, device: str | Array) -> Self:
        """Move parameters and running statistics to a device, and return the network.

        Parameters
        ----------
        device : str or array
            ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"auto"``, see `tenfold.backend.devices.place`; or any
            array, for its library and device. What is initialised later goes there too.

        Raises
        ------
        ConfigError
            If there is no such device.
        """
        self._place = place(device)
        self._move(self._place)
        return self

    def _move(self, like: Array) -> None:
        moved = [
            {name: asarray_like(to_numpy(array), like, copy=True) for name, array in named.items()}
            for named in (self.params, self.state)
        ]
        if moved[0]:
            self.assign(*moved)

    def _check_memory(self, bytes_each: int) -> None:
        """Refuse parameters for which there is no memory; the layer that has most of them is named."""
        name, largest = max(self._layers.items(), key=lambda item: n_parameters(item[1]))
        check_memory(
            f"{name} ({largest.kind}): the network has {self.n_parameters:,} parameters",
            bytes_each * self.n_parameters,
            "take fewer units or channels, or a smaller kernel",
        )

    def load(self, params: Mapping[str, Array], state: Mapping[str, Array] | None = None) -> None:
        """Take over parameters (and running statistics) from elsewhere, checked; all or nothing.

        The arrays are copied, so what happens to them afterwards does not reach the network.

        Raises
        ------
        CheckpointError, ShapeError, DTypeError, RangeError
            If names, shapes or dtypes are not the network's, or a number is not finite.
        """
        dtype = check_tensors("parameter", params, self.param_shapes, self.dtype)
        if state is not None:
            check_tensors("running statistic", state, self.state_shapes, dtype)
            state = {name: copied(array) for name, array in state.items()}
        elif self.state.keys() != self.state_shapes.keys():
            raise ConfigError("expected running statistics too, got parameters alone; load(params, state)")
        self.assign({name: copied(array) for name, array in params.items()}, state)

    def assign(self, params: Mapping[str, Array], state: Mapping[str, Array] | None = None) -> None:
        """Put arrays in the layers' places without a check: what a training step does with its results.

        The arrays themselves, not copies: what is written to them afterwards changes the network. See `load`.
        """
        for at, layer in self._layers.items():
            layer.params = {name: params[f"{at}.{name}"] for name in layer.param_shapes()}
            if state is not None:
                layer.state = {name: state[f"{at}.{name}"] for name in layer.state_shapes()}

    def forward(
        self, x: Array, *, training: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Backward]:
        """Return the outputs and the function that carries their gradient back.

        Parameters
        ----------
        x : array, shape (n,) + input_shape
            A minibatch of the parameters' dtype.
        training : bool
            Whether to behave as in training.
        rng : numpy.random.Generator, optional
            Where dropout draws from, layer by layer.

        Returns
        -------
        logits : array, shape (n,) + output_shape
        backward : callable
            ``backward(dlogits) -> (dx, grads)`` with ``grads`` by dotted name, in the order of ``params``.

        Raises
        ------
        ShapeError, DTypeError
            If the minibatch does not fit.
        ConfigError
            If the parameters have no values yet.
        """
        self._check(x)
        backwards: list[tuple[str, Backward]] = []
        for name, layer in self._layers.items():
            x, backward = forward_pair(name, layer.forward(x, training=training, rng=rng))
            backwards.append((name, backward))
        return x, _chain(backwards)

    def infer(self, x: Array) -> Array:
        """Return the outputs alone, shape (n,) + output_shape, as at prediction.

        Raises
        ------
        ShapeError, DTypeError, ConfigError
            As `forward`.
        """
        self._check(x)
        for layer in self._layers.values():
            x = layer.infer(x)
        return x

    def activations(self, x: Array) -> Iterator[tuple[str, Array]]:
        """Yield every layer's name and output at prediction, in order."""
        self._check(x)
        for name, layer in self._layers.items():
            x = layer.infer(x)
            yield name, x

    def first_non_finite(self, x: Array) -> str | None:
        """Return where NaN or infinity first appears on the way of ``x``; None if nowhere.

        Returns
        -------
        str or None
            "input", the dotted name of a parameter, or "output of NAME".
        """
        self._check(x)
        if not is_finite(x):
            return "input"
        for name, layer in self._layers.items():
            for what, array in (*layer.params.items(), *layer.state.items()):
                if not is_finite(array):
                    return f"{name}.{what}"
            with np.errstate(all="ignore"):  # what NumPy would warn of is what is looked for
                x = layer.infer(x)
            if not is_finite(x):
                return f"output of {name}"
        return None

    def _check(self, x: Array) -> None:
        for name, layer in self._layers.items():
            if layer.params.keys() != layer.param_shapes().keys():
                raise ConfigError(
                    f"{name} ({layer.kind}) has no parameters yet; call initialise(seed) or load(params)"
                )
        check_shape(x, self.input_shape)
        check_dtype(x, self.dtype)
        check_library(x, next(iter(self.params.values()), x))

    def rows(self) -> list[LayerRow]:
        """Return the network's table, one row for each layer."""
        rows, shape = [], self.input_shape
        for (name, layer), output_shape in zip(
            self._layers.items(), output_shapes(self._layers, self.input_shape), strict=True
        ):
            flops, fast = layer.flops(shape), has_fast_path(layer)
            rows.append(LayerRow(name, layer.kind, output_shape, n_parameters(layer), flops, fast))
            shape = output_shape
        return rows

    def _repr_html_(self) -> str:
        return layers_cell(self.rows())

    def config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build this network again, without its values, fit for JSON."""
        layers = [{"name": at, "kind": x.kind, "config": x.config()} for at, x in self._layers.items()]
        return {"input_shape": list(self.input_shape), "layers": layers}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], layers: Iterable[type[Layer]] = ()) -> Sequential:
        """Build a network from what `config` returned.

        Parameters
        ----------
        config : mapping
        layers : classes
            Your own layers in the network; built-in ones need not be given.

        Raises
        ------
        ConfigError, ShapeError
            If something in it is unknown, missing or does not fit.
        """
        try:
            input_shape = tuple(config["input_shape"])
            entries = [(entry["name"], entry["kind"], entry["config"]) for entry in config["layers"]]
            names = {name for name, _, _ in entries}
        except (KeyError, TypeError) as error:
            raise ConfigError(
                "expected input_shape, and layers with name, kind and config each, got something else "
                f"({message(error)}); write what config() returned"
            ) from error
        if len(names) < len(entries):
            given = ", ".join(str(name) for name, _, _ in entries)
            raise ConfigError(f"expected every layer name once, got {given}; rename one")
        layers = tuple(layers)
        built = {name: layer_from_config(kind, options, layers) for name, kind, options in entries}
        return cls(built, input_shape)

    def __repr__(self) -> str:
        layers = ", ".join(f"{name}={layer!r}" for name, layer in self._layers.items())
        return f"Sequential({layers}, input_shape={self.input_shape})"


def _chain(backwards: list[tuple[str, Backward]]) -> Callable[[Array], tuple[Array, Gradients]]:
    """Return the chain rule over the layers: the last one's derivative first."""

    def backward(dy: Array) -> tuple[Array, Gradients]:
        by_layer: list[Gradients] = []
        for name, layer_backward in reversed(backwards):
            dy, grads = backward_pair(name, layer_backward(dy))
            by_layer.append({f"{name}.{what}": grad for what, grad in grads.items()})
        return dy, {name: grad for grads in reversed(by_layer) for name, grad in grads.items()}

    return backward
