"""The runs below a folder, also those that commands and Python made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from tenfold.checkpoint import read_json
from tenfold.errors import TenfoldError
from tenfold.files import open_regular, whole_files
from tenfold.predict import RECORD, UNFINISHED
from tenfold.quoting import message
from tenfold.runs.live import goes_on
from tenfold.runs.record import read_record
from tenfold.train.live import EVENTS, LIVE
from tenfold.train.run_checkpoints import CHECKPOINTS
from tenfold.zoo.model_input import DIGIT

DEPTH = 3
"""How many folders below the runs' folder a run may be."""

_MOST = 1000  # runs, and entries of a folder
_TAIL = 1 << 14  # bytes of the events that are read for the latest


def names(folder: Path, below: str = "") -> list[str]:
    """Return the runs below a folder, or below one of the folders in it, as paths with slashes."""
    if below and (folder / below).is_symlink():
        return []
    depth = DEPTH - bool(below)
    return [path.relative_to(folder).as_posix() for path in islice(_runs(folder / below, depth), _MOST)]


def _runs(folder: Path, depth: int) -> Iterator[Path]:
    try:
        inside = sorted(islice(os.scandir(folder), _MOST), key=lambda one: one.name)
    except OSError:
        return  # it was removed, or is another user's
    for one in inside:
        if one.name.startswith(".") or len(one.name) > 64 or not one.is_dir(follow_symlinks=False):
            continue
        path = Path(one.path)
        if is_run(path):
            yield path
        elif depth > 1:
            yield from _runs(path, depth - 1)


def is_run(path: Path) -> bool:
    """Return whether a folder is that of a run."""
    return any((path / name).is_file() for name in (RECORD, UNFINISHED, f"{LIVE}/{EVENTS}"))


def described(folder: Path, name: str) -> dict[str, Any]:
    """Return what the list of runs shows of a run: what it is, how far it is, and its figures."""
    path = folder / name
    found: dict[str, Any] = {"name": name, "folder": str(path), "changed": last_change(path)}
    try:
        found |= {"live": (path / LIVE / EVENTS).is_file(), "state": state(path)}
        found |= _finished(path) if found["state"] == "finished" else _unfinished(path)
    except TenfoldError as error:
        return found | {"live": False, "state": "unreadable", "error": message(error)}
    return found | {"report": (path / "report.html").is_file()}


def state(path: Path) -> str:
    """Return whether a run is ``running``, ``finished``, ``diverged`` or ``interrupted``."""
    if goes_on(path):
        return "running"
    if (path / RECORD).is_file():
        return "finished"
    return "diverged" if last_event(path, "end").get("diverged") else "interrupted"


def last_change(path: Path) -> float:
    """Return when a run last changed, in seconds since 1970; 0 if there is no run."""
    times = [0.0]
    for name in (RECORD, UNFINISHED, f"{LIVE}/{EVENTS}"):
        try:
            times.append(os.stat(path / name).st_mtime)
        except OSError:
            continue  # a run has one or two of the three
    return max(times)


def last_saved(path: Path) -> float:
    """Return when a run's latest epoch was saved, in seconds since 1970; 0 if none was."""
    with suppress(OSError):
        return max((one.stat().st_mtime for one in whole_files(path / CHECKPOINTS, "*")), default=0.0)
    return 0.0


def _finished(path: Path) -> dict[str, Any]:
    record = read_record(path)
    recipe = record.recipe
    optimizer = recipe.get("optimizer") or {}
    rows = record.epochs
    return {
        "model": record.model,
        "dataset": record.dataset,
        "seed": record.seed,
        "parameters": record.parameters,
        "epochs": len(rows) or None,
        "optimizer": optimizer.get("kind"),
        "learning_rate": optimizer.get("config", {}).get("learning_rate"),
        "batch_size": rows[-1].batch_size if rows else None,
        "accuracy": None if record.test is None else record.test.accuracy,
        "held_out_accuracy": rows[-1].validation_accuracy if rows else None,
        "seconds": record.train_seconds,
        "reads_digits": record.classes == 10 and not record.class_names and record.image_shape == DIGIT,
        "notices": list(record.notices),
    }


def _unfinished(path: Path) -> dict[str, Any]:
    identity = read_json(path / UNFINISHED) if (path / UNFINISHED).is_file() else {}
    begun, epoch = first_event(path, "start"), last_event(path, "epoch")
    return {
        "model": identity.get("model") or begun.get("model"),
        "dataset": identity.get("dataset") or begun.get("dataset"),
        "seed": identity.get("seed", begun.get("seed")),
        "epochs": epoch.get("epoch", 0),
        "planned": identity.get("planned_epochs"),
        "held_out_accuracy": epoch.get("accuracy"),
        "error": last_event(path, "end").get("error"),
    }


def curves(path: Path) -> list[dict[str, Any]]:
    """Return the figures of each epoch of a run."""
    if (path / RECORD).is_file():
        return [
            {
                "epoch": row.epoch,
                "train_loss": row.train_loss,
                "train_accuracy": row.train_accuracy,
                "loss": row.validation_loss,
                "accuracy": row.validation_accuracy,
            }
            for row in read_record(path).epochs
        ]
    found = {event["epoch"]: event for event in _events(path, whole=True) if event.get("kind") == "epoch"}
    keys = ("epoch", "train_loss", "train_accuracy", "loss", "accuracy")
    return [{key: found[at].get(key) for key in keys} for at in sorted(found)]


def first_event(path: Path, kind: str) -> dict[str, Any]:
    """Return the first event of a kind at the beginning of a run; empty if there is none."""
    return next((event for event in _events(path, head=True) if event.get("kind") == kind), {})


def ended(path: Path, since: float) -> bool:
    """Return whether the latest event of a run is its end, and new: its process ended by itself."""
    return any(event.get("kind") == "end" and event["time"] >= since for event in _events(path)[-1:])


def last_event(path: Path, kind: str) -> dict[str, Any]:
    """Return the latest event of a kind near the end of a run; empty if there is none."""
    found = [event for event in _events(path) if event.get("kind") == kind]
    return found[-1] if found else {}


def _events(path: Path, *, head: bool = False, whole: bool = False) -> list[dict[str, Any]]:
    """Return the events at the beginning or the end of the file that can be read, or all."""
    try:
        with open_regular(path / LIVE / EVENTS, TenfoldError) as file:
            size = os.fstat(file.fileno()).st_size
            if not (head or whole):
                file.seek(max(0, size - _TAIL))
            content = file.read(-1 if whole else _TAIL)
    except (TenfoldError, OSError):
        return []  # none was recorded
    return [event for line in content.splitlines() if (event := parsed(line)) is not None]


def parsed(line: bytes) -> dict[str, Any] | None:
    """Return an event; None for a line that is not whole."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
