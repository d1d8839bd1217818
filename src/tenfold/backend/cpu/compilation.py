"""Compiled code is kept on disk, so that only the first start on a machine has to wait for it.

Numba keeps compiled code in an index and data files of pickles, which it trusts whatever became of them.
Here each function is one file with a checksum (`cache_file`), in a folder that only the user can write to
(`cache_folder`). Numba's own form of compiled code is a pickle, the one exception to "never pickle": it is
opened only after the checksum was compared.

Numba notices a change in the file of a function, but not in the functions that it calls. Here the key has
the content of the file and of all engine files that it imports (`sources`), and whatever else compiled code
depends on: the processor, the versions of what compiles, its settings. After an edit of one file, only
the code that depends on it is compiled again.

Numba tells functions of one definition apart, closures with other constants for instance, by a number in
their symbols, which counts from 1 in every process. Code from disk was numbered by another process: where
two have the same number, LLVM calls one of them for both, and nothing says so. Here each process counts
from a random number on.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import os
import pickle
import secrets
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from llvmlite import binding
from numba import njit, types
from numba.core import config
from numba.core.bytecode import FunctionIdentity
from numba.core.caching import NullCache
from numba.core.ccallback import CFunc
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target
from numba.core.serialize import dumps

from tenfold.backend.cpu import cache_file
from tenfold.backend.cpu.cache_file import SUFFIX
from tenfold.backend.cpu.cache_folder import folder
from tenfold.backend.cpu.sources import digest, edited
from tenfold.files import shown

# What every function of the engine is compiled with. Division as NumPy does it, to infinity or NaN:
# a test for zero at every division would keep loops from being vectorised. No fast-math: a loss
# that turns NaN must be seen.
kernel = njit(nogil=True, error_model="numpy")

# Of Numba's settings, those that change code; the last says whether it calls Intel's library of functions.
_SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DISABLE_INTEL_SVML", "USING_SVML")

_RANDOM = 1 << 61  # no process counts up to this from 1


def _number_functions_apart() -> None:
    """Let Numba number what this process compiles as no other process does."""
    FunctionIdentity._unique_ids = itertools.count(_RANDOM + secrets.randbits(61))


_number_functions_apart()
if hasattr(os, "register_at_fork"):  # a forked process would count on as its siblings do
    os.register_at_fork(after_in_child=_number_functions_apart)


@cache
def machine() -> str:
    """Digits that change with what compiled code depends on besides its source: machine and compiler."""
    facts = (
        cpu_target.target_context.codegen().magic_tuple(),  # system, processor, instructions in use
        binding.get_host_cpu_features().flatten(),  # which `vector` asks for the width of its registers
        binding.llvm_version_info,
        (sys.version, numba.__version__, llvmlite.__version__, np.__version__),
        [(name, repr(getattr(config, name, None))) for name in _SETTINGS],
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def version(source: Path) -> str:
    """Digits that change with all that the compiled code of a source file depends on."""
    return hashlib.sha256(f"{machine()} {digest(source)}".encode()).hexdigest()[:16]


class Cache(NullCache):
    """Where Numba looks for a function's compiled code before it compiles, and leaves it afterwards."""

    def __init__(self, function: Any, place: Path) -> None:
        source, code = Path(inspect.getfile(function)), function.__code__
        name = function.__qualname__.replace("<", "").replace(">", "")  # which Windows forbids
        cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
        self._source, self._place, self._label = source, place, f"{source.stem}.{name}-{version(source)}"
        self._facts: tuple[object, ...] = (
            (version(source), source.name, name, code.co_firstlineno),
            (code.co_code, dumps(cells)),
        )

    def _path_and_key(self, signature: Any) -> tuple[Path, bytes]:
        key = hashlib.sha256(repr((self._facts, str(signature))).encode()).digest()
        return cache_file.path_of(self._place, self._label, key), key

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for these types, or None."""
        target_context.refresh()
        if edited(self._source):
            return None
        path, key = self._path_and_key(sig)
        code = cache_file.read(path, key)
        if code is None:
            return None
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(code))
        except Exception as error:  # sound, and yet not what this Numba can load: whatever it raises
            fault = f"{shown(path)}: expected code that can be loaded, found {type(error).__name__}"
            cache_file.discard(path, fault)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for these types, unless it is not certain of which source it is."""
        of_this_process = (
            data.lifted
            or data.library.has_dynamic_globals  # it holds addresses
            or data.fndesc.uid < _RANDOM  # by a Numba that counts in another way
        )
        if not (of_this_process or edited(self._source)):
            cache_file.write(*self._path_and_key(sig), dumps(data._reduce()))


def _kept(function: Callable[..., Any], compiled: Any) -> Any:
    """Let a function be looked for on disk before it is compiled, where there is a place for it."""
    place = folder()
    if place is not None:
        compiled._cache = Cache(function, place)
    return compiled


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep the result on disk where that can be done."""
    return _kept(function, kernel(function))


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
    compiled = _kept(function, CFunc(function, (signature.args, result), {}, {"error_model": "numpy"}))
    compiled.compile()
    symbol = f"tenfold_{function.__name__}_{digest(Path(inspect.getfile(function)))}"
    binding.add_symbol(symbol, compiled.address)
    _linked[symbol] = compiled
    return types.ExternalFunction(symbol, signature)


_linked: dict[str, Any] = {}  # compiled functions live as long as somebody holds them


def is_cached(*names: str) -> bool:
    """Whether a start finds sound code of each of these functions or modules of the engine.

    Unless told otherwise, of training, which is the last to be compiled: nobody has to wait for it then.
    """
    place = folder()
    return place is not None and all(_is_kept(place, name) for name in names or ("run.train",))


def _is_kept(place: Path, name: str) -> bool:
    file, here = f"{name.partition('.')[0]}.py", Path(__file__).parent
    sources = [path for path in (here / file, here.parent / "drawing" / file) if path.is_file()]
    files = (kept for path in sources for kept in place.glob(f"{name}*-{version(path)}-*{SUFFIX}"))
    return any(cache_file.is_sound(path) for path in files)
