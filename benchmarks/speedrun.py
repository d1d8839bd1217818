"""How many seconds of training to an accuracy, with tenfold and with PyTorch on the same network and recipe?

    python benchmarks/speedrun.py                     # 97, 98, 99 and 99.4 %; results/speedrun/
    python benchmarks/speedrun.py 99.4 --seeds 0-2    # one target
    python benchmarks/speedrun.py --peer-seeds 3      # PyTorch trains the first three seeds of each alone
    python benchmarks/speedrun.py --results build     # elsewhere

`tenfold speedrun` measures tenfold alone. Here the two train in turn, seed by seed, each in a process of its
own: both begin with the same weights and get the same images in the same order. Of eager PyTorch's two orders
of channels in memory, the one is taken that is faster in a trial. Seeds that are in the files already are
skipped; each is written as soon as it is done.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from entry import has_convolution
from field import PYTORCH, write_digits, write_network
from rounds import PAUSE
from worker import Library, MissingError, Worker

from tenfold.data import load_corpus
from tenfold.errors import TenfoldError
from tenfold.evaluate.environment import environment
from tenfold.evaluate.wording import percent
from tenfold.runs.speedrun import DATASET, Session, checked_results, train_seed, warm_up
from tenfold.runs.speedrun_lines import COLUMNS, apart, remarks, result_row, seed_line, spread
from tenfold.runs.speedrun_record import measurement, missing, put_record, with_seed
from tenfold.runs.trial_plan import parse_seeds
from tenfold.train import generator
from tenfold.zoo.speedruns import Speedrun, speedrun

RESULTS = Path(__file__).parent.parent / "results"
TARGETS = ("97", "98", "99", "99.4")
MOST_SEEDS = 1000
WIDTH = 180  # characters
RECIPES = Library(PYTORCH, ("pytorch_recipe.py",))


class Peer:
    """PyTorch in its process.

    Parameters
    ----------
    worker : Worker
    folder : Path
        For the networks that the two begin with.
    """

    entry: Speedrun
    way: str
    record: dict[str, Any]

    def __init__(self, worker: Worker, folder: Path) -> None:
        self.worker, self.folder = worker, folder
        self.threads = environment().cores
        self.version = f"{PYTORCH} {worker.versions['torch'].partition('+')[0]}"

    def enter(self, entry: Speedrun, known: dict[str, Any] | None) -> None:
        """Take part in a speed run; a record that it has already keeps its way of using the library.

        Raises
        ------
        MissingError
            If the record is of another version.
        """
        self.entry = entry
        if known is None:
            self.way = self.fastest()
            self.record = {"library": f"{self.version}, {self.way}", "way": self.way, "seeds": []}
            return
        self.way, self.record = str(known["way"]), known
        if known["library"] != f"{self.version}, {self.way}":
            raise MissingError(
                f"expected {known['library']}, as in the record of {entry.target} %, got {self.version}; "
                "remove the file"
            )

    def fastest(self) -> str:
        """Return the faster of the orders of channels in memory, in a trial of a few steps."""
        if not has_convolution(self.entry.build()):
            return "eager"
        tried = {way: self.tried(way) for way in ("NCHW", "channels last")}
        return min(tried, key=tried.__getitem__)

    def tried(self, way: str) -> float:
        """Return the seconds of some steps."""
        self.begin(0, way)
        return float(self.worker.ask("try_out")["seconds"])

    def begin(self, seed: int, way: str) -> None:
        """Hand over the network with the weights with which we begin too."""
        network, place = self.entry.build(), self.folder / "network"
        network.initialise(generator(seed, 0, "initialisation"))
        shutil.rmtree(place, ignore_errors=True)
        write_network(place, network)
        recipe = self.entry.recipe.config()
        self.worker.ask("begin", folder=str(place), recipe=recipe, seed=seed, threads=self.threads, way=way)

    def train(self, seed: int, labels: np.ndarray) -> dict[str, Any]:
        """Return the row of a seed."""
        self.begin(seed, self.way)
        epochs = range(self.entry.recipe.epochs)
        took = sum(self.worker.ask("epoch", epoch=epoch)["seconds"] for epoch in epochs)
        ended = self.worker.ask("finish")
        return {
            "seed": seed,
            "seconds": took + ended["seconds"],
            "accuracy": float(np.mean(np.asarray(ended["answers"]) == labels)),
            "date": datetime.now(UTC).date().isoformat(),
        }


def measure(entry: Speedrun, session: Session, seeds: Sequence[int], peer: Peer, peer_seeds: int) -> Path:
    """Train the missing seeds in turn, PyTorch at most the first ``peer_seeds``; return the file."""
    path, record = session.file(entry), session.record(entry)
    peer.enter(entry, record["peer"])
    record["peer"] = peer.record
    todo = {"ours": missing(record, seeds), "theirs": missing(peer.record, seeds[:peer_seeds])}
    warmed = warm_up(entry, session.corpus) if todo["ours"] else 0.0

    def ours(seed: int) -> None:
        row = train_seed(entry, session, seed, warmed)
        record["seeds"] = with_seed(record["seeds"], row)
        print(f"tenfold  {seed_line(entry.target, row)}", file=sys.stderr)

    def theirs(seed: int) -> None:
        row = peer.train(seed, session.corpus.test.labels)
        peer.record["seeds"] = with_seed(peer.record["seeds"], row)
        print(f"PyTorch  {seed_line(entry.target, row)}", file=sys.stderr)

    turns: dict[str, Callable[[int], None]] = {"ours": ours, "theirs": theirs}
    for number, seed in enumerate(seeds):
        names = list(turns) if number % 2 == 0 else list(turns)[::-1]
        for name in names:
            if seed in todo[name]:
                time.sleep(PAUSE)
                turns[name](seed)
                put_record(path, record)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="benchmarks/speedrun.py", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"by default {', '.join(TARGETS)}")
    parser.add_argument("--seeds", metavar="0-9|0,7,12", help="by default those of each target")
    parser.add_argument(
        "--peer-seeds", type=int, default=MOST_SEEDS, metavar="N", help="PyTorch: the first N"
    )
    parser.add_argument("--results", type=Path, help="the results folder; by default results/")
    parser.add_argument("--data", default=DATASET)
    options = parser.parse_args(arguments)
    try:
        began = time.perf_counter()
        entries = [speedrun(target) for target in options.targets or TARGETS]
        seeds = None if options.seeds is None else parse_seeds(options.seeds)
        corpus = load_corpus(options.data)
        results = checked_results(options.results, corpus, RESULTS)
        session = Session(corpus, time.perf_counter() - began, results)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_digits(folder, corpus)
            with Worker(RECIPES, folder) as worker:
                peer, most = Peer(worker, folder), options.peer_seeds
                paths = [measure(one, session, seeds or one.seeds, peer, most) for one in entries]
    except MissingError as error:
        print(f"{PYTORCH}: {error}; `tenfold speedrun` measures without it", file=sys.stderr)
        return 1
    except TenfoldError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    show(paths)
    return 0


def show(paths: Sequence[Path]) -> None:
    """Print a row for each target."""
    from rich.console import Console
    from rich.table import Table

    columns = (*COLUMNS, "PyTorch", "its accuracy", "ratio")
    table, notes = Table(*columns), []
    for path in paths:
        found = measurement(path)
        if found is None or found.peer is None:
            continue
        theirs = spread(found.peer.seconds), percent(found.peer.accuracy.mean), f"{found.ratio:.2f}"
        table.add_row(*result_row(found), *theirs)
        notes += [f"{found.target} %: {apart(found)}; {found.library}", *remarks(found)]
    Console(width=WIDTH).print(table)
    for line in notes:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
