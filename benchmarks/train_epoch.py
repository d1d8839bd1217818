"""How long do a training epoch and predicting 10,000 images take, ours and PyTorch's?

    python benchmarks/train_epoch.py                                # the usual networks, five rounds
    python benchmarks/train_epoch.py --networks all --fraction 0.05 # every network, a part of an epoch
    python benchmarks/train_epoch.py --networks lenet5 --threads 1 2

Pure training: no augmentation, no validation, no checkpoints. Each round times everything once, in
turn, in this one process, so that whatever else the machine does meets both; what is compared is
the ratio within a round. PyTorch runs eagerly at its best: fused AdamW, both orders of channels in
memory (the one with the better median counts), the data as one tensor in memory, and for prediction
the batch size that did best in a trial. Without ``--data`` the images are random.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from networks import NETWORKS, USUAL, as_torch, has_convolution
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tenfold.cli.commit import commit
from tenfold.data import Dataset, as_float, load_corpus
from tenfold.evaluate.environment import environment
from tenfold.nn import Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.train.compiled import CompiledExecutor

RESULTS = Path(__file__).parent.parent / "results" / "bench-train-epoch.json"
RATE, DECAY = 1e-3, 0.01
CHUNK = 16_384  # images whose random bits are drawn ahead, about as many as the training loop takes at once
PREDICTION_BATCHES = (100, 500, 1000)  # convolutions lose again beyond
DENSE_PREDICTION_BATCHES = (*PREDICTION_BATCHES, 2500, 10_000)
WIDTH = 150  # columns of the table where there is no terminal, or a narrow one
PAUSE = 0.5  # seconds in which the threads of the one that was just timed go to sleep
TRAIN, PREDICT = "train", "predict"
OURS = "tenfold"


class Ours:
    """The compiled engine, on images as they are stored: uint8."""

    def __init__(self, network: Sequential, train: Dataset, test: Dataset, threads: int) -> None:
        network.initialise(0)
        optimizer = Adam(RATE, weight_decay=DECAY)
        self.executor = CompiledExecutor(network, SoftmaxCrossEntropy(), optimizer, threads=threads)
        self.data, self.test, self.rng = train, test, np.random.default_rng(0)

    def train(self, order: np.ndarray, minibatch: int) -> None:
        """Take a step on each minibatch of the order."""
        chunk = -(-CHUNK // minibatch) * minibatch
        for at in range(0, len(order), chunk):
            part = order[at : at + chunk]  # (steps * minibatch,)
            rates = np.full(len(part) // minibatch, RATE)
            self.executor.train(self.data.images, self.data.labels, part, minibatch, rates, self.rng)

    def predict(self) -> None:
        """Compute the outputs of all test images."""
        self.executor.logits(self.test.images)


class Theirs:
    """PyTorch, on images as they do it the fastest: float32 in memory, shape (n, 1, 28, 28)."""

    def __init__(
        self, network: Sequential, train: Dataset, test: Dataset, threads: int, layout: torch.memory_format
    ) -> None:
        self.threads, self.layout = threads, layout
        torch.manual_seed(0)
        self.model = as_torch(network).to(memory_format=layout)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), RATE, weight_decay=DECAY, fused=True)
        self.images, self.test = (
            torch.from_numpy(as_float(data.images)).permute(0, 3, 1, 2).contiguous(memory_format=layout)
            for data in (train, test)
        )
        self.labels = torch.tensor(train.labels)
        self.prediction_batches = PREDICTION_BATCHES if has_convolution(network) else DENSE_PREDICTION_BATCHES
        self.prediction_batch = self.prediction_batches[0]

    def train(self, order: np.ndarray, minibatch: int) -> None:
        """Take a step on each minibatch of the order."""
        torch.set_num_threads(self.threads)
        self.model.train()
        for index in torch.from_numpy(order).split(minibatch):
            outputs = self.model(self.images[index])
            loss = torch.nn.functional.cross_entropy(outputs, self.labels[index])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()

    def predict(self) -> None:
        """Compute the outputs of all test images."""
        torch.set_num_threads(self.threads)
        self.model.eval()
        with torch.inference_mode():
            torch.cat([self.model(batch) for batch in self.test.split(self.prediction_batch)])

    def choose_prediction_batch(self) -> None:
        """Take the batch size that predicts the fastest, in the better of two trials each."""
        trials = {}
        for size in self.prediction_batches:
            self.prediction_batch = size
            trials[size] = min(seconds(self.predict) for _ in range(2))
        self.prediction_batch = min(trials, key=trials.__getitem__)


@dataclass
class Spread:
    """Seconds, or ratios, over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.least:.3g}-{self.most:.3g})"


@dataclass
class Timing:
    """One line of the table: what was timed, and the seconds of every round by who did it."""

    network: str
    minibatch: int
    threads: int
    what: str
    images: int
    rounds: dict[str, list[float]] = field(default_factory=dict)
    prediction_batch: dict[str, int] = field(default_factory=dict)

    @property
    def best_peer(self) -> str:
        """Which of PyTorch's ways has the least median."""
        return min((name for name in self.rounds if name != OURS), key=lambda name: median(self.rounds[name]))

    @property
    def ratio(self) -> Spread:
        """PyTorch's seconds over ours, round by round."""
        pairs = zip(self.rounds[self.best_peer], self.rounds[OURS], strict=True)
        return Spread.over([theirs / ours for theirs, ours in pairs])

    def summary(self) -> dict[str, Any]:
        """Return what is written: every second, and what the table says of them."""
        spreads = {name: asdict(Spread.over(values)) for name, values in self.rounds.items()}
        return asdict(self) | {"seconds": spreads, "best_peer": self.best_peer, "ratio": asdict(self.ratio)}


def seconds(function: Callable[[], object]) -> float:
    """Return how long a call takes, once the threads of the call before are asleep."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(
    name: str, minibatch: int, threads: int, train: Dataset, test: Dataset, rounds: int
) -> list[Timing]:
    """Return the timings of one network: an epoch over ``train``, and prediction of ``test``."""
    network = NETWORKS[name].build()
    layouts = {"PyTorch, NCHW": torch.contiguous_format, "PyTorch, channels last": torch.channels_last}
    if not has_convolution(network):
        layouts = {"PyTorch": torch.contiguous_format}
    peers = {label: Theirs(network, train, test, threads, layout) for label, layout in layouts.items()}
    everyone: dict[str, Ours | Theirs] = {OURS: Ours(network, train, test, threads), **peers}
    steps, rng = len(train) // minibatch, np.random.default_rng(1)  # whole minibatches only
    if steps == 0:
        raise SystemExit(f"{name}: expected at least {minibatch} images, got {len(train)}; raise --fraction")
    warm_up = np.arange(min(steps, 50) * minibatch)
    for one in everyone.values():
        one.train(warm_up, minibatch)
        one.predict()
    for peer in peers.values():
        peer.choose_prediction_batch()
    epoch = Timing(name, minibatch, threads, TRAIN, steps * minibatch)
    prediction = Timing(name, minibatch, threads, PREDICT, len(test))
    prediction.prediction_batch = {label: peer.prediction_batch for label, peer in peers.items()}
    for number in range(rounds):
        order = rng.permutation(len(train))[: steps * minibatch]
        turns = list(everyone.items())
        for label, one in turns if number % 2 == 0 else turns[::-1]:
            took = seconds(lambda one=one, order=order: one.train(order, minibatch))
            epoch.rounds.setdefault(label, []).append(took)
            prediction.rounds.setdefault(label, []).append(seconds(one.predict))
    return [epoch, prediction]


def data(source: str | None, fraction: float) -> tuple[Dataset, Dataset, str]:
    """Return a part of the training and of the test images, and their name."""
    if source is None:
        rng, name = np.random.default_rng(0), "random"
        sets = []
        for n in (60_000, 10_000):
            images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
            sets.append(Dataset(images, rng.integers(0, 10, n), name))
    else:
        corpus = load_corpus(source)
        sets, name = [corpus.train, corpus.test], corpus.name
    train, test = (one.subset(slice(0, max(1, round(len(one) * fraction)))) for one in sets)
    return train, test, name


def table(timings: Sequence[Timing]) -> Table:
    """Return what was found, for people."""
    shown = Table(
        title="seconds and PyTorch / ours of the same round: median (least-most)",
        title_justify="left",
        box=SIMPLE,
    )
    for heading in ("network", "threads", "what", "images", "ours", "PyTorch", "ratio", "PyTorch's best way"):
        shown.add_column(heading, no_wrap=True)
    for t in timings:
        best = t.best_peer
        way = best.removeprefix("PyTorch").removeprefix(", ")
        if t.what == PREDICT:
            way = f"{way} {t.prediction_batch[best]} at once".strip()
        ours, theirs = Spread.over(t.rounds[OURS]), Spread.over(t.rounds[best])
        name = f"{t.network} ({t.minibatch})" if t.what == TRAIN else t.network
        shown.add_row(name, *map(str, (t.threads, t.what, t.images, ours, theirs, t.ratio, way)))
    return shown


def record(timings: Sequence[Timing], data_name: str, fraction: float, load: float | None) -> dict[str, Any]:
    """Return what was found, with all that a figure needs to be judged."""
    where = environment()
    return {
        "benchmark": "train_epoch",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": where.machine,
        "cores": where.cores,
        "system": where.system,
        "load_before": load,
        "versions": dict(where.versions) | {"torch": metadata.version("torch")},
        "data": data_name,
        "fraction": fraction,
        "timings": [t.summary() for t in timings],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    cores = environment().cores
    parser = argparse.ArgumentParser(description="Time training epochs and prediction, ours and PyTorch's.")
    add = parser.add_argument
    add("--networks", nargs="+", default=list(USUAL), choices=[*NETWORKS, "all"], metavar="NAME")
    add("--rounds", type=int, default=5)
    add("--fraction", type=float, default=1.0, help="part of the images, 0 to 1")
    add("--threads", type=int, nargs="+", default=[cores], help="all cores unless given")
    add("--data", help='"mnist" or a path, as for `tenfold train`; random images unless given')
    add("--json", type=Path, help=f"where to write; {RESULTS.name} in results/ if whole epochs are timed")
    options = parser.parse_args(arguments)
    names = list(NETWORKS) if "all" in options.networks else options.networks
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    train, test, data_name = data(options.data, options.fraction)
    timings: list[Timing] = []
    notes = Console(stderr=True)
    for name in names:
        for minibatch in NETWORKS[name].minibatches:
            for threads in options.threads:
                notes.print(f"{name}, minibatches of {minibatch}, {threads} threads ...")
                timings += measure(name, minibatch, threads, train, test, options.rounds)
    Console(width=max(Console().width, WIDTH)).print(table(timings))
    target = options.json or (RESULTS if options.fraction == 1 else None)
    if target is not None:
        found = record(timings, data_name, options.fraction, load)
        target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        notes.print(f"written to {target}")


if __name__ == "__main__":
    main()
