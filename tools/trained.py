"""Train the networks of the zoo that the package includes: `make trained`.

Each is one run of the first seed under the honest protocol: its epoch is chosen on held-out training images,
the test images are read once. An interrupted training is resumed. ``--page`` only writes the page.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.files import TEMPORARY, write_atomically
from tenfold.zoo.saved_models import MODEL_FOLDER
from tenfold.zoo.trained import trained, trained_run

ROOT = Path(__file__).parent.parent
PAGE, TEMPLATE = ROOT / "docs" / "trained-networks.md", Path(__file__).parent / "trained_networks.md"
FOLDER = ROOT / "src" / "tenfold" / "zoo" / "trained"
NAMES = ("lenet5", "mlp-800", "cnn-dev", "scratch-12")
RECORD = "run.json"
_OF_THE_MACHINE = ("run", "report", "dataset_origin")  # paths on the machine that it was trained on


def main() -> None:
    """Train the missing networks; write the page."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="*", metavar="NAME", help=f"by default {', '.join(NAMES)}")
    options.add_argument("--runs", type=Path, default=ROOT / "runs" / "trained", metavar="FOLDER")
    options.add_argument("--page", action="store_true", help="only write the page")
    chosen = options.parse_args()
    for name in () if chosen.page else chosen.names or NAMES:
        put(train(name, chosen.runs / name), FOLDER / name)
    write_atomically(PAGE, page().encode())


def train(name: str, run: Path) -> Path:
    """Train, or resume; return the folder of the finished run."""
    if not (run / RECORD).is_file():
        options = ["--data", "mnist", "--seed", "0", "--out", str(run), "--resume", "--no-report"]
        done = subprocess.run([sys.executable, "-m", "tenfold", "train", name, *options], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    return run


def put(run: Path, folder: Path) -> None:
    """Copy a run's model and record; the old ones stay until the new ones are complete."""
    new, old = (folder.with_name(f"{TEMPORARY}{which}-{folder.name}") for which in ("new", "old"))
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    shutil.copytree(run / MODEL_FOLDER, new / MODEL_FOLDER)
    write_atomically(new / RECORD, dump_json(of_no_machine(read_json(run / RECORD))))
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def of_no_machine(record: dict[str, Any]) -> dict[str, Any]:
    """Return a run's record without paths; the data are identified by their name."""
    kept = {key: value for key, value in record.items() if key not in _OF_THE_MACHINE}
    return kept | {"dataset_origin": record["dataset"]}


def page() -> str:
    """Return the page with a row for each included network."""
    rows = [row(name, read_json(trained_run(name) / RECORD)) for name in trained()]
    return TEMPLATE.read_text(encoding="utf-8").replace("{rows}\n", "".join(rows))


def row(name: str, record: dict[str, Any]) -> str:
    """Return a network's row."""
    weights = trained_run(name) / MODEL_FOLDER / "weights.safetensors"
    test, size = record["test"], f"{weights.stat().st_size / 1e6:.2f} MB"
    chosen = f"{record['chosen_epoch']} of {len(record['epochs'])}"
    cells = name, f"{record['parameters']:,}", f"{100 * test['accuracy']:.2f} %", chosen, size
    return f"| {' | '.join([f'[`{cells[0]}`](models.md#{name})', *cells[1:]])} |\n"


if __name__ == "__main__":
    main()
