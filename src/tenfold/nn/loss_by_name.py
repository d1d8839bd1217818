"""Losses as users give them: by name, as a class, as an object; checked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tenfold.errors import ConfigError
from tenfold.nn.losses import Loss
from tenfold.nn.registry import LOSSES
from tenfold.quoting import message, quoted
from tenfold.registry import unknown

LossLike: TypeAlias = str | type[Loss] | Loss
"""``"cross_entropy"``, `SoftmaxCrossEntropy`, or ``SoftmaxCrossEntropy(label_smoothing=0.1)``."""

SHORT: Mapping[str, str] = {"cross_entropy": "softmax_cross_entropy", "mse": "mean_squared_error"}
"""Short names of losses."""

_HABITS = {
    name: "write loss='cross_entropy', which takes labels as whole numbers"
    for name in ("crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "nll")
}


def as_loss(given: LossLike) -> Loss:
    """Return the loss that a name, a class or an object stands for.

    Parameters
    ----------
    given : str, class or Loss
        ``"cross_entropy"``, ``"mse"`` or a loss's ``kind``; a class, of tenfold or your own; or an object.

    Raises
    ------
    ConfigError
        If there is no such loss, or an object is not a `Loss`.

    Examples
    --------
    >>> as_loss("cross_entropy")
    SoftmaxCrossEntropy(label_smoothing=0.0)
    """
    if isinstance(given, str):
        return _named(given)()
    if isinstance(given, type) and issubclass(given, Loss):
        make: Callable[..., Any] = given
        try:
            built = make()
        except TypeError as error:
            raise ConfigError(
                f"loss: expected a class that is built as {given.__name__}(), got {message(error)}; "
                f"give an object: loss={given.__name__}(...)"
            ) from error
        return as_loss(built)
    if not isinstance(given, Loss):
        raise ConfigError(
            f"loss: expected a name ({', '.join((*SHORT, *LOSSES))}) or an object of a class derived from "
            f'tenfold.nn.Loss, got {quoted(given)}; see docs/python.md, "Your own loss"'
        )
    return given


def _named(name: str) -> type[Loss]:
    known = SHORT.get(name.lower(), name.lower())
    if known in LOSSES:
        return LOSSES[known]
    if known in _HABITS:
        raise ConfigError(f"unknown loss {quoted(name)}; {_HABITS[known]}")
    raise unknown("loss", name, (*SHORT, *LOSSES))
