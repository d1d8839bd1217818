"""A network for images and classes other than those it was written for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from tenfold.errors import ConfigError, ShapeError
from tenfold.nn import Layer, Residual, Sequential
from tenfold.nn.registry import layer_from_config

Shape: TypeAlias = tuple[int, ...]


def adapted(network: Sequential, classes: int, input_shape: Shape) -> Sequential:
    """Return the network's layers for other images and classes, without values; itself if it fits.

    Layers take the channels, or numbers, that the layer before gives. A dense layer with one output for
    each class gets one for each of the new classes; all other sizes stay.

    Parameters
    ----------
    network : Sequential
        It ends with one output for each class.
    classes : int
    input_shape : (h, w, c)

    Raises
    ------
    ShapeError
        If the images are too small for the kernels; the smallest size is named.
    ConfigError
        If the network has another end.

    Examples
    --------
    >>> from tenfold.nn import Conv2d, Dense, Flatten
    >>> layers = {"conv": Conv2d(1, 4, 5), "flatten": Flatten(), "fc": Dense(2304, 10)}
    >>> adapted(Sequential(layers, (28, 28, 1)), 26, (20, 24, 3)).param_shapes["fc.weight"]
    (1280, 26)
    """
    if (network.output_shape, network.input_shape) == ((classes,), tuple(input_shape)):
        return network
    ends = _ends(network)
    try:
        return Sequential(_layers(network.layers, input_shape, dict.fromkeys(ends, classes)), input_shape)
    except ShapeError as error:
        raise _does_not_fit(network, input_shape, error) from error


def following(
    config: Mapping[str, Any], changes: Mapping[str, Any], own: Iterable[type[Layer]] = ()
) -> Mapping[str, Any]:
    """Return a network's configuration in which layers take the new width of a layer before them.

    Parameters
    ----------
    config : mapping
        Of a network, with the changes.
    changes : mapping
        Options by the names of layers. From the first ``c_out`` on, each layer follows whose own ``c_in`` or
        ``c`` is not among them.
    own : classes
        The user's layers.

    Raises
    ------
    ConfigError, ShapeError
        If a layer cannot be built, or cannot take what the one before gives.
    """
    given = {name: options for name, options in changes.items() if isinstance(options, Mapping)}
    shape, follows, layers = tuple(config["input_shape"]), False, []
    for one in config["layers"] if any("c_out" in options for options in given.values()) else ():
        name, options = one["name"], given.get(one["name"], {})
        layer = layer_from_config(one["kind"], one["config"], own)
        if follows and not {"c_in", "c"} & options.keys():
            layer = _layers({name: layer}, shape, {})[name]
            one = {**one, "config": layer.config()}
        try:
            shape = layer.output_shape(shape)
        except ShapeError as error:
            raise ShapeError(f"{name} ({layer.kind}): {error}") from error
        follows = follows or "c_out" in options
        layers.append(one)
    return {**config, "layers": layers} if layers else config


def _ends(network: Sequential) -> list[str]:
    """Return the names of the dense layers with one output for each class; the last one is among them."""
    k = network.output_shape[-1]
    dense = {name: layer.config()["c_out"] for name, layer in network.layers.items() if layer.kind == "dense"}
    if len(network.output_shape) != 1 or not dense or [*dense.values()][-1] != k:
        raise ConfigError(
            "expected a last dense layer with one output for each class, to give it other classes, got none; "
            "build the network for these data"
        )
    return [name for name, c_out in dense.items() if c_out == k]


def _layers(layers: Mapping[str, Layer], shape: Shape, c_out: Mapping[str, int]) -> dict[str, Layer]:
    """Return new layers, each for the shape that the one before gives."""
    found: dict[str, Layer] = {}
    for name, layer in layers.items():
        try:
            found[name] = _layer(layer, shape, c_out.get(name))
            shape = found[name].output_shape(shape)
        except ShapeError as error:
            raise ShapeError(f"{name} ({layer.kind}): {error}") from error
    return found


def _layer(layer: Layer, shape: Shape, c_out: int | None) -> Layer:
    if isinstance(layer, Residual):
        return Residual(
            **{name: Sequential(_layers(x.layers, shape, {}), shape) for name, x in layer.parts.items()}
        )
    options = layer.config()
    options |= {name: shape[-1] for name in ("c_in", "c") if name in options}
    return type(layer).from_config(options if c_out is None else options | {"c_out": c_out})


def _does_not_fit(network: Sequential, shape: Shape, error: ShapeError) -> ShapeError:
    """Return the error for images that the layers cannot take, with the smallest square that they can."""
    size = " x ".join(map(str, shape[:2]))
    for side in range(min(shape[:2]) + 1, max(network.input_shape[:2]) + 1):
        try:
            _layers(network.layers, (side, side, *shape[2:]), {})
        except ShapeError:
            continue
        return ShapeError(
            f"expected images of at least {side} x {side}, got {size}; enlarge them, or use a network with "
            "smaller kernels"
        )
    return ShapeError(f"expected layers that take images of {size}, got others: {error}")
