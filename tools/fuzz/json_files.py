"""JSON and TOML: any text, and valid documents with changes."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from alterations import altered
from bounds import check_line, refused_in_one_line
from target import Target

from tenfold import checkpoint
from tenfold.checkpoint import dump_json, parse_json
from tenfold.data import Dataset
from tenfold.evaluate.ablation import read_ablation
from tenfold.evaluate.ablation.plan import shipped
from tenfold.evaluate.comparison.model_results import from_ledger
from tenfold.nn import Dense, Flatten, Sequential
from tenfold.runs.record import read_record
from tenfold.serve.asgi import HttpError
from tenfold.serve.tensor_handler import parse_minibatch
from tenfold.train import DefinitionExecutor, Recipe, fit
from tenfold.zoo import build, load_model


@dataclass(frozen=True)
class Document:
    """A sound text, and what reads one like it from a file."""

    sound: bytes
    read: Callable[[Path, bytes], object]


# --- a model and a run of two images, to be taken apart

FOLDER = tempfile.TemporaryDirectory()
ROOT = Path(FOLDER.name)
DIGITS = Dataset(np.arange(128, dtype=np.uint8).reshape(2, 8, 8), np.array([0, 1]), "two")
RECIPE = Recipe(epochs=2, batch_size=2)


def _network() -> Sequential:
    return Sequential({"flatten": Flatten(), "fc": Dense(64, 10)}, (8, 8, 1))


def _trained(out: Path, *, resume: bool) -> None:
    fit(_network(), RECIPE, DIGITS, out=out, resume=resume, executor=DefinitionExecutor)


def _checkpoint_files() -> dict[str, bytes]:
    """A run's last checkpoint: its files by name."""
    _trained(ROOT / "run", resume=False)
    last = max((ROOT / "run" / "checkpoints").iterdir())
    return {path.name: path.read_bytes() for path in last.iterdir()} | {"": last.name.encode()}


def _model_files() -> dict[str, bytes]:
    model = build("nn1l")
    model.network.initialise(0)
    return {path.name: path.read_bytes() for path in model.save(ROOT / "model").iterdir()}


CHECKPOINT, MODEL = _checkpoint_files(), _model_files()


def _rewritten(folder: Path, files: dict[str, bytes], state: bytes) -> Path:
    """Return a folder of these files with another state, which its manifest knows."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = json.loads(files["MANIFEST.json"])
    manifest["files"]["state.json"] = {"bytes": len(state), "sha256": hashlib.sha256(state).hexdigest()}
    for name, content in (files | {"state.json": state, "MANIFEST.json": dump_json(manifest)}).items():
        if name:
            (folder / name).write_bytes(content)
    return folder


# --- how each document is read


def read_state(folder: Path, content: bytes) -> None:
    """A run is resumed from its checkpoint, and ends."""
    _rewritten(folder / "run" / "checkpoints" / CHECKPOINT[""].decode(), CHECKPOINT, content)
    _trained(folder / "run", resume=True)


def read_model(folder: Path, content: bytes) -> None:
    load_model(_rewritten(folder / "model", MODEL, content))


def read_manifest(folder: Path, content: bytes) -> None:
    _rewritten(folder / "model", MODEL, MODEL["state.json"])
    (folder / "model" / "MANIFEST.json").write_bytes(content)
    checkpoint.load(folder / "model")


def read_run(folder: Path, content: bytes) -> None:
    (folder / "run.json").write_bytes(content)
    read_record(folder)


def read_toml(folder: Path, content: bytes) -> None:
    (folder / "changes.toml").write_bytes(content)
    read_ablation(folder / "changes.toml")


def read_recipe(folder: Path, content: bytes) -> None:
    Recipe.from_config(parse_json(content, where="recipe"))


def read_trials(folder: Path, content: bytes) -> None:
    from_ledger(parse_json(content, where="ledger"), "nn1l.json")


def read_request(folder: Path, content: bytes) -> None:
    """A body for the server, which answers an invalid one with 400 or 422, and repeats nothing of it."""
    try:
        parse_minibatch(content, None)
    except HttpError as fault:
        check_line(fault.text)
        if fault.status not in (400, 422):
            raise RuntimeError(f"status {fault.status}") from fault


EPOCH = {
    **{"epoch": 1, "train_seconds": 1.5, "train_loss": 0.5, "train_accuracy": 0.75},
    **{"validation_accuracy": None, "validation_loss": None, "learning_rate": 0.001, "batch_size": 32},
}
RECORD = {
    **{
        "format": 1,
        "model": "nn1l",
        "dataset": "mnist",
        "dataset_origin": "here",
        "dataset_sha256": "0" * 64,
    },
    **{"train_images": 9, "seed": 0, "protocol": "honest", "epochs": [EPOCH], "train_seconds": 1.5},
    **{"recipe": RECIPE.config(), "start": None},
}
TRIAL = {
    **{
        "seed": 0,
        "images": 4,
        "accuracy": 0.75,
        "accuracy_corrected": None,
        "wrong": [2],
        "wrong_corrected": [],
    },
    **{"accuracy_without_doubtful": 0.5, "train_seconds": 1.5, "predict_seconds": 0.5, "protocol_gain": None},
    **{"dataset": "mnist", "dataset_sha256": "0" * 64},
}
LEDGER = {"model": "nn1l", "protocol": "honest", "parameters": 7850, "trials": [TRIAL, TRIAL | {"seed": 1}]}
TENSOR = {"name": "images", "shape": [1, 784], "datatype": "UINT8", "data": [7] * 784}
REQUEST = {"id": "a", "inputs": [TENSOR], "outputs": [{"name": "labels"}], "parameters": {}}

DOCUMENTS = (
    Document(CHECKPOINT["state.json"], read_state),
    Document(MODEL["state.json"], read_model),
    Document(MODEL["MANIFEST.json"], read_manifest),
    Document(dump_json(RECORD), read_run),
    Document(shipped()["cnn"].encode(), read_toml),
    Document(dump_json(RECIPE.config()), read_recipe),
    Document(dump_json(LEDGER), read_trials),
    Document(dump_json(REQUEST), read_request),
)


def fuzz_json(data: bytes) -> None:
    """The first byte chooses the document; the second whether the others are it, or change the sound one."""
    document, content = DOCUMENTS[(data[:1] or b"\0")[0] % len(DOCUMENTS)], data[2:]
    if data[1:2] > b"\x7f":
        with suppress(ValueError):  # TOML is no JSON: as it is
            content = altered(json.loads(document.sound), content)
    with tempfile.TemporaryDirectory() as folder, refused_in_one_line():
        document.read(Path(folder), content)


def json_seeds() -> list[bytes]:
    sound = [bytes([i, 0]) + document.sound for i, document in enumerate(DOCUMENTS)]
    changed = [bytes([i, 255, 40 * j, 16, j, 8 * j]) for i in range(len(DOCUMENTS)) for j in range(4)]
    return sound + changed


JSON = Target(fuzz_json, json_seeds)
