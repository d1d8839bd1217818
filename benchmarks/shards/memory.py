"""The largest memory that processes of tenfold take while a block runs, by what they do; Linux only."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from types import TracebackType

_SECONDS = 0.5
_KINDS = {"shard_worker": "worker", "run-shards": "command on a node", "predict": "leading command"}


class PeakMemory:
    """Watches the processes whose command names the folder of the answers, and those that they start.

    Parameters
    ----------
    out : Path
        That folder.

    Attributes
    ----------
    peaks : dict of str to int
        Bytes of the largest process of each kind.
    """

    def __init__(self, out: Path) -> None:
        self._out = str(out)
        self.peaks: dict[str, int] = {}
        self._ours: set[str] = set()
        self._stop = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                self._look(process)

    def _look(self, process: Path) -> None:
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            status = (process / "status").read_text()
        except OSError:  # it has ended
            return
        told = " ".join(word.decode(errors="replace") for word in words)
        parent = next((line.split()[1] for line in status.splitlines() if line.startswith("PPid")), "0")
        if self._out in told:
            self._ours.add(process.name)
        elif parent not in self._ours:
            return
        kind = next((kind for word, kind in _KINDS.items() if word in told), None)
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), None)
        if kind is not None and peak is not None:
            self.peaks[kind] = max(self.peaks.get(kind, 0), int(peak) * 1024)
