"""A layer or a loss of the user's own is run once before it is used, so that a mistake in it is named."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np

from tenfold.backend.arrays import Array, Shape, asarray_like
from tenfold.errors import ConfigError, ShapeError
from tenfold.nn.layer import Layer
from tenfold.nn.losses import Loss
from tenfold.nn.passes import backward_pair, called, forward_pair
from tenfold.nn.registry import LAYERS, LOSSES
from tenfold.nn.sequential import Sequential

_IMAGES = 2


def check_own_layers(network: Sequential, *, saved: bool = False) -> None:
    """Run each layer of the user's own once on a small minibatch of noise.

    Parameters
    ----------
    network : Sequential
        With values.
    saved : bool
        Whether the network is to be saved: then its layers must be able to be built again.

    Raises
    ------
    ConfigError, ShapeError
        With the layer, what it returned and what it should return.
    """
    shape = network.input_shape
    like = next(iter(network.params.values()), np.zeros(0, np.float32))
    for name, layer in network.layers.items():
        if type(layer) not in LAYERS.values():
            check_layer(f"{name} ({type(layer).__name__})", layer, shape, like)
            if saved:
                _check_config(f"{name} ({type(layer).__name__})", layer)
        shape = layer.output_shape(shape)


def check_layer(label: str, layer: Layer, shape: Shape, like: Array) -> None:
    """Run a copy of a layer forward and backward, and check what it returns.

    Parameters
    ----------
    label : str
        Names the layer in errors.
    layer : Layer
        With values.
    shape : tuple of int
        Of one input, without ``n``.
    like : array
        Its library and dtype are the input's.
    """
    layer = copy.deepcopy(layer)  # running statistics of the original do not change
    _check_values(label, layer)
    rng = np.random.default_rng(0)
    n = max(_IMAGES, layer.least_images(shape))
    x = asarray_like(rng.uniform(0.1, 1.0, (n, *shape)).astype(np.float32), like, dtype=like.dtype)
    with np.errstate(all="ignore"):
        given = called(label, "forward", lambda: layer.forward(x, training=True, rng=rng))
        y, backward = forward_pair(label, given)
        _check_shape(label, "forward", y, (n, *layer.output_shape(shape)), "define output_shape(self, shape)")
        _check_shape(
            label, "infer", called(label, "infer", lambda: layer.infer(x)), tuple(y.shape), "as forward"
        )
        dx, grads = backward_pair(label, called(label, "backward", lambda: backward(y)))
    _check_shape(label, "backward", dx, tuple(x.shape), "dx has the shape of x")
    if grads.keys() != layer.params.keys():
        raise ConfigError(
            f"{label}: expected gradients of {[*layer.params]}, got {[*grads]}; name them as the params"
        )
    for name, grad in grads.items():
        _check_shape(
            label, f"the gradient of {name}", grad, tuple(layer.params[name].shape), "as the parameter"
        )


def check_own_loss(loss: Loss, k: int, like: Array) -> None:
    """Run a loss of the user's own once, on two rows of ``k`` outputs.

    Raises
    ------
    ConfigError, ShapeError
        With what it returned and what it should return.
    """
    if type(loss) in LOSSES.values():
        return
    label = f"the loss {type(loss).__name__}"
    rng = np.random.default_rng(0)
    logits = asarray_like(rng.standard_normal((_IMAGES, k)).astype(np.float32), like, dtype=like.dtype)
    given = called(label, "forward", lambda: loss.forward(logits, np.array([0, k - 1])))
    value, backward = forward_pair(label, given)
    gradient: Any = backward  # of a loss, called without arguments
    _check_shape(label, "forward", value, (), "return the mean over the images")
    dlogits = called(label, "backward", gradient)
    _check_shape(label, "backward()", dlogits, (_IMAGES, k), "return the gradient of the outputs alone")


def _check_values(label: str, layer: Layer) -> None:
    """Check that ``initialise`` gave each parameter its shape."""
    shapes = layer.param_shapes()
    if layer.params.keys() != shapes.keys():
        raise ConfigError(
            f"{label}: expected initialise to fill params with {[*shapes]}, as param_shapes says, "
            f"got {[*layer.params]}; define both with the same names"
        )
    for name, shape in shapes.items():
        _check_shape(label, f"the parameter {name}", layer.params[name], tuple(shape), "as param_shapes says")


def _check_shape(label: str, what: str, array: Any, expected: Shape, advice: str) -> None:
    found = tuple(array.shape) if hasattr(array, "shape") else type(array).__name__
    if found != expected:
        raise ShapeError(f"{label}: {what}: expected the shape {expected}, got {found}; {advice}")


def _check_config(label: str, layer: Layer) -> None:
    """Check that ``config`` has every argument that the class needs."""
    given = layer.config()
    needed = [
        name
        for name, argument in inspect.signature(type(layer)).parameters.items()
        if argument.default is argument.empty
        and argument.kind in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY)
    ]
    if missing := [name for name in needed if name not in given]:
        shown = ", ".join(f"{name!r}: self.{name}" for name in missing)
        raise ConfigError(
            f"{label}: expected config() to return {', '.join(missing)}, which __init__ takes, got {given}: "
            f"a saved network could not be loaded; define config(self): return {{{shown}}}"
        )
