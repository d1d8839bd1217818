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


def no_attribute(owner: object, name: str, habits: Mapping[str, str]) -> AttributeError:
    """Return the error for an attribute that an object does not have, with what to write instead.

    Examples
    --------
    >>> no_attribute([], "push", {"push": "write append(x)"})
    AttributeError("'list' object has no attribute 'push'; write append(x)")
    """
    advice = f"; {habits[name]}" if name in habits else ""
    return AttributeError(f"{type(owner).__name__!r} object has no attribute {name!r}{advice}")
