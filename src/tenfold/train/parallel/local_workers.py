"""Workers on this machine, in processes that end with the leader."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress

from tenfold.backend.cpu.threads import available
from tenfold.files import storage_error

_LAST_WORDS_SECONDS = 2.0


class LocalWorkers:
    """Starts the other workers on this machine; each gets its equal share of the cores as threads.

    Parameters
    ----------
    size : int
        How many workers, the leader among them.
    """

    host, port, share_memory = "127.0.0.1", 0, True
    token: str | None = None  # a new one

    def __init__(self, size: int) -> None:
        self.own_threads = max(1, available() // size)
        self.processes: list[subprocess.Popen[str]] = []
        self._words = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")

    def start(self, port: int, token: str, count: int) -> None:
        """Start processes; the first line of stdin tells them where the leader listens."""
        settings = {"host": self.host, "port": port, "token": token, "threads": self.own_threads}
        for _ in range(count):
            try:
                process = subprocess.Popen(  # a session of its own: Ctrl-C is for the leader alone
                    [sys.executable, "-m", "tenfold.train.parallel.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=self._words,
                    text=True,
                    start_new_session=True,
                )
            except OSError as error:
                raise storage_error(error) from error
            self.processes.append(process)
            if process.stdin is not None:
                with suppress(BrokenPipeError):  # it has ended, which is noticed
                    process.stdin.write(json.dumps(settings) + "\n")
                    process.stdin.flush()

    def reason(self, wait: bool) -> str | None:
        """See `Starter`."""
        for number, process in enumerate(self.processes):
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(_LAST_WORDS_SECONDS if wait and number == 0 else 0)
                return f"that process {process.pid} {self._ended(code)}"
        return None

    def _ended(self, code: int) -> str:
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        self._words.seek(0)
        lines = [line.strip() for line in self._words if line.strip()]
        return f"ended with exit code {code}" + (f" ({lines[-1][:300]})" if lines else "")

    def end(self) -> None:
        """See `Starter`."""
        for process in self.processes:
            process.kill()
            with process, suppress(OSError):  # what is not yet written is for nobody
                process.communicate()
        self.processes = []
        self._words.close()
