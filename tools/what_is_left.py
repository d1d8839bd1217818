"""Record which test images all members of trained ensembles misread; write docs/what-is-left.md.

``python tools/what_is_left.py RUN...`` reads finished runs of ensembles, and writes
results/what-is-left.json, the page and its picture. Without a run, the page is written from the record;
``--check`` only says whether it is out of date.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from pages import ROOT, only_compares, put, with_part

from tenfold.checkpoint import dump_json, read_json
from tenfold.data import Dataset, load_corpus
from tenfold.evaluate.misread_by_all import MisreadByAll, misread_by_all
from tenfold.evaluate.wording import percent, plural
from tenfold.metrics import CORRECTED, DOUBTFUL
from tenfold.zoo import Ensemble, Model, load_model

PAGE, RECORD = ROOT / "docs" / "what-is-left.md", ROOT / "results" / "what-is-left.json"
PICTURE = ROOT / "docs" / "images" / "what-is-left.png"
BEGIN, END = "<!-- table from results/, by tools/what_is_left.py -->", "<!-- end of table -->"
COLUMNS = 6
HEADS = (
    "test image",
    "label",
    "mean of all",
    "its probability",
    "that of the label",
    "networks",
    "five readers",
)


def members_of(runs: Sequence[Path]) -> dict[str, Model]:
    """Return the members of all ensembles, named by ensemble and member."""
    found: dict[str, Model] = {}
    for number, run in enumerate(runs, start=1):
        ensemble = load_model(run)
        if not isinstance(ensemble, Ensemble):
            raise SystemExit(f"{run}: expected the run of an ensemble, got {ensemble.name}")
        found |= {f"{ensemble.name} {number}, {name}": member for name, member in ensemble.members.items()}
    return found


def record(members: Mapping[str, Model], left: Sequence[MisreadByAll]) -> dict[str, Any]:
    """Return the record as JSON values."""
    rows = [
        {
            "index": one.index,
            "label": one.label,
            "answer": one.answer,
            "probability": round(one.probability, 4),
            "of_label": round(one.of_label, 4),
            "members": list(one.members.values()),
        }
        for one in left
    ]
    return {"members": list(members), "images": rows}


def readers(index: int) -> str:
    """Return what five readers said of a test image whose label was suspicious."""
    if index in CORRECTED:
        return f"{CORRECTED[index]} (three or more of five)"
    return "no agreement" if index in DOUBTFUL else "as the label, or not asked"


def others(row: Mapping[str, Any]) -> str:
    """Return how many members said what."""
    counts = Counter(row["members"]).most_common()
    return ", ".join(f"{digit} ({count})" for digit, count in counts)


def table(found: Mapping[str, Any]) -> str:
    """Return the sentence and the table of a record."""
    rows, members = found["images"], found["members"]
    doubtful = sum(row["index"] in DOUBTFUL for row in rows)
    lines = [
        f"{plural(len(members), 'network')} misread {plural(len(rows), 'image')} in common; "
        f"{plural(doubtful, 'of these has a doubtful label', 'of these have doubtful labels')}.",
        "",
        f"| {' | '.join(HEADS)} |",
        "|--:|--:|--:|--:|--:|---|---|",
    ]
    lines += [
        f"| {row['index']} | {row['label']} | **{row['answer']}** | {percent(row['probability'], 1)} | "
        f"{percent(row['of_label'], 1)} | {others(row)} | {readers(row['index'])} |"
        for row in rows
    ]
    return "\n".join(lines)


def draw(found: Mapping[str, Any], data: Dataset) -> None:
    """Draw the images, each with its label and the answer."""
    from tenfold.evaluate.figures.grid import picture_grid

    rows = found["images"]
    words = [f"{row['index']}: {row['label']}, read {row['answer']}" for row in rows]
    figure = picture_grid(data.images[[row["index"] for row in rows]], words, columns=COLUMNS, side=1.4)
    figure.savefig(PICTURE, dpi=110)


def texts(source: Path = RECORD, page: Path = PAGE) -> dict[Path, str]:
    """Return the text that the page should have."""
    found = read_json(source)
    return {page: with_part(page.read_text(encoding="utf-8"), BEGIN, END, table(found))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate runs if there are any, then write the page, or with ``--check`` only compare it."""
    given = sys.argv[1:] if arguments is None else arguments
    runs = [Path(one) for one in given if not one.startswith("-")]
    if runs and not only_compares(arguments):
        members, data = members_of(runs), load_corpus("mnist").test
        found = record(members, misread_by_all(members, data))
        RECORD.write_bytes(dump_json(found))
        if found["images"]:
            draw(found, data)
    return put(texts(), "tools/what_is_left.py", arguments)


if __name__ == "__main__":
    sys.exit(main())
