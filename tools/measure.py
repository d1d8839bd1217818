"""Measure models of the zoo over their published seeds and write ``results/<model>.json``.

    python tools/measure.py                          # every model, published protocol
    python tools/measure.py lenet5 --protocol honest # one model, choices made on held-out images

Each seed is one run of ``tenfold train`` in a process of its own, so that nothing carries over.
The honest figures go to ``results/<model>-honest.json``. Only MNIST itself is measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, write_atomically
from tenfold.zoo import ENTRIES, Entry, Spread, entry

RESULTS = Path(__file__).parent.parent / "results"
_EQUAL = (
    "dataset",
    "dataset_sha256",
    "train_images",
    "protocol",
    "parameters",
    "machine",
    "versions",
    "commit",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = argparse.ArgumentParser(description="Measure models of the zoo into results/.")
    parser.add_argument("models", nargs="*", default=list(ENTRIES), help="by default all of them")
    parser.add_argument("--protocol", choices=("published", "honest"), default="published")
    options = parser.parse_args(arguments)
    for name in options.models:
        found = entry(name)
        records = [train(name, seed, options.protocol) for seed in found.seeds]
        write(found, options.protocol, records)
    return 0


def train(name: str, seed: int, protocol: str) -> dict[str, Any]:
    """Return the record of one run."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--data", "mnist", "--seed", str(seed), "--protocol", protocol, "--out", f"{folder}/run"]
        command = [
            sys.executable,
            "-m",
            "tenfold",
            "train",
            name,
            *options,
            "--no-report",
            "--quiet",
            "--json",
        ]
        record: dict[str, Any] = json.loads(
            subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        )
    test = record["test"]
    print(
        f"{name} seed {seed}: accuracy {test['accuracy']:.4f}, cost {test['cost']:.4f}, "
        f"training {record['train_seconds']:.1f} s, prediction {test['predict_seconds']:.2f} s",
        flush=True,
    )
    return record


def write(found: Entry, protocol: str, records: list[dict[str, Any]]) -> Path:
    """Write the figures of a model, its runs one by one and together."""
    path = RESULTS / f"{found.name}{'' if protocol == 'published' else '-honest'}.json"
    write_atomically(path, dump_json(summary(found, records)))
    return path


def summary(found: Entry, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what goes to the file."""
    for key in _EQUAL:
        if any(record[key] != records[0][key] for record in records):
            raise SystemExit(
                f"{found.name}: the runs differ in {key}; leave the source alone while measuring"
            )
    tests = [record["test"] for record in records]
    return {
        "model": found.name,
        **{key: records[0][key] for key in _EQUAL},
        "seeds": [record["seed"] for record in records],
        "accuracy": asdict(Spread.over([test["accuracy"] for test in tests])),
        "cost": asdict(Spread.over([test["cost"] for test in tests])),
        "train_seconds": Spread.over([record["train_seconds"] for record in records]).mean,
        "predict_seconds": Spread.over([test["predict_seconds"] for test in tests]).mean,
        "runs": [run(record) for record in records],
    }


def run(record: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of one run."""
    kept = ("seed", "chosen_epoch", "train_seconds")
    epochs = {"epochs": len(record["epochs"])}
    return {key: record[key] for key in kept} | epochs | record["test"]


if __name__ == "__main__":
    sys.exit(main())
