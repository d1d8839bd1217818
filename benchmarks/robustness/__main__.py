"""How well are pictures from people read, outside MNIST?

    python benchmarks/robustness                 # everything; results/robustness.json, docs/robustness.md
    python benchmarks/robustness --page          # only writes the page again from the record
    python benchmarks/robustness --quick         # a tenth of it, in a minute; only printed
    python benchmarks/robustness --development   # other pictures, for development; only printed
    python benchmarks/robustness --run RUN       # with your own network; only printed
    python benchmarks/robustness --kinds forms tight/2   # kinds whose group/name begins so; only printed
    python benchmarks/robustness --pictures 20   # at most 20 of each kind; only printed
    python benchmarks/robustness --on ray        # on a cluster, a command for each kind

Runs that are only printed leave their record and their sheets of pictures in build/robustness/.
"""

from __future__ import annotations

import argparse
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from every import every_kind
from found import Found, Mistake
from kind import DEVELOPMENT, FINAL, Kind
from measure import measure
from page import SHEETS, TITLES, cells, page, summary
from rich.console import Console
from row import row
from sheet import examples, mistakes, save
from spread import Spread, called, put

from tenfold.checkpoint import dump_json, read_json
from tenfold.data import load_corpus
from tenfold.errors import DataError, TenfoldError
from tenfold.evaluate.environment import environment
from tenfold.files import write_atomically
from tenfold.interrupt import end_with_stdin
from tenfold.machine import commit
from tenfold.runs.launch import Choice

ROOT = Path(__file__).parent.parent.parent
PARTLY = ROOT / "build" / "robustness"
QUICK = 0.1  # of the pictures


def main() -> None:
    """Measure, print, write."""
    options = parsed()
    if options.page:
        write_page(ROOT, read_json(ROOT / "results" / "robustness.json"))
        return
    seed = DEVELOPMENT if options.development else FINAL
    share = QUICK if options.quick else 1.0
    if options.kind is not None:
        measure_one(options, seed, share)
        return
    kinds = chosen(every_kind(seed), options.kinds)
    start = time.perf_counter()
    rows, wrong = measured(found_in(kinds, options, seed, share))
    record = described(rows, options.run, time.perf_counter() - start) | {"seed": seed, "share": share}
    partly = options.quick or options.development or options.run or options.kinds or options.pictures
    folder = options.out or (PARTLY if partly else ROOT)
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
    add("--on", default="local", metavar="local|slurm|ray|ray://HOST:PORT", help="where kinds are measured")
    add("--jobs", type=int, metavar="N", help="with --on: commands that the cluster is given at a time")
    for name, what in (("cores", "cores"), ("memory", "MiB"), ("minutes", "minutes, on Slurm")):
        add(f"--{name}", type=int, metavar="N", help=f"with --on: {what} of each command")
    add("--kind", help=argparse.SUPPRESS)  # a command for one kind, which --on starts
    add("--home", type=Path, help=argparse.SUPPRESS)
    add("--images", help=argparse.SUPPRESS)  # the SHA-256 of the images that the others show
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


def found_in(
    kinds: Sequence[Kind], options: argparse.Namespace, seed: int, share: float
) -> Iterator[tuple[Kind, Found]]:
    """Yield what was found on the pictures of each kind, measured here or where ``--on`` says."""
    place = Choice(options.on, options.jobs, options.cores, options.memory, options.minutes)
    if place.is_serial:
        return measure(kinds, seed, options.run, share, options.pictures)
    words = [name for name in ("quick", "development") if getattr(options, name)]
    given = [f"--{name}" for name in words]
    given += ["--run", str(Path(options.run).absolute())] if options.run else []
    given += ["--pictures", str(options.pictures)] if options.pictures else []
    home = (options.out or PARTLY) / "kinds"
    return Spread(place, given, home, options.run, print).measure(kinds)


def measure_one(options: argparse.Namespace, seed: int, share: float) -> None:
    """Measure one kind while stdin is open, and write what was found into its file."""
    end_with_stdin()
    if options.images != load_corpus().sha256:
        raise DataError(
            f"{socket.gethostname()}: expected the images of the machine that gave the command, found "
            f"{load_corpus().name}, which differs; set TENFOLD_DATA to the same images there"
        )
    [kind] = [one for one in every_kind(seed) if called(one) == options.kind]
    [(_, found)] = measure([kind], seed, options.run, share, options.pictures)
    put(options.home, kind, found)


def measured(every: Iterator[tuple[Kind, Found]]) -> tuple[list[dict[str, Any]], list[Mistake]]:
    """Return a row for each kind, printed as soon as it is known, and all mistakes."""
    console, rows, wrong = Console(highlight=False, soft_wrap=True), [], []
    for kind, found in every:
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
    try:
        main()
    except TenfoldError as error:
        raise SystemExit(f"error: {error}") from None
