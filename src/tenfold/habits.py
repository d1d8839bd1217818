"""What users of other libraries type by habit, and what to write instead: words for error texts alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from tenfold.errors import ConfigError
from tenfold.registry import unknown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

COMMANDS = {
    "test": "write tenfold evaluate RUN",
    "fit": "write tenfold train NAME",
    "eval": "write tenfold evaluate RUN",
    "download": "write tenfold data --download",
    "list": "write tenfold models, or tenfold data",
}
"""What to write instead of a command that there is not."""
_TRAINED = "write --run RUN, or leave it out for the built-in network"
OPTIONS = {
    "-V": "write --version",
    "-v": "write --version, or --debug for the traceback of an error",
    "--model": _TRAINED,
    "--weights": _TRAINED,
    "--checkpoint": _TRAINED,
    "--optimizer": "write --set recipe.optimizer=sgd",
    "--optimiser": "write --set recipe.optimizer=sgd",
    "--loss": "write --set recipe.loss=mean_squared_error",
    "--learning-rate": "write --lr 0.001",
    "--momentum": "write --set recipe.optimizer.momentum=0.9",
    "--batch": "write --batch-size 64",
    "--weight-decay": "write --set recipe.optimizer.weight_decay=0.01",
    "--dataset": "write --data NAME|PATH",
    "--gpu": "write --device cuda",
    "--cuda": "write --device cuda",
    "--output": "write --out FOLDER",
    "--verbose": "leave it out: progress is shown; --quiet turns it off",
    "--csv": "write --format csv",
    "--latex": "write --format latex",
}
"""What to write instead of an option that there is not."""


def keywords(habits: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function whose callers may use the keywords of another library.

    Parameters
    ----------
    habits : mapping of str to str
        What to write instead of each such keyword.

    Raises
    ------
    ConfigError
        If a keyword is not the function's: it names what to write instead, or the nearest keyword.

    Examples
    --------
    >>> @keywords({"verbose": "write progress=True"})
    ... def fit(*, progress=None, epochs=1): ...
    >>> fit(verbose=1)
    Traceback (most recent call last):
    ...
    tenfold.errors.ConfigError: fit: unknown option 'verbose'; write progress=True
    """

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        known = [name for name in inspect.signature(function).parameters if name != "self"]
        title = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in kwargs:
                if name in habits:
                    raise ConfigError(f"{title}: unknown option {name!r}; {habits[name]}")
                if name not in known:
                    raise unknown(f"option of {title}:", name, known)
            return function(*args, **kwargs)

        return checked

    return decorated


def constructor(habits: Mapping[str, str]) -> Callable[[type[T]], type[T]]:
    """Decorate a class whose constructor may be given the keywords of another library; as `keywords`.

    Examples
    --------
    >>> @constructor({"p": "write rate=0.5"})
    ... class Dropout:
    ...     def __init__(self, rate): ...
    >>> Dropout(p=0.5)
    Traceback (most recent call last):
    ...
    tenfold.errors.ConfigError: Dropout: unknown option 'p'; write rate=0.5
    """

    def decorated(cls: type[T]) -> type[T]:
        checked = keywords(habits)(cls.__init__)
        cls.__init__ = checked  # type: ignore[method-assign]
        return cls

    return decorated


def no_attribute(owner: object, name: str, habits: Mapping[str, str]) -> AttributeError:
    """Return the error for an attribute that an object does not have, with what to write instead.

    Examples
    --------
    >>> no_attribute([], "push", {"push": "write append(x)"})
    AttributeError("'list' object has no attribute 'push'; write append(x)")
    """
    advice = f"; {habits[name]}" if name in habits else ""
    return AttributeError(f"{type(owner).__name__!r} object has no attribute {name!r}{advice}")
