"""Names that an object or a unit does not have: the answer says what to write, or the nearest name."""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FrameType, ModuleType
from typing import NoReturn

from tenfold.errors import ConfigError
from tenfold.registry import similar


def each(table: Mapping[str, str]) -> dict[str, str]:
    """Return a text for each name of a table whose keys are several names, separated by blanks.

    Examples
    --------
    >>> each({"lr alpha": "write learning_rate=1e-3"})["alpha"]
    'write learning_rate=1e-3'
    """
    return {name: text for names, text in table.items() for name in names.split()}


def callable_unit(module: str, text: str) -> None:
    """Let a call of a unit, which has the name of a function elsewhere, say what to write.

    Parameters
    ----------
    module : str
        Its name; it must be imported.
    text : str
        What was expected, what came, and what to write.
    """

    class Unit(ModuleType):
        def __call__(self, *args: object, **options: object) -> NoReturn:
            raise ConfigError(f"{module}: {text}")

    sys.modules[module].__class__ = Unit


def no_attribute(
    owner: object, name: str, habits: Mapping[str, str], known: Iterable[str] = ()
) -> AttributeError:
    """Return the error for an attribute that an object does not have, with what to write instead.

    Examples
    --------
    >>> no_attribute([], "push", {"push": "write append(x)"})
    AttributeError("'list' object has no attribute 'push'; write append(x)")
    """
    return AttributeError(
        f"{type(owner).__name__!r} object has no attribute {name!r}{advice(name, habits, known)}"
    )


def module_names(module: str, known: Iterable[str], habits: Mapping[str, str]) -> Callable[[str], NoReturn]:
    """Return the ``__getattr__`` of a unit, for names that it does not have.

    Examples
    --------
    >>> module_names("tenfold.nn", ["Conv2d"], {})("Conv2D")
    Traceback (most recent call last):
    ...
    AttributeError: module 'tenfold.nn' has no attribute 'Conv2D'; did you mean 'Conv2d'?
    """
    names = tuple(known)

    def missing(name: str) -> NoReturn:
        raise missing_name(module, name, advice(name, habits, names), sys._getframe(1))

    return missing


def missing_name(module: str, name: str, said: str, asked: FrameType) -> AttributeError | ImportError:
    """Return the error for a name that a unit does not have.

    Python answers ``from unit import name`` with words of its own where it finds an AttributeError, and so
    the advice would be lost; an ImportError comes out as it is.

    Parameters
    ----------
    module, name : str
    said : str
        The advice, after its "; ".
    asked : frame
        Of the code that asks for the name.
    """
    asks = opcode.opname[asked.f_code.co_code[asked.f_lasti]]
    if asks == "IMPORT_FROM":
        return ImportError(f"cannot import name {name!r} from {module!r}{said}", name=module)
    return AttributeError(f"module {module!r} has no attribute {name!r}{said}")


class NotHere:
    """A name that a class does not have, though it has one in other libraries.

    Parameters
    ----------
    text : str
        What to write instead.

    Examples
    --------
    >>> class Run:
    ...     load = NotHere("write Run.open(folder)")
    >>> Run.load
    Traceback (most recent call last):
    ...
    AttributeError: type object 'Run' has no attribute 'load'; write Run.open(folder)
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: object, owner: type) -> NoReturn:
        raise AttributeError(f"type object {owner.__name__!r} has no attribute {self.name!r}; {self.text}")


def advice(name: str, habits: Mapping[str, str], known: Iterable[str]) -> str:
    """Return what to write instead of a name, or the nearest one that there is; empty if nothing is near."""
    if name in habits:
        return f"; {habits[name]}"
    if name.startswith("_"):  # Python and its libraries ask for these
        return ""
    lower = {one.lower(): one for one in known}
    near = similar(name.lower(), lower)
    return f"; did you mean {' or '.join(repr(lower[one]) for one in near)}?" if near else ""
