"""The process of one library: it reads commands as lines of JSON and writes seconds in the same way.

Each library runs in a separate process, because their threads would compete. It loads the images once and
then executes one command at a time; between commands it waits for a line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any, Protocol, TextIO

import numpy as np

LEARNING_RATE, WEIGHT_DECAY = 1e-3, 0.01  # AdamW's, of all contestants
COMPARED = 8  # images whose logits are sent back, to be compared with ours


@dataclass(frozen=True)
class Digits:
    """The images for all contestants, as stored."""

    images: np.ndarray  # (n, 28, 28), uint8
    labels: np.ndarray  # (n,), int64
    test: np.ndarray  # (m, 28, 28), uint8

    @classmethod
    def load(cls, folder: Path) -> Digits:
        return cls(*(np.load(folder / f"{name}.npy") for name in ("images", "labels", "test")))

    @cached_property
    def floats(self) -> np.ndarray:
        """Training images as most libraries want them: float32 from 0 to 1."""
        return self.images[..., np.newaxis] / np.float32(255)  # (n, 28, 28, 1)

    @cached_property
    def test_floats(self) -> np.ndarray:
        return self.test[..., np.newaxis] / np.float32(255)  # (m, 28, 28, 1)


@dataclass(frozen=True)
class Job:
    """The settings of a contestant.

    Attributes
    ----------
    network : dict
        As ``Sequential.config()`` gives it, each layer with its ``output_shape`` besides.
    weights : mapping of str to array
        The numbers to begin with, by dotted name.
    minibatch, threads : int
    way : str
        One of the ways that the library can be used.
    """

    network: dict[str, Any]
    weights: dict[str, np.ndarray]
    minibatch: int
    threads: int
    way: str

    @classmethod
    def load(cls, folder: Path, minibatch: int, threads: int, way: str) -> Job:
        network = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz") as weights:
            return cls(network, dict(weights), minibatch, threads, way)

    @property
    def layers(self) -> list[dict[str, Any]]:
        return self.network["layers"]

    def parameters(self, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Return weight and bias of a layer."""
        return self.weights[f"{layer}.weight"], self.weights[f"{layer}.bias"]


class Contestant(Protocol):
    """A network in some library; one that cannot train, or cannot predict, leaves that out."""

    def train(self, order: np.ndarray) -> None:
        """Take a step on each minibatch of ``order``, training images by their place."""

    def predict(self, n: int, batch: int) -> np.ndarray:
        """Return the logits of the first ``n`` test images, ``batch`` of them at once."""

    def predict_one(self, i: int) -> None:
        """Predict test image ``i`` alone; ``predict`` was called before."""


class Server:
    """Keeps the contestants of one library and carries out commands."""

    def __init__(self, digits: Digits, enter: Callable[[Job, Digits], Contestant]) -> None:
        self.digits, self.enter = digits, enter
        self.contestants: dict[str, Contestant] = {}

    def prepare(self, name: str, folder: str, **job: Any) -> dict[str, Any]:
        self.contestants[name] = self.enter(Job.load(Path(folder), **job), self.digits)
        return {}

    def forget(self) -> dict[str, Any]:
        self.contestants.clear()
        return {}

    def train(self, name: str, images: int, seed: int) -> dict[str, Any]:
        order = np.random.default_rng(seed).permutation(len(self.digits.images))[:images]
        contestant = self.contestants[name]
        start = time.perf_counter()
        contestant.train(order)
        return {"seconds": time.perf_counter() - start}

    def predict(self, name: str, images: int, batch: int) -> dict[str, Any]:
        contestant = self.contestants[name]
        start = time.perf_counter()
        logits = contestant.predict(images, batch)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "logits": np.asarray(logits[:COMPARED], np.float64).tolist()}

    def single(self, name: str, images: int) -> dict[str, Any]:
        contestant, seconds = self.contestants[name], []
        contestant.predict(1, 1)
        for i in range(images):
            start = time.perf_counter()
            contestant.predict_one(i % len(self.digits.test))
            seconds.append(time.perf_counter() - start)
        return {"seconds": median(seconds)}


def serve(enter: Callable[[Job, Digits], Contestant], versions: dict[str, str]) -> None:
    """Execute commands until the end of input; the last argument is the folder of the images."""
    answer_commands(lambda digits: Server(digits, enter), versions)


def answer_commands(made: Callable[[Digits], Any], versions: dict[str, str]) -> None:
    """Execute commands, each a method of what is made of the images, until the end of input."""
    answers = _answers()
    server = made(Digits.load(Path(sys.argv[-1])))
    _answer(answers, {"versions": versions})
    for line in sys.stdin:
        command = json.loads(line)
        try:
            _answer(answers, getattr(server, command.pop("do"))(**command))
        except Exception as error:  # whatever a library raises is told, and is not the end of the benchmark
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            _answer(answers, {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]})


def _answers() -> TextIO:
    """Return the stream of answers; all other output goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _answer(answers: TextIO, content: dict[str, Any]) -> None:
    print(json.dumps(content), file=answers, flush=True)
