"""The trainings that the studio starts: each a process of its own, which goes on without the studio."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import BusyError, ConfigError, TenfoldError
from tenfold.files import append_to, open_regular, shown, storage, write_atomically
from tenfold.runs.live import goes_on
from tenfold.studio.run_list import DEPTH, is_run
from tenfold.studio.start import Start

if TYPE_CHECKING:
    from tenfold.runs.models import Models

KEPT = ".studio"
"""A folder next to the runs, for what was asked for and for what the processes printed."""

_MOST_RUNNING = 4
_SAID = 1 << 16  # bytes of a log that are read
_PART = re.compile(r"[^./\\\0][^/\\\0]{0,63}")


@dataclass
class _Process:
    popen: subprocess.Popen[bytes]
    from_byte: int  # of the log: what the process itself said


class Processes:
    """Starts trainings and reports.

    Parameters
    ----------
    folder : Path
        Of the runs.
    models : Models
    """

    def __init__(self, folder: Path, models: Models) -> None:
        self._folder, self._models = folder, models
        self._running: dict[str, _Process] = {}
        self._lock = threading.RLock()  # requests are answered in threads; two may ask for the same name

    def start(self, asked: Start, home: str = "") -> str:
        """Start a training in a new folder and return the run's name.

        Parameters
        ----------
        asked : Start
        home : str
            The folder of the user's runs, below that of all runs.

        Raises
        ------
        ConfigError, RangeError, ShapeError
            If it cannot be trained like this.
        BusyError
            If too many trainings go on.
        """
        with self._lock:
            self._check_admission(home)
            name = self._free_name(asked, home)
            arguments = asked.arguments(self._models, self._folder / name)
            with storage(self._folder):
                (self._folder / KEPT).mkdir(parents=True, exist_ok=True)
            write_atomically(self._kept(name, "json"), dump_json(asked.to_json()))
            self._begin(name, arguments, resume=False)
        return name

    def resume(self, name: str) -> None:
        """Resume a run that the studio started.

        Raises
        ------
        ConfigError
            If the studio did not start it.
        BusyError
            If it goes on, or too many trainings do.
        """
        asked = self.asked(name)
        if asked is None:
            raise ConfigError(
                f"{name}: expected a run that was started in the studio, got another; "
                f"resume it with tenfold train --resume --out {shown(self._folder / name)}"
            )
        with self._lock:
            if self.alive(name) or goes_on(self._folder / name):
                raise BusyError(f"{name}: expected a run that has stopped, got one that goes on")
            self._check_resumption(name)
            arguments = asked.arguments(self._models, self._folder / name, resume=True)
            self._begin(name, arguments, resume=True)

    def report(self, name: str) -> None:
        """Start to write the report of a finished run."""
        with self._lock:
            if not self.alive(name):
                self._spawn(name, ["report", str(self._folder / name)])

    def asked(self, name: str) -> Start | None:
        """Return what the studio was asked for when it started a run; None if it did not."""
        path = self._kept(name, "json")
        return Start.of(read_json(path)) if path.is_file() else None

    def alive(self, name: str) -> bool:
        """Return whether the process that the studio started for a run still goes on."""
        found = self._running.get(name)
        return found is not None and found.popen.poll() is None

    def failure(self, name: str) -> str | None:
        """Return the error that ended a run's process, in one line; None if there was none."""
        found = self._running.get(name)
        if found is None or found.popen.poll() in (None, 0):
            return None
        try:
            with open_regular(self._kept(name, "log"), ConfigError, follow_link=False) as log:
                log.seek(found.from_byte)
                lines = log.read(_SAID).decode("utf-8", "replace")
        except TenfoldError:
            lines = ""  # it was removed
        said = [line for line in lines.splitlines() if line.strip()]
        wrong = [line for line in said if line.startswith("error: ")]
        return (wrong or said or [f"the process ended with {found.popen.returncode}"])[-1][:500]

    def names(self) -> list[str]:
        """Return the runs whose processes go on, or have failed before there was a run."""
        return [name for name in [*self._running] if self.alive(name) or self.failure(name)]

    def before(self, name: str) -> int | None:
        """Return how many trainings begin before one that waits; here none waits."""
        return None

    def reason(self, name: str) -> str | None:
        """Return why the studio itself ended a training; here it ends none."""
        return None

    def cancel(self, name: str) -> None:
        """Have a training wait no more; here none waits."""
        raise BusyError("expected a training that waits, found another; stop it instead")

    def _begin(self, name: str, arguments: list[str], *, resume: bool) -> None:
        self._spawn(name, arguments)

    def _check_resumption(self, name: str) -> None:
        self._check_admission("")

    def _check_admission(self, home: str) -> None:
        count = sum(self.alive(name) for name in self._running)
        if count >= _MOST_RUNNING:
            raise BusyError(
                f"expected at most {_MOST_RUNNING} trainings at a time, found {count}; stop one of them"
            )

    def _free_name(self, asked: Start, home: str) -> str:
        data = Path(asked.data).stem if "/" in asked.data else asked.data
        plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in f"{asked.network}-{data}")[:60]
        plain = f"{home}/{plain}" if home else plain
        name, copy = plain, 2
        while (self._folder / name).exists() or self._kept(name, "json").exists() or name in self._running:
            name, copy = f"{plain}-{copy}", copy + 1
        return name

    def _kept(self, name: str, ending: str) -> Path:
        return self._folder / KEPT / f"{name.replace('/', '~')}.{ending}"

    def _spawn(self, name: str, arguments: list[str], inherited: tuple[int, ...] = ()) -> None:
        path = self._kept(name, "log")
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with append_to(path) as log:
                said = log.tell()
                process = subprocess.Popen(
                    [sys.executable, "-m", "tenfold", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in the studio's terminal is not for it
                    pass_fds=inherited,
                )
                self._running[name] = _Process(process, said)


def check_run(folder: Path, name: str) -> Path:
    """Return the folder of a run that exists below a folder.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    parts = name.split("/")
    if len(parts) <= DEPTH and all(map(_PART.fullmatch, parts)):
        path = folder.joinpath(*parts)
        linked = any(one.is_symlink() for one in (path, *path.parents[: len(parts) - 1]))
        if not linked and is_run(path):
            return path
    raise unknown_run()


def unknown_run() -> ConfigError:
    """Return the error for a run that there is not, or that somebody must not see."""
    return ConfigError("expected the name of a run in the list, got another")
