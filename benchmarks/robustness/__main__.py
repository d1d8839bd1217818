"""How well are pictures from people read, outside MNIST?

    python benchmarks/robustness                 # everything; results/robustness.json, docs/robustness.md
    python benchmarks/robustness --page          # only writes the page again from the record
    python benchmarks/robustness --quick         # a tenth of it, in a minute; only printed
    python benchmarks/robustness --development   # other pictures, for development; only printed
    python benchmarks/robustness --run RUN       # with your own network; only printed
    python benchmarks/robustness --kinds forms tight/2   # kinds whose group/name begins so; only printed
    python benchmarks/robustness --pictures 20   # at most 20 of each kind; only printed

Runs that are only printed leave their record and their sheets of pictures in build/robustness/.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from every import every_kind
from found import Mistake
from kind import DEVELOPMENT, FINAL, Kind
from measure import measure
from page import SHEETS, TITLES, cells, page, summary
from rich.console import Console
from rows import row
from sheet import examples, mistakes, save

from tenfold.checkpoint import dump_json, read_json
from tenfold.data import load_corpus
from tenfold.evaluate.environment import environment
from tenfold.files import write_atomically
from tenfold.machine import commit

ROOT = Path(__file__).parent.parent.parent
QUICK = 0.1  # of the pictures


def main() -> None:
    """Measure, print, write."""
    options = parsed()
    if options.page:
        write_page(ROOT, read_json(ROOT / "results" / "robustness.json"))
        return
    seed = DEVELOPMENT if options.development else FINAL
    kinds = chosen(every_kind(seed), options.kinds)
    start = time.perf_counter()
    share = QUICK if options.quick else 1.0
    rows, wrong = measured(kinds, seed, options.run, share, options.pictures)
    record = described(rows, options.run, time.perf_counter() - start) | {"seed": seed, "share": share}
    partly = options.quick or options.development or options.run or options.kinds or options.pictures
    folder = options.out or (ROOT / "build" / "robustness" if partly else ROOT)
    write(folder, record, kinds, wrong)
    print(f"\n{summary(rows) if not options.kinds else ''}\nrecord, page and sheets: {folder}")


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="robustness", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--page", action="store_true", help="only write the page again, from the record")
    add("--quick", action="store_true", help="a tenth of the pictures")
    add("--development", action="store_true", help="other pictures, for development")
    add("--run", help="the folder of a run, instead of the built-in network")
    add("--out", type=Path, help="another folder for record, page and sheets")
    add("--pictures", type=int, metavar="N", help="at most so many pictures of each kind")
    add(
        "--kinds",
        nargs="+",
        metavar="GROUP[/NAME]",
        help=f"only kinds whose group, or group/name, begins so; groups: {', '.join(TITLES)}",
    )
    return parser.parse_args()


def chosen(kinds: Sequence[Kind], wanted: Sequence[str] | None) -> list[Kind]:
    """Return the kinds that are asked for, or all."""
    found = [kind for kind in kinds if f"{kind.group}/{kind.name}".startswith(tuple(wanted or [""]))]
    if not found:
        raise SystemExit(
            f"--kinds: expected the beginning of a group or group/name, got {wanted}; see --help"
        )
    return found


def measured(
    kinds: Sequence[Kind], seed: int, run: str | None, share: float, most: int | None
) -> tuple[list[dict[str, Any]], list[Mistake]]:
    """Return a row for each kind, printed as soon as it is known, and all mistakes."""
    console, rows, wrong = Console(highlight=False, soft_wrap=True), [], []
    for kind, found in measure(kinds, seed, run, share, most):
        line = row(kind, found)
        rows.append(line)
        wrong += found.mistakes
        name, *figures, verdict = cells(line)
        console.print(
            f"{kind.group:16} {name:42.42} {'  '.join(figures)}  {verdict}",
            style="green" if line["met"] else "red",
            markup=False,
        )
    return rows, wrong


def described(rows: list[dict[str, Any]], run: str | None, seconds: float) -> dict[str, Any]:
    """Return the record."""
    here = environment()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": here.machine,
        "cores": here.cores,
        "system": here.system,
        "versions": dict(here.versions),
        "data": load_corpus().name,
        "network": run or "the built-in network",
        "seconds": round(seconds),
        "rows": rows,
    }


def write(folder: Path, record: dict[str, Any], kinds: Sequence[Kind], wrong: Sequence[Mistake]) -> None:
    """Write record, page and sheets below a folder."""
    for name in ("results", "docs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "results" / "robustness.json", dump_json(record))
    if len({kind.group for kind in kinds}) == len(TITLES):
        write_page(folder, record)
    images = folder / "docs" / "images"
    for group, name in SHEETS.items():
        if shown := [kind for kind in kinds if kind.group == group]:
            save(examples(shown, record["seed"]), images / f"robustness-{name}.jpg")
    if wrong:
        save(mistakes(kinds, record["seed"], wrong), images / "robustness-mistakes.jpg")


def write_page(folder: Path, record: dict[str, Any]) -> None:
    """Write docs/robustness.md."""
    write_atomically(folder / "docs" / "robustness.md", page(record).encode())


if __name__ == "__main__":
    main()
