"""Compiled code is kept on disk, so that only the first start on a machine has to wait for it.

Numba notices a change in the file of a function, but not in the functions that it calls. Here the
key is the content of the whole engine: a new version never meets an old one's code. Numba keeps
compiled code in pickles, the one exception to "never pickle": they lie in a folder that only the
user can write to.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import binding
from numba import njit, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.ccallback import CFunc

from tenfold.folders import cache_folder


@cache
def source_hash(folder: Path) -> str:
    """A digest of a folder's source files."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def engine_hash() -> str:
    """A digest of the engine's source files."""
    return source_hash(Path(__file__).parent)


@cache
def folder() -> Path | None:
    """Where compiled code is kept, or None where there is no place for it that is ours alone."""
    path = cache_folder() / f"engine-{engine_hash()}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None  # code in somebody else's folder is not ours to run
        path.chmod(0o700)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError:
        return None


# What every function of the engine is compiled with. Division as NumPy does it, to infinity or NaN:
# a test for zero at every division would keep loops from being vectorised. No fast-math: a loss
# that turns NaN must be seen.
kernel = njit(nogil=True, error_model="numpy")


class _Locator(_CacheLocator):
    """Tells Numba where, and under which key."""

    def __init__(self, path: Path, line: int, sources: Path) -> None:
        self.path, self.line, self.sources = path, line, sources

    def get_cache_path(self) -> str:
        return str(self.path)

    def get_source_stamp(self) -> str:
        return engine_hash() + source_hash(self.sources)

    def get_disambiguator(self) -> str:
        return str(self.line)

    @classmethod
    def from_function(cls, function: Any, file: str) -> _Locator | None:
        path = folder()
        return None if path is None else cls(path, function.__code__.co_firstlineno, Path(file).parent)


class _Results(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012


class _Cache(FunctionCache):
    _impl_class = _Results


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep the result on disk where that can be done."""
    compiled = kernel(function)
    if folder() is not None:
        compiled._cache = _Cache(function)
    return compiled


def linked(function: Callable[..., Any]) -> Any:
    """Compile a function by itself, for the others to call by its name alone.

    Numba copies what a function calls into it, and optimises the copy, at every level of calls: most
    of the time that compiling takes. The arguments are addresses and counts (``int``) or ``float``,
    as annotated.
    """
    kinds = {"int": types.int64, "float": types.float64, "None": types.void}
    names = dict(function.__annotations__)
    result = kinds[names.pop("return")]
    signature = result(*[kinds[name] for name in names.values()])
    compiled: Any = CFunc(function, (signature.args, result), {}, {"error_model": "numpy"})
    if folder() is not None:
        compiled._cache = _Cache(function)
    compiled.compile()
    symbol = f"tenfold_{function.__name__}_{engine_hash()}"
    binding.add_symbol(symbol, compiled.address)
    _kept[symbol] = compiled
    return types.ExternalFunction(symbol, signature)


_kept: dict[str, Any] = {}  # compiled functions live as long as somebody holds them


def is_cached() -> bool:
    """Whether a start finds compiled training, the last to be compiled, so that nobody has to wait."""
    path = folder()
    return path is not None and any(path.glob("run.train-*.nbi"))
