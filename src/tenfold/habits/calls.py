"""Calls with wrong arguments: the answer is one line that says what to write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from types import MappingProxyType
from typing import Any, NoReturn, ParamSpec, TypeVar

from tenfold.errors import ConfigError
from tenfold.habits.names import no_attribute
from tenfold.registry import unknown

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_NONE: Mapping[str, str] = MappingProxyType({})
BY_PLACE = "*"
"""Stands among the habits for arguments that are too many, given by position."""
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def keywords(
    habits: Mapping[str, str] = _NONE, example: str = ""
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function whose callers may use the arguments of another library.

    Parameters
    ----------
    habits : mapping of str to str
        What to write instead of a keyword that the function does not have.
    example : str
        A call that works, for arguments that are missing or too many; by default one is made of the names of
        the parameters.

    Raises
    ------
    ConfigError
        If an argument is unknown, missing, given twice, or one too many: it says what to write.

    Examples
    --------
    >>> @keywords({"verbose": "write progress=True"})
    ... def fit(data, *, progress=None, epochs=1): ...
    >>> fit("mnist", verbose=1)
    Traceback (most recent call last):
    ...
    tenfold.errors.ConfigError: fit: unknown option 'verbose'; write progress=True
    >>> fit()
    Traceback (most recent call last):
    ...
    tenfold.errors.ConfigError: fit: expected data, got none; write fit(data)
    """

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except TypeError:  # most come from inside: only one of the call itself is put into other words
                try:
                    signature.bind(*args, **kwargs)
                except TypeError:
                    title = _title(function, checked, args)
                    error = _wrong_call(title, signature, args, kwargs, habits, example)
                else:
                    raise
            raise error

        return checked

    return decorated


def constructor(
    habits: Mapping[str, str] = _NONE, example: str = "", attributes: Mapping[str, str] | None = None
) -> Callable[[type[T]], type[T]]:
    """Decorate a class whose constructor may be given the arguments of another library; as `keywords`.

    Parameters
    ----------
    habits, example
        As for `keywords`.
    attributes : mapping of str to str, optional
        What to write instead of an attribute that its objects do not have.

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
        checked = keywords(habits, example)(cls.__init__)
        cls.__init__ = checked  # type: ignore[method-assign]
        if attributes is not None:
            known = {*dir(cls), *getattr(cls, "__dataclass_fields__", ())}

            def missing(self: object, name: str) -> NoReturn:
                raise no_attribute(self, name, attributes, known)

            cls.__getattr__ = missing  # type: ignore[attr-defined]
        return cls

    return decorated


def refusing(text: str) -> Callable[..., NoReturn]:
    """Return a special method, such as ``__call__``, for a class that has none and says what to write.

    Examples
    --------
    >>> class Model:
    ...     __call__ = refusing("expected a method, got a call of the model; write model.predict(images)")
    >>> Model()(3)
    Traceback (most recent call last):
    ...
    tenfold.errors.ConfigError: Model: expected a method, got a call of the model; write model.predict(images)
    """

    def refused(self: object, *args: object, **options: object) -> NoReturn:
        raise ConfigError(f"{type(self).__name__}: {text}")

    return refused


def _title(function: Callable[..., Any], checked: Callable[..., Any], args: Sequence[object]) -> str:
    """Return the name of a function, or of the class whose object is made."""
    if function.__name__ == "__init__" and args:
        cls = type(args[0])
        if cls.__init__ is checked:  # inherited ones too
            return cls.__name__
    if function.__name__ == "__call__":
        return type(args[0]).__name__
    return function.__qualname__.removesuffix(".__init__").rpartition(".")[2]


def _wrong_call(
    title: str,
    signature: inspect.Signature,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    habits: Mapping[str, str],
    example: str,
) -> ConfigError:
    """Return what is wrong with a call that does not fit a signature."""
    parameters = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    given = len(args) - (len(signature.parameters) - len(parameters))
    known = [one.name for one in parameters]
    for name in kwargs:
        if name in habits:
            return ConfigError(f"{title}: unknown option {name!r}; {habits[name]}")
    for name in kwargs:
        if name not in known:
            if not known:
                return ConfigError(f"{title}: expected no options, got {name!r}; write {title}()")
            return unknown(f"option of {title}:", name, known)
    by_place = [one.name for one in parameters if one.kind in _BY_PLACE]
    if given > len(by_place):
        named = [one for one in known if one not in by_place]
        advice = f"write {example}" if example else "leave out the others"
        if named:
            advice = f"write the others by name: {', '.join(f'{one}=...' for one in named[:4])}"
        if BY_PLACE in habits:
            advice = habits[BY_PLACE]
        return ConfigError(f"{title}: {_expected(by_place)}, got {given}; {advice}")
    twice = [name for name in by_place[:given] if name in kwargs]
    if twice:
        return ConfigError(
            f"{title}: expected {twice[0]} once, got it by position and by name; leave one out"
        )
    required = [one.name for one in parameters if one.default is one.empty and one.kind in _BY_PLACE]
    by_name = [one.name for one in parameters if one.default is one.empty and one.kind is one.KEYWORD_ONLY]
    missing = [one for one in required[given:] + by_name if one not in kwargs]
    call = example or f"{title}({', '.join(required + [f'{one}=...' for one in by_name])})"
    got = f"no {_listed(missing)}" if given or kwargs else "none"
    return ConfigError(f"{title}: expected {_listed(required + by_name)}, got {got}; write {call}")


def _expected(names: Sequence[str]) -> str:
    """Return how many arguments are taken by their place."""
    if not names:
        return "expected no positional arguments"
    more = "argument" if len(names) == 1 else "arguments"
    return f"expected at most {len(names)} positional {more} ({', '.join(names)})"


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
