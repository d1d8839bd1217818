"""Two ways to make inputs: guided by the code that they reach (atheris), or mutations of valid ones."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bounds import bounded
from target import Target

try:
    import atheris
except ImportError:
    atheris = None

LONGEST = 20_000  # bytes of an input
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")


@dataclass(frozen=True)
class Extent:
    """The limit: a number of seconds, or a number of inputs (always the same mutations)."""

    seconds: float
    inputs: int | None = None

    def goes_on(self, tried: int, began: float) -> bool:
        """Return whether the limit is not yet reached."""
        return time.monotonic() - began < self.seconds if self.inputs is None else tried < self.inputs


def with_mutations(name: str, target: Target, extent: Extent, seed: int) -> int:
    """Mutate valid inputs at random; return the number of inputs."""
    rng, call = np.random.default_rng(seed), bounded(target.call)
    inputs, tried, began = target.seeds(), 0, time.monotonic()
    while extent.goes_on(tried, began):
        data = mutated(inputs[rng.integers(len(inputs))], rng)
        try:
            call(data)
        except Exception:
            path = Path(f"crash-{name}-{hashlib.sha256(data).hexdigest()[:8]}")
            path.write_bytes(data)
            print(f"{name}: {path} has the input that caused this", file=sys.stderr)
            raise
        tried += 1
    return tried


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One to six changes: bytes and runs of them, numbers at the edges of their range, cuts, copies."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 7)):
        at = int(rng.integers(len(changed) or 1))
        length = int(rng.integers(1, 30))
        kind = rng.integers(6)
        if kind == 0:
            changed[at : at + 1] = rng.bytes(1)
        elif kind == 1:
            changed[at : at + length] = rng.bytes(length)
        elif kind == 2:
            changed[at : at + 4] = rng.choice(
                [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\x10\0"]
            )
        elif kind == 3:
            del changed[at : at + length]
        elif kind == 4:
            changed[at:at] = changed[max(0, at - length) : at]
        else:
            del changed[at if rng.random() < 0.3 else len(changed) :]
    return bytes(changed[:LONGEST])


def with_atheris(name: str, target: Target, extent: Extent, seed: int) -> None:
    """Search with atheris for inputs that reach new code; this ends the process."""
    with tempfile.TemporaryDirectory() as folder:
        for i, data in enumerate(target.seeds()):
            Path(folder, str(i)).write_bytes(data)
        # Its timeout counts the time of a machine that others use, too: it is for what never ends.
        options = [f"-max_len={LONGEST}", f"-seed={seed}", "-timeout=300"]
        if extent.inputs is None:
            options.append(f"-max_total_time={extent.seconds:.0f}")
        else:
            options.append(f"-runs={extent.inputs}")
        # atheris itself keeps 0.3 MB of each run (the same runs without it stay at 120 MB): no bound on all
        # memory, but one on what is asked for at once.
        options += ["-rss_limit_mb=0", "-malloc_limit_mb=1024"]
        call = bounded(target.call, most_memory=sys.maxsize)
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix=crash-{name}-", folder], call)
        atheris.Fuzz()


def in_a_process(arguments: list[str]) -> int:
    """Run this program with atheris in a separate process; return the number of inputs.

    Raises
    ------
    SystemExit
        With its exit code, if something was found.
    """
    command = [sys.executable, str(Path(__file__).parent), *arguments]
    runs = 0
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stderr:
            sys.stderr.write(line)
            if done := _DONE.match(line):
                runs = int(done[1])
    if process.returncode:
        raise SystemExit(process.returncode)
    return runs
