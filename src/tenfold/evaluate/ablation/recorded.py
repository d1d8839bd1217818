"""The findings of an ablation as JSON, and as a table with the authors' accuracy of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tenfold.checkpoint import dump_json, read_json
from tenfold.errors import DataError
from tenfold.evaluate.ablation.plan import Ablation, Variant, read_ablation
from tenfold.evaluate.tables import Table
from tenfold.evaluate.tables.runs import NOT_MEASURED
from tenfold.evaluate.wording import percent, points, told
from tenfold.files import storage, write_atomically
from tenfold.quoting import message
from tenfold.zoo import MAX_BYTES, digest, measured
from tenfold.zoo.measured import PLACES

FOLDER, FILE = "ablations", "ablation.json"
HEADS = ("change", "published", "measured", "runs", "effect, points", "finding")


def put_record(out: Path, found: Mapping[str, Any]) -> Path:
    """Write the findings into the ablation's folder; return the file."""
    path = out / FILE
    with storage(path):
        write_atomically(path, dump_json(dict(found)))
    return path


def ablation_table(name: str, places: Sequence[Path] = PLACES) -> Table:
    """Return an ablation that comes with tenfold as a table, as far as it is measured.

    Parameters
    ----------
    name : str
        See `shipped`.
    places : sequence of Path
        Ledgers' folders; ``tenfold ablate NAME --out results/ablations/NAME`` puts its record there.

    Raises
    ------
    DataError
        If there is a record that `tenfold ablate` did not write.
    """
    ablation = read_ablation(name)
    record = _record(name, ablation, places)
    protocol = "" if record is None else f", {record['protocol']} protocol"
    steps = [None] * len(ablation.variants) if record is None else record["steps"]
    rows = [_row(variant, step, places) for variant, step in zip(ablation.variants, steps, strict=True)]
    return Table(f"{ablation.title}{protocol}", HEADS, tuple(rows), left=(0, 5))


def _record(name: str, ablation: Ablation, places: Sequence[Path]) -> dict[str, Any] | None:
    """Return the record of an ablation as it is now, on MNIST and with all its epochs."""
    for place in places:
        path = place / FOLDER / name / FILE
        if path.is_file():
            found = read_json(path, max_bytes=MAX_BYTES)
            try:
                same = found["digests"] == [digest(variant.entry) for variant in ablation.variants]
                whole = found["dataset"] == "mnist" and len(found["steps"]) == len(ablation.variants)
                for step in found["steps"]:
                    _texts(step)
                return {**found, "protocol": str(found["protocol"])} if same and whole else None
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise DataError(
                    f"{path}: expected a file that `tenfold ablate {name}` wrote, got other content "
                    f"({message(error)}); remove it"
                ) from error
    return None


def _row(variant: Variant, step: Mapping[str, Any] | None, places: Sequence[Path]) -> tuple[str, ...]:
    """A variant's row; for an unchanged entry, the ledger's figure if the ablation has not been run."""
    found = measured(variant.entry.name, places) if step is None and variant.plain else None
    if step is not None:
        texts = _texts(step)
    elif found is not None:
        texts = (percent(found.accuracy.mean, 3), str(len(found.seeds)), "-", "-")
    else:
        texts = (NOT_MEASURED, "0", "-", "-")
    return (variant.name, told(variant.published), *texts)


def _texts(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Mean accuracy, runs, the effect of the change, and the finding."""
    runs, worth = step["accuracies"], step["worth"]
    if not runs:
        return NOT_MEASURED, "0", "-", str(step["finding"])
    gain = "-" if worth is None else points(worth["difference"])
    return percent(step["accuracy"]["given"], 3), str(len(runs)), gain, str(step["finding"])
