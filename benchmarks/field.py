"""All contestants; each is started when it is first needed."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from worker import Library, MissingError, Worker

from tenfold.data import Corpus
from tenfold.nn import Sequential

OURS = "tenfold"
PYTORCH = "PyTorch"
ONNX_RUNTIME = "ONNX Runtime"
KERAS = ("Keras on TensorFlow", "Keras on JAX")
SCIKIT_LEARN = "scikit-learn"

LIBRARIES = {
    library.name: library
    for library in (
        Library(OURS, ("engine.py",)),
        Library(PYTORCH, ("pytorch.py",)),
        Library(ONNX_RUNTIME, ("onnx_runtime.py",), "onnxruntime"),
        Library(KERAS[0], ("keras_fit.py", "tensorflow"), "keras-tensorflow"),
        Library(KERAS[1], ("keras_fit.py", "jax"), "keras-jax"),
        Library(SCIKIT_LEARN, ("sklearn_mlp.py",)),
    )
}


class Field:
    """The libraries' processes, and the folder that they read images and networks from.

    Parameters
    ----------
    corpus : Corpus
    folder : Path
        Empty; whoever gave it removes it.
    """

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        self.folder, self.corpus = folder, corpus
        self.versions: dict[str, str] = {}
        self._workers: dict[str, Worker | MissingError] = {}
        self._stack = ExitStack()
        write_digits(folder, corpus)

    def worker(self, name: str) -> Worker:
        """Return a library's process.

        Raises
        ------
        MissingError
            If it cannot be started, now or when it was tried before.
        """
        if name not in self._workers:
            try:
                worker = self._stack.enter_context(Worker(LIBRARIES[name], self.folder))
                self.versions |= worker.versions
                self._workers[name] = worker
            except MissingError as error:
                self._workers[name] = error
        found = self._workers[name]
        if isinstance(found, MissingError):
            raise found
        return found

    def forget(self) -> None:
        """Let all contestants free the memory of earlier networks."""
        for name, worker in self._workers.items():
            if isinstance(worker, Worker):
                try:
                    worker.ask("forget")
                except MissingError as error:  # it has died; those who ask for it next are told
                    self._workers[name] = error

    def network(self, name: str, network: Sequential) -> Path:
        """Return the folder in which a network lies, with the weights that all begin with."""
        folder = self.folder / name
        if not folder.exists():
            network.initialise(0)
            write_network(folder, network)
        return folder

    def __enter__(self) -> Field:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


def write_digits(folder: Path, corpus: Corpus) -> None:
    """Write the images where all processes read them."""
    np.save(folder / "images.npy", corpus.train.images)
    np.save(folder / "labels.npy", corpus.train.labels)
    np.save(folder / "test.npy", corpus.test.images)


def write_network(folder: Path, network: Sequential) -> None:
    """Write a network with the weights that it has."""
    folder.mkdir()
    config = network.config()
    for layer, row in zip(config["layers"], network.rows(), strict=True):
        layer["output_shape"] = list(row.output_shape)
    (folder / "network.json").write_text(json.dumps(config), encoding="utf-8")
    np.savez(folder / "weights.npz", **network.params)
