"""The first start on a machine: it is said, and the engine is compiled by two processes at once.

A function is compiled when its module is imported, one after the other. Here another process imports
some modules and leaves what it compiled on disk, while this one imports the others; what it comes to
later, it finds there.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from tenfold.backend.cpu.cache_folder import folder
from tenfold.backend.cpu.compilation import is_cached
from tenfold.backend.cpu.threads import available

if TYPE_CHECKING:
    from tenfold.backend.cpu.engine import Engine

log = logging.getLogger(__name__)

_PACKAGE = "tenfold.backend.cpu"
# Two halves of about the same work; neither needs what the other makes.
HERE = ("tile", "conv", "sparse", "dense", "grouped_conv")
BESIDE = ("winograd_tiles", "winograd_kernels", "batch_norm", "pool", "loss", "elementwise", "per_channel")


def engine() -> type[Engine]:
    """Return the engine's class, compiled."""
    if not is_cached(*HERE, *BESIDE):
        say_that_it_compiles()
        if folder() is not None and available() > 1:
            _compile_in_two()
    from tenfold.backend.cpu.engine import Engine

    return Engine


def compile_first(*functions: str) -> None:
    """Say, before it happens, that these functions of the engine will be compiled at their first call."""
    if not is_cached(*functions):
        say_that_it_compiles()


@cache
def say_that_it_compiles() -> None:
    """Log one line, once in a process."""
    log.warning("compiling the engine for this processor, once; it takes about 30 seconds")


def _compile_in_two() -> None:
    """Import the modules that take longest, half of them in another process.

    If that cannot be started, or fails, this one does its part later.
    """
    names = ", ".join(f"{_PACKAGE}.{name}" for name in BESIDE)
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    try:
        other = subprocess.Popen(
            [sys.executable, "-c", f"import {names}"],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        other = None
    try:
        for name in HERE:
            import_module(f"{_PACKAGE}.{name}")
        import_module(f"{_PACKAGE}.engine")
    finally:
        if other is not None:
            other.kill()  # what it has not finished by now is not needed any more
            other.wait()
