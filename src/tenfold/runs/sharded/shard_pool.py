"""Shards computed by several processes of this machine."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from tenfold.runs.line_worker import LineWorker
from tenfold.runs.sharded.isolating import Isolating
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.shard_worker import MODULE


@dataclass(frozen=True)
class LocalShards:
    """Computes shards by processes of this machine.

    Attributes
    ----------
    jobs : int
        How many, each on one core.
    """

    jobs: int

    def run(self, folder: Path, manifest: Manifest, shards: Sequence[Shard]) -> Generator[int, None, None]:
        """Write the files of shards, and yield the number of images of each whose file is there."""
        with ShardPool(folder, manifest, min(self.jobs, len(shards))) as pool:
            for shard in pool.run(shards):
                yield shard.stop - shard.start


class ShardPool:
    """Processes that compute shards; used in a ``with`` block, at whose end they have ended.

    Parameters
    ----------
    folder : Path
    manifest : Manifest
    jobs : int
        How many.
    name : str
        What tells them from those of other commands for the same folder.

    Attributes
    ----------
    engines : set of str
        For which processors the engine was compiled.
    """

    def __init__(self, folder: Path, manifest: Manifest, jobs: int, name: str = "local") -> None:
        self.engines: set[str] = set()
        self._jobs = jobs
        told, advice = {"folder": str(folder)}, "close other programs, or use fewer --jobs"
        self._workers = [LineWorker(MODULE, told, advice) for _ in range(jobs)]
        self._free: SimpleQueue[tuple[LineWorker, Isolating]] = SimpleQueue()
        for worker in self._workers:
            self._free.put((worker, Isolating(folder, manifest, worker, name)))
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="tenfold-shards")

    def __enter__(self) -> ShardPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def run(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        """Write the files of shards, each taken when a process is free; yield each whose file is there.

        Raises
        ------
        TenfoldError
            If one cannot be computed at all.
        """
        left = iter(shards)
        running: set[Future[Shard]] = set()
        while True:
            while len(running) < self._jobs and (shard := next(left, None)) is not None:
                running.add(self._threads.submit(self._write, shard))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()

    def _write(self, shard: Shard) -> Shard:
        worker, isolating = self._free.get()
        try:
            isolating.write(shard)
            self.engines.add(worker.ready.get("engine", ""))
        finally:
            self._free.put((worker, isolating))
        return shard
