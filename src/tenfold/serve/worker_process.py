"""A worker process, from the server's side: it sends messages and receives the answers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenfold.errors import (
    BusyError,
    CheckpointError,
    ConfigError,
    DataError,
    DTypeError,
    RangeError,
    ShapeError,
    TenfoldError,
)
from tenfold.files.token_file import TOKEN_VARIABLE
from tenfold.serve.limits import Limits
from tenfold.serve.messages import Message, pack_messages, receive_messages

_START_SECONDS = 300.0  # includes compiling the engine at the first start
_LIBRARIES = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_ERRORS: dict[str, type[TenfoldError]] = {
    "BusyError": BusyError,
    "CheckpointError": CheckpointError,
    "ConfigError": ConfigError,
    "DataError": DataError,
    "DTypeError": DTypeError,
    "RangeError": RangeError,
    "ShapeError": ShapeError,
}


class WorkerProcess:
    """A process that answers requests.

    Attributes
    ----------
    model_info : dict
        Name and fingerprint of its model.
    """

    def __init__(self, process: Process, stdin: StreamWriter, stdout: StreamReader, limits: Limits) -> None:
        self.model_info: dict[str, Any] = {}
        self._process, self._stdin, self._stdout, self._limits = process, stdin, stdout, limits
        self._memory = 0

    @classmethod
    async def start(cls, served: Sequence[str] | None, limits: Limits) -> WorkerProcess:
        """Start a worker and wait until it is ready.

        Raises
        ------
        TenfoldError
            The error that the worker reports.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tenfold.serve.worker", _for_worker(limits)),
            *(served or ()),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # so that Ctrl-C in a terminal reaches only the server
            env={name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE} | _LIBRARIES,
        )
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise OSError("expected pipes to a worker, got none")
        worker = cls(process, stdin, stdout, limits)
        try:
            async with asyncio.timeout(_START_SECONDS):
                [(model_info, _)] = await receive_messages(stdout)
        except BaseException:
            await worker.kill()
            raise
        if "error" in model_info:
            await worker.kill()
            raise _ERRORS.get(model_info["kind"], TenfoldError)(model_info["error"])
        worker.model_info, worker._memory = model_info, resident(process.pid)
        return worker

    @property
    def overspent(self) -> bool:
        """Whether it was ended at its limit on CPU time."""
        return hasattr(signal, "SIGPROF") and self._process.returncode == -signal.SIGPROF

    @property
    def bloated(self) -> bool:
        """Whether it holds much more memory than after its start."""
        return resident(self._process.pid) - self._memory > self._limits.worker_growth_bytes

    async def ask(self, messages: Sequence[Message]) -> list[Message]:
        """Return the worker's answer to each message.

        Raises
        ------
        EOFError, OSError
            If the worker has ended.
        TimeoutError
            If it does not answer in time.
        """
        async with asyncio.timeout(self._limits.hang_seconds):
            self._stdin.writelines(pack_messages(messages))
            await self._stdin.drain()
            return await receive_messages(self._stdout)

    async def ended(self) -> None:
        """Wait for the process to end."""
        await self._process.wait()

    async def kill(self) -> None:
        """Kill the process."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):  # it has just ended
                self._process.kill()
        await self._process.wait()


def _for_worker(limits: Limits) -> str:
    """Return the limits that a worker keeps, as JSON."""
    return json.dumps({"seconds": limits.work_seconds, "pictures": asdict(limits.pictures)})


def resident(process: int) -> int:
    """Return the resident memory of a process in bytes; 0 where the system does not report it."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
