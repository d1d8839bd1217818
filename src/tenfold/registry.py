"""Registries: the only way from a name, in a file or on the command line, to a class.

A name may also stand for a class that the caller gives, or for one of an installed package.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from tenfold.errors import ConfigError
from tenfold.quoting import message, quoted

T = TypeVar("T")

_FIRST_WORD = re.compile(r"[A-Za-z]{4,}")
_MOST = 3  # names in a suggestion

PACKAGES = "tenfold.layers"
"""The entry points by which an installed package offers layers, losses, optimisers and schedules."""


def snake_case(name: str) -> str:
    """Return a class's name as the name of its kind.

    Examples
    --------
    >>> snake_case("SoftSign"), snake_case("GELU2"), snake_case("MyConv2d")
    ('soft_sign', 'gelu2', 'my_conv2d')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class UnknownNameError(ConfigError):
    """A name that no registry has.

    Attributes
    ----------
    what : str
        What the name was to stand for, such as ``"layer"``.
    name : object
    """

    def __init__(self, text: str, what: str, name: object) -> None:
        super().__init__(text)
        self.what, self.name = what, name


def unknown(what: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """Return the error for an unknown name; it suggests a similar one."""
    known = sorted(known)
    near = similar(str(name), known)
    advice = f"did you mean {_either(near)}?" if near else f"choose from {', '.join(known) or 'none'}"
    return UnknownNameError(f"unknown {what} {quoted(name)}; {advice}", what, name)


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the nearest of the known names, or up to three that begin with the same word.

    Examples
    --------
    >>> similar("lenet", ["lenet5", "nn2l"])
    ['lenet5']
    >>> similar("resnet50", ["lenet5", "resnet-cifar10", "resnet-fashion"])
    ['resnet-cifar10', 'resnet-fashion']
    """
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    word = _FIRST_WORD.match(name)
    same = [] if word is None else [one for one in known if one.lower().startswith(word[0].lower())]
    return same[:_MOST] if same and not set(near) & set(same) else near


def _either(names: list[str]) -> str:
    *others, last = map(repr, names)
    return f"{', '.join(others)} or {last}" if others else last


def extended(
    registry: Mapping[str, T], kind: object, own: Iterable[Any], fits: Callable[[Any], bool]
) -> Mapping[str, T]:
    """Return a registry with a user's own classes, and with the class that a package offers for ``kind``.

    Parameters
    ----------
    registry : mapping of str to class
        The built-in classes; no other class can take their names.
    kind : object
        The name that will be looked up. Only if no class has it are the installed packages asked.
    own : classes
        The user's own, of any sort.
    fits : callable
        Tells which of them belong here.
    """
    given = {cls.kind: cls for cls in own if fits(cls)}
    known = {**given, **registry}
    if isinstance(kind, str) and kind not in known:
        offered = next(filter(fits, installed(PACKAGES, kind)), None)
        return known if offered is None else {**known, kind: offered}
    return known


def own_classes(given: Iterable[Any]) -> tuple[Any, ...]:
    """Return the classes that a user gives as ``layers=[...]``.

    Raises
    ------
    ConfigError
        If it is a class alone, or names with classes.
    """
    if isinstance(given, Mapping):
        given, wrong = [*given.values()], "their names too"
    elif isinstance(given, Iterable) and not isinstance(given, (str, type)):
        classes = tuple(given)
        wrong = next((quoted(one) for one in classes if isinstance(one, str)), "")
        if not wrong:
            return classes
    else:
        given, wrong = [given], quoted(given)
    names = ", ".join(getattr(one, "__name__", "MyLayer") for one in given)
    raise ConfigError(f"layers: expected a list of classes, got {wrong}; write layers=[{names}]")


def installed(group: str, name: str) -> list[Any]:
    """Return what installed packages offer under a name in a group of entry points.

    Raises
    ------
    ConfigError
        If a package offers something that cannot be imported.
    """
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=group, name=name):
        try:
            found.append(point.load())
        except Exception as error:  # whatever the package raises
            raise ConfigError(
                f"{group} {name!r}: expected {point.value} to be importable, got "
                f"{type(error).__name__}: {message(error)}; repair or remove the package that offers it"
            ) from error
    return found


def lookup(what: str, name: object, registry: Mapping[str, T]) -> T:
    """Return ``registry[name]``.

    Raises
    ------
    ConfigError
        If there is no such name; the message suggests a similar one.
    """
    if not isinstance(name, str) or name not in registry:
        raise unknown(what, name, registry)
    return registry[name]


def construct(what: str, kind: object, config: Mapping[str, Any], registry: Mapping[str, type[T]]) -> T:
    """Construct the class that ``registry`` has for ``kind``, with the arguments in ``config``.

    Raises
    ------
    ConfigError
        If the kind or an argument is unknown, or a required argument is missing.
    """
    cls = lookup(what, kind, registry)
    if not isinstance(config, Mapping):
        raise ConfigError(f"{what} {kind!r}: expected options by name, got {quoted(config)}")
    parameters = inspect.signature(cls).parameters
    for key in config:
        if key not in parameters:
            raise unknown(f"option of {what} {kind!r}:", key, parameters)
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in config]
    if missing:
        raise ConfigError(f"{what} {kind!r} needs {', '.join(missing)}, found none; add it")
    return cls(**config)
