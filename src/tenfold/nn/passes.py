"""What a layer's passes return, checked: the layer is named if it returns something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from tenfold.backend.arrays import Array
from tenfold.errors import ConfigError
from tenfold.nn.layer import Backward, Gradients
from tenfold.quoting import message


def forward_pair(label: str, given: Any) -> tuple[Array, Backward]:
    """Return what ``forward`` returned.

    Raises
    ------
    ConfigError
        If it is not an output and a function.
    """
    if isinstance(given, tuple) and len(given) == 2 and callable(given[1]):
        return cast("tuple[Array, Backward]", given)
    raise ConfigError(
        f"{label}: expected forward to return (y, backward), got {_shown(given)}; return y and the function "
        "backward(dy)"
    )


def backward_pair(label: str, given: Any) -> tuple[Array, Gradients]:
    """Return what ``backward`` returned.

    Raises
    ------
    ConfigError
        If it is not a gradient and a dict of gradients.
    """
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], Mapping):
        return cast("tuple[Array, Gradients]", given)
    raise ConfigError(
        f"{label}: expected backward(dy) to return (dx, grads), got {_shown(given)}; grads is a dict of the "
        "parameters' gradients by name: return dx, {} if there are none"
    )


def called(label: str, what: str, function: Callable[[], Any]) -> Any:
    """Return what a function of a user's own returns.

    Raises
    ------
    ConfigError
        If it raises; ``label`` says whose it is.
    """
    try:
        return function()
    except Exception as error:
        kind = type(error).__name__
        advice = f"correct it{_of_params(error)}"
        raise ConfigError(f"{label}: {what} failed: {kind}: {message(error)}; {advice}") from error


def _of_params(error: Exception) -> str:
    """Return what is to be done about a parameter that is not there."""
    if not isinstance(error, KeyError):
        return ""
    return "; param_shapes() names the parameters, initialise(rng, dtype) fills self.params"


def _shown(given: Any) -> str:
    """Return what was given, in a few words."""
    if isinstance(given, tuple):
        return f"({', '.join(type(one).__name__ for one in given)})"
    return "nothing" if given is None else type(given).__name__
