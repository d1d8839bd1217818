"""A Ray cluster of three nodes on this machine, from the tests' script for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

_NODES = Path(__file__).parent.parent.parent / "tests" / "scale" / "nodes.py"
_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}


class Machines:
    """The cluster, in a ``with`` block, at whose end nothing of it is left."""

    def __enter__(self) -> Machines:
        self._folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # paths of sockets must be short
        pipe = subprocess.PIPE
        self._log = (self._folder / "log").open("w")
        command = [sys.executable, str(_NODES), str(self._folder)]
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=self._log, text=True, env=os.environ | _TOKEN
        )
        self._address = self._line()
        return self

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a command that uses it."""
        return os.environ | _TOKEN | {"RAY_ADDRESS": self._address}

    def lose(self) -> None:
        """Kill a node with all that runs on it; nothing is waited for."""
        assert self._process.stdin is not None
        self._process.stdin.write("remove\n")
        self._process.stdin.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            sys.exit(f"expected a cluster, found: {(self._folder / 'log').read_text()[-2000:]}")
        return line
