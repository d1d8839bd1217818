"""Registers are as wide as LLVM was told, whatever the processor could do."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.instruction_set import instruction_set
from tenfold.backend.cpu.lanewise import add
from tenfold.backend.cpu.vector import LANES, load, store

x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="other processors have one width"
)
# LLVM's name -> lanes
NAMES = {"x86-64": 4, "x86-64-v2": 4, "nehalem": 4, "sandybridge": 8, "x86-64-v3": 8, "x86-64-v4": 16}


def told(name: str, program: str, **variables: str) -> list[str]:
    """Run a program where LLVM is told to compile for another processor; return the words that it prints."""
    variables |= {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": ""}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@x86
@pytest.mark.fault(
    "compiled engine",
    "Numba is told to compile for an older processor",
    "registers have the width of that processor",
)
@pytest.mark.parametrize("name", NAMES)
def test_lanes_are_those_of_the_processor_that_is_named(name):
    assert told(name, "from tenfold.backend.cpu.vector import LANES; print(LANES)") == [str(NAMES[name])]


@x86
def test_this_process_uses_what_it_was_told():
    """What `make processors` stands on: its tests would prove nothing if this were of no effect."""
    name = os.environ.get("NUMBA_CPU_NAME")
    if name is None:
        pytest.skip("nothing was told: the engine uses all that the processor has")
    assert instruction_set().cpu == name
    assert LANES == NAMES[name]


@x86
def test_the_machine_code_has_such_registers():
    @kernel
    def double(address):
        store(add(load(address, LANES), load(address, LANES)), address, LANES)

    numbers = np.ones(LANES, np.float32)
    double(numbers.ctypes.data)
    assert (numbers == 2).all()
    (code,) = double.inspect_asm().values()
    assert ("zmm" in code, "ymm" in code or "zmm" in code) == (LANES == 16, LANES > 4)


@x86
@pytest.mark.fault(
    "compile cache", "it holds code for another instruction set", "that code is not used, compiled again"
)
def test_compiled_code_is_kept_for_each_instruction_set(tmp_path):
    """Processors of several kinds may share a home folder."""
    (tmp_path / "kept.py").write_text(
        "from tenfold.backend.cpu.compilation import entry\n\n@entry\ndef double(x):\n    return 2 * x\n"
    )
    os.utime(tmp_path / "kept.py", (0, 0))  # code of a file that was just written is not kept
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from kept import double; found = double(2); "
        "print(found, *(sum(x.values()) for x in (double.stats.cache_hits, double.stats.cache_misses)))"
    )
    runs = [told(name, program, TENFOLD_CACHE=str(tmp_path / "cache")) for name in ("x86-64-v2", "x86-64-v3")]
    again = told("x86-64-v2", program, TENFOLD_CACHE=str(tmp_path / "cache"))
    assert [*runs, again] == [["4", "0", "1"], ["4", "0", "1"], ["4", "1", "0"]]
