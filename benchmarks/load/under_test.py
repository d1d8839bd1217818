"""The server under load: the command, as a user starts it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class UnderTest:
    """A server that runs.

    Attributes
    ----------
    process : subprocess.Popen
    name : str
        Of its model.
    address : str
    """

    process: subprocess.Popen[str]
    name: str
    address: str

    def url(self, path: str) -> str:
        """Return where something is."""
        return self.address + path

    def memory(self) -> float:
        """Return the megabytes that the server and its workers take, shared ones counted once."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        processes = [str(self.process.pid), *children.read_text(encoding="ascii").split()]
        return sum(_proportional(process) for process in processes) / 1024


def _proportional(process: str) -> int:
    """Return kilobytes; see PSS in proc(5)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])


@contextmanager
def serving(run: Path | None) -> Iterator[UnderTest]:
    """Run a server while in the block, on a port that is free."""
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0"]
    command += [] if run is None else ["--run", str(run)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        found = re.match(r"(\S+): draw at (http://\S+)", line)
        if found is None:
            process.kill()
            sys.exit(line)
        try:
            yield UnderTest(process, found[1], found[2])
        finally:
            process.terminate()
