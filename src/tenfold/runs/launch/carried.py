"""A unit on a machine of a cluster: run there as a process, for a driver on another machine."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tenfold import __version__
from tenfold.backend.cpu.environment import THREADS
from tenfold.quoting import message
from tenfold.runs.launch.cores import some_cores
from tenfold.runs.launch.moved_files import files_in, put_files
from tenfold.runs.launch.order import Order, Status
from tenfold.runs.launch.process import Processes
from tenfold.runs.launch.unit import Exit, Unit

LAUNCHED = ".launched"
"""The folder in a home with what a launcher needs while it runs."""
MARK = f"{LAUNCHED}/mark"
"""The file in a home by which a machine sees that it shares the home."""


class Carried:
    """Runs one unit, and tells where it stands.

    Parameters
    ----------
    order : dict
        What `Order.to_json` returned.
    files : mapping of str to bytes
        What the unit needs, by path in its home, where this machine does not share the home.
    """

    def __init__(self, order: dict[str, Any], files: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._files = files
        self._status = Status(host=socket.gethostname())
        self._processes = Processes()
        self._temporary: Path | None = None
        self._why: str | None = None
        version = order.get("version")
        if version == __version__:
            self._order = Order(**order)
            for name, value in self._order.environment.items():
                os.environ.setdefault(name, value)  # this process is for the unit alone
            self._status.processor = processor_kind()
            self._status.shared = self._is_shared()
        else:
            self._status.refused = (
                f"{self._status.host}: expected tenfold {version}, as on the machine that gave the command, "
                f"found {__version__}; install one version on both"
            )

    def run(self) -> None:
        """Run the unit until it has ended."""
        if self._status.refused is not None:
            return
        try:
            found = self._run()
        except Exception as error:  # whatever happens, the driver must hear of an end
            found = Exit(1, f"{self._status.host}: {type(error).__name__}: {message(error)}")
        self._status.words = found.words
        if self._why is None or found.code == 0:
            self._status.code = found.code
        else:
            self._status.lost = self._why

    def _run(self) -> Exit:
        if not self._status.shared:
            self._temporary = Path(tempfile.mkdtemp(prefix="tenfold-"))
            put_files(self._temporary, self._files)
        home = self._temporary or Path(self._order.home)
        with suppress(OSError):  # the command says what is wrong
            (home / self._order.file).parent.mkdir(parents=True, exist_ok=True)
        folder = Path(self._order.folder)
        with some_cores(self._order.cores) as cores:
            return self._processes.run(
                self._unit(home).command(),
                self._stands,
                folder=folder if folder.is_dir() else None,
                environment=self._environment(),
                cores=cores,
            )

    @property
    def is_shared(self) -> bool:
        """Whether this machine shares the home, so that nothing has to be fetched."""
        return self._status.shared

    def stop(self, lost: str | None = None) -> None:
        """Have the unit save where it is and end; ``lost`` says why, if it is to be run again."""
        self._why = self._why or lost
        self._processes.stop()

    def status(self) -> dict[str, Any]:
        """Return where it stands, see `Status`."""
        self._status.beat += 1
        return asdict(self._status)

    def files(self) -> dict[str, bytes]:
        """Return what the unit has written, where the home is not shared; its file comes last."""
        home = self._temporary
        if home is None:
            return {}
        file, besides = self._order.file, self._order.besides
        found = {} if besides is None else files_in(home, Path(besides))
        found.pop(file, None)
        return {**found, file: (home / file).read_bytes()}

    def close(self) -> None:
        """Remove what was written here, unless the home is shared."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _unit(self, home: Path) -> Unit:
        order, file = self._order, Path(self._order.file)
        return Unit(order.name, tuple(order.words), home, order.option, file, program=tuple(order.program))

    def _stands(self, report: dict[str, Any]) -> None:
        self._status.report = report
        self._status.reports += 1

    def _is_shared(self) -> bool:
        try:
            return (Path(self._order.home) / MARK).read_text(encoding="ascii") == self._order.mark
        except (OSError, ValueError):
            return False

    def _environment(self) -> dict[str, str]:
        """Return the variables of the unit; BLAS takes no more threads than it has cores."""
        cores = str(self._order.cores)
        threads = dict.fromkeys(
            (THREADS, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), cores
        )
        return {**os.environ, **threads}


def processor_kind() -> str:
    """Return what the engine is compiled for in this process, in a few words."""
    from tenfold.backend.cpu.instruction_set import instruction_set  # Numba reads the variables at its import

    found = instruction_set()
    return f"{found.cpu}, {32 * found.lanes} bits"
