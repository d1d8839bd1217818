"""Run the engine's tests with narrower registers: AVX2 and SSE.

LLVM, NumPy and OpenBLAS are set to use no newer instructions. The engine's tests then print the registers
in use, and fail if these are not the requested ones. `make test` runs them with all instructions of the
processor.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from tenfold.backend.cpu.instruction_set import instruction_set

# instruction set -> float32 in one register, the level by LLVM's name, OpenBLAS's name
NARROWER = {"AVX2": (8, "x86-64-v3", "Haswell"), "SSE": (4, "x86-64-v2", "Nehalem")}


def environment(name: str) -> Mapping[str, str]:
    """Return the environment variables that limit compiled code, NumPy and OpenBLAS to an instruction set."""
    lanes, level, blas = NARROWER[name]
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # beyond NumPy's least
    newer = [feature for feature in found if lanes < 8 or "512" in feature or feature == "X86_V4"]
    return {
        "NUMBA_CPU_NAME": level,
        "NUMBA_CPU_FEATURES": "",  # none but the level's own
        "NPY_DISABLE_CPU_FEATURES": " ".join(newer),
        "OPENBLAS_CORETYPE": blas,
    }


def main(arguments: Sequence[str]) -> int:
    """Run pytest with the arguments once for each narrower instruction set; return whether one failed."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        print(f"nothing to do: {platform.machine()} has one width of registers")
        return 0
    own, failed = instruction_set(), 0
    for name, (lanes, level, _) in NARROWER.items():
        if lanes >= own.lanes:
            print(f"{name}: nothing to do, the processor ({own.cpu}) itself has {own.lanes} lanes")
            continue
        print(
            f"{name}: the processor ({own.cpu}) has {own.lanes} lanes, {lanes} are used ({level})", flush=True
        )
        command = [sys.executable, "-m", "pytest", *arguments]
        failed |= subprocess.run(command, env={**os.environ, **environment(name)}).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
