"""Is a derivative right? It is compared with the slope measured by two forward passes."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from tenfold.backend.arrays import Shape
from tenfold.errors import ConfigError
from tenfold.habits import keywords
from tenfold.nn import examples
from tenfold.nn.layer import Layer
from tenfold.nn.losses import Loss
from tenfold.nn.own_parts import check_layer, check_own_layers, check_own_loss
from tenfold.nn.registry import LAYERS
from tenfold.nn.sequential import Sequential
from tenfold.quoting import quoted

Float64: TypeAlias = npt.NDArray[np.float64]

TOLERANCE = 1e-6
"""A relative error above this means that the derivative is wrong."""

STEP = 3e-6
"""Between the error of rounding, which grows as the step shrinks, and that of the third derivative."""

MINIBATCH = 3


class GradientRow(NamedTuple):
    """The relative error of the derivative of a layer or loss (``name``) with respect to ``what``."""

    name: str
    what: str
    error: float

    @property
    def ok(self) -> bool:
        """Whether the derivative is right; NaN is not."""
        return self.error < TOLERANCE


@keywords(example="gradcheck(Dense(3, 2), (3,), numpy.random.default_rng(0))")
def gradcheck(subject: Layer | Sequential | Loss, shape: Shape, rng: np.random.Generator) -> float:
    """Return the largest relative error of a layer's, network's or loss's derivatives.

    The derivatives are taken in float64 with respect to the input and every parameter, each in a random
    direction v: ``sum(grad * v)`` against ``(f(a + step v) - f(a - step v)) / (2 step)``. The error is
    relative to the size of the slope, or to that of the gradient, if this is larger. The subject itself stays
    as it is.

    Parameters
    ----------
    subject : Layer, Sequential or Loss
        Of tenfold or your own. Parameters without values are initialised first, in a copy.
    shape : tuple of int
        The shape of one input without ``n``; for a loss, (k,).
    rng : numpy.random.Generator
        For the input, the directions and dropout.

    Returns
    -------
    float
        Below 1e-6 if the derivatives are right.

    Examples
    --------
    >>> from tenfold.nn import Conv2d
    >>> gradcheck(Conv2d(1, 6, 5), (9, 9, 1), np.random.default_rng(0)) < 1e-6
    True
    """
    if not isinstance(subject, (Layer, Sequential, Loss)):
        raise ConfigError(
            f"gradcheck: expected a layer, a network or a loss, got {quoted(subject)}; write Dense(3, 2)"
        )
    if not isinstance(shape, Sequence):
        raise ConfigError(
            f"gradcheck: expected the shape of one input, got {quoted(shape)}; write ({shape},)"
        )
    if not isinstance(rng, np.random.Generator):
        raise ConfigError(
            f"gradcheck: expected a random generator, got {quoted(rng)}; write numpy.random.default_rng(0)"
        )
    return reduce(_larger, (error for _, error in gradient_errors(subject, shape, rng)))


def gradient_errors(
    subject: Layer | Sequential | Loss, shape: Shape, rng: np.random.Generator
) -> Iterator[tuple[str, float]]:
    """Yield ("x" or the parameter's name, relative error) as `gradcheck`, outside training and in it."""
    if isinstance(subject, Loss):
        check_own_loss(subject, shape[-1], np.zeros(0))
        yield "x", _loss_error(subject, shape, rng)
        return
    _check_passes(subject, shape)
    for training in (False, True):
        yield from _layer_errors(subject, shape, rng, training)


def _check_passes(subject: Layer | Sequential, shape: Shape) -> None:
    """Check what the passes of a user's own layers return, in copies with values."""
    subject = copy.deepcopy(subject)
    if not subject.params:
        subject.initialise(np.random.default_rng(0), np.float64)
    if isinstance(subject, Sequential):
        check_own_layers(subject)
    elif type(subject) not in LAYERS.values():
        check_layer(type(subject).__name__, subject, shape, np.zeros(0))


def gradient_table(seed: int = 0) -> list[GradientRow]:
    """Return the gradient table: a row for each layer and loss, and each of its parameters.

    Examples
    --------
    >>> all(row.error < TOLERANCE for row in gradient_table())
    True
    """
    rows = []
    for name, (subject, shape) in examples.examples().items():
        worst: dict[str, float] = {}
        for what, error in gradient_errors(subject, shape, np.random.default_rng(seed)):
            worst[what] = _larger(worst.get(what, 0.0), error)
        rows += [GradientRow(name, what, error) for what, error in worst.items()]
    return rows


def spread(shape: Shape, rng: np.random.Generator) -> Float64:
    """Return numbers in random order from -2 to 2, evenly spaced and none of them 0.

    Then no step of the check crosses a bend of ReLU or changes which pixel of a window is the largest.
    """
    size = math.prod(shape)
    return ((rng.permutation(size) + 0.75) / size * 4 - 2).reshape(shape)


def _layer_errors(
    subject: Layer | Sequential, shape: Shape, rng: np.random.Generator, training: bool
) -> Iterator[tuple[str, float]]:
    subject = _in_float64(subject, rng)
    state = {name: array.copy() for name, array in subject.state.items()}
    chances = int(rng.integers(2**32))
    x = spread((MINIBATCH, *shape), rng)

    def forward() -> tuple[Float64, Callable[[Float64], tuple[Float64, dict[str, Float64]]]]:
        for name, array in subject.state.items():  # every pass starts from the same running statistics
            array[...] = state[name]
        return subject.forward(x, training=training, rng=np.random.default_rng(chances))

    y, backward = forward()
    dy = rng.standard_normal(y.shape)
    dx, grads = backward(dy)
    params = subject.params
    if grads.keys() != params.keys():
        raise ConfigError(f"expected gradients of {[*params]}, got {[*grads]}; name them as the params")
    for what, array, grad in [("x", x, dx), *((name, params[name], grads[name]) for name in params)]:
        yield what, _error(lambda: float(np.sum(forward()[0] * dy)), array, grad, rng)


def _loss_error(loss: Loss, shape: Shape, rng: np.random.Generator) -> float:
    logits = spread((MINIBATCH, *shape), rng)
    labels = rng.integers(shape[-1], size=MINIBATCH)
    _, backward = loss.forward(logits, labels)
    return _error(lambda: float(loss.forward(logits, labels)[0]), logits, backward(), rng)


def _error(f: Callable[[], float], array: Float64, grad: Float64, rng: np.random.Generator) -> float:
    """Return the relative error of ``grad``, the gradient of ``f()`` with respect to ``array``."""
    if grad.shape != array.shape:
        return math.inf
    v = rng.standard_normal(array.shape)
    here, slopes = array.copy(), []
    for sign in (1, -1):
        array[...] = here + sign * STEP * v
        slopes.append(sign * f() / (2 * STEP))
    array[...] = here
    measured, derived = sum(slopes), float(np.sum(grad * v))
    size = max(abs(measured), float(np.linalg.norm(grad)), 1e-3)  # below 1e-3 one would compare rounding
    return abs(derived - measured) / size


def _in_float64(subject: Layer | Sequential, rng: np.random.Generator) -> Any:
    """Return a copy with values in float64, moved a little off the special ones they start from."""
    subject = copy.deepcopy(subject)
    if not subject.params:
        subject.initialise(rng, np.float64)
    for layer in subject.layers.values() if isinstance(subject, Sequential) else [subject]:
        layer.params = {k: a + 0.1 * rng.standard_normal(a.shape) for k, a in layer.params.items()}
        layer.state = {k: a + 0.1 * rng.random(a.shape) for k, a in layer.state.items()}
    return subject


def _larger(a: float, b: float) -> float:
    """Return the larger number, and NaN if either is NaN: an error that must not get lost."""
    return b if math.isnan(b) or b > a else a
