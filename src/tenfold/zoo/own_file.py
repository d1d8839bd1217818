"""A Python file of the user's own that is named on the command line: its code is run, its classes collected.

Nothing else runs a file: a run's folder says which file it came from, and that is only for messages.
"""

from __future__ import annotations

import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tenfold.errors import ConfigError, TenfoldError
from tenfold.files import read_bounded
from tenfold.nn.registry import is_layer, is_loss
from tenfold.optim.from_config import is_optimizer, is_schedule
from tenfold.quoting import message

BUILD = "build"
"""The function that builds the network, unless another is named."""
OPTION = "--network"
MAX_BYTES = 2**20
_MODULE = "_own_file_"
_NAMED = re.compile(r"(?P<path>.+\.py)(:(?P<function>[^:/\\]*))?")


@dataclass(frozen=True)
class OwnFile:
    """A file whose code has been run.

    Attributes
    ----------
    path : Path
    function : str
        The function that builds the network.
    sha256 : str
        Of the file's content.
    module : module
    classes : tuple of classes
        The user's own layers, losses, optimisers and schedules in it, also those that it imports.
    """

    path: Path
    function: str
    sha256: str
    module: ModuleType
    classes: tuple[type[Any], ...]

    @property
    def named(self) -> str:
        """As on the command line."""
        return str(self.path) if self.function == BUILD else f"{self.path}:{self.function}"

    @property
    def model_name(self) -> str:
        """The name of a network that has no other."""
        return self.path.stem if self.function == BUILD else f"{self.path.stem}-{self.function}"

    def builder(self) -> Callable[..., Any]:
        """Return the function that builds the network.

        Raises
        ------
        ConfigError
            If the file has no such function.
        """
        found = getattr(self.module, self.function, None)
        if not callable(found):
            own = [name for name, x in vars(self.module).items() if _is_function_of(self.module, x)]
            advice = f"name another: {OPTION} {self.path}:{own[-1]}" if own else "write one"
            raise ConfigError(
                f"{self.path}: expected a function {self.function} that returns a network, found none; "
                f"{advice}"
            )
        return found  # type: ignore[no-any-return]


def is_file_name(name: str) -> bool:
    """Return whether a text names a Python file, perhaps with a function.

    Examples
    --------
    >>> is_file_name("net.py"), is_file_name("net.py:build"), is_file_name("lenet5")
    (True, True, False)
    """
    return _NAMED.fullmatch(name) is not None


def read_own_file(named: str) -> OwnFile:
    """Run a Python file, and return it.

    Parameters
    ----------
    named : str
        ``"net.py"``, or ``"net.py:function"``. What the file prints goes to stderr. Files in the same folder
        can be imported by it.

    Raises
    ------
    ConfigError
        If it cannot be read or raises an error.
    """
    match = _NAMED.fullmatch(named)
    if match is None or match["function"] == "":
        raise ConfigError(f"{OPTION}: expected FILE.py or FILE.py:FUNCTION, got {named}; correct it")
    path = Path(match["path"])
    content = read_bounded(path, MAX_BYTES, ConfigError)
    module = _run(path, content)
    return OwnFile(path, match["function"] or BUILD, sha256(content).hexdigest(), module, _classes(module))


class _Loader(SourceFileLoader):
    """Compiles the bytes that were read, and not an older version that Python has kept."""

    def __init__(self, name: str, path: str, content: bytes) -> None:
        super().__init__(name, path)
        self._content = content

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self._content, self.path)
        return code


def _run(path: Path, content: bytes) -> ModuleType:
    name = f"{_MODULE}{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = spec_from_file_location(name, path, loader=_Loader(name, str(path), content))
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: expected a Python file, got something else; check the path")
    module = module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last: a file there does not take the place of an installed package
    sys.modules[name] = module  # dataclasses look for it
    with own_code(str(path)), redirect_stdout(sys.stderr):
        spec.loader.exec_module(module)
    return module


@contextmanager
def own_code(name: str) -> Iterator[None]:
    """In a ``with`` block that calls the user's code, errors become one line with the file and the line.

    Parameters
    ----------
    name : str
        What is named if the error is not in the file.

    Raises
    ------
    ConfigError
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{place_of(error) or name}: {_said(error)}; correct it (--debug shows more)"
        ) from error


def own_place(error: BaseException) -> str | None:
    """Return the line of the user's own file in which an error, or the one that it comes from, arose."""
    first: BaseException | None = error
    seen: list[BaseException] = []
    while isinstance(first, TenfoldError) and first not in seen:  # one may be its own cause
        seen.append(first)
        first = first.__cause__
    return None if first is None else place_of(first)


def place_of(error: BaseException) -> str | None:
    """Return the file of the user's and the line in which an error arose; None if in none of them."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    own = [
        f"{frame.f_code.co_filename}, line {line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if str(frame.f_globals.get("__name__", "")).startswith(_MODULE)
    ]
    return own[-1] if own else None


def _said(error: BaseException) -> str:
    if isinstance(error, ConfigError):
        return message(error, most=500)
    text = error.msg if isinstance(error, SyntaxError) else message(error)
    kind = type(error).__name__
    return kind if text == kind else f"{kind}: {text}"


def _classes(module: ModuleType) -> tuple[type[Any], ...]:
    """Return the classes of a module that a configuration can name; not tenfold's, and no bases of others."""
    fits = (is_layer, is_loss, is_optimizer, is_schedule)
    return tuple(
        cls
        for cls in dict.fromkeys(x for x in vars(module).values() if isinstance(x, type))
        if any(fit(cls) for fit in fits)
        and isinstance(kind := getattr(cls, "kind", None), str)
        and kind
        and not inspect.isabstract(cls)
        and cls.__module__.partition(".")[0] != "tenfold"
    )


def _is_function_of(module: ModuleType, value: object) -> bool:
    return inspect.isfunction(value) and value.__module__ == module.__name__
