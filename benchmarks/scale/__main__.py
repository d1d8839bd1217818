"""Simulate a plan at scale from measured times, and write ``results/scale.json``: ``make scale-plan``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from measured_times import RESULTS, Bench, System, slowness, systems
from scenarios import ASSUMED, COLD, CURVES, NODES, PIXELS, SCENARIOS, SEEDS, SHOWN, shards, simulated

from tenfold.checkpoint import dump_json, read_json
from tenfold.files import write_atomically
from tenfold.machine import commit

SHIPPED = 95e-6  # seconds for an image on one core, docs/shipped-network.md
SMALL, DRAWN = 306, 6_879  # bytes of the pictures of make load, on average


def main() -> None:
    """Simulate, and write the record."""
    bench, factors = Bench.read(), slowness()
    known = systems(bench)
    record = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "assumed": ASSUMED,
        "measured": {
            "seconds of a start": bench.later_start,
            "seconds to compile the engine": bench.compile_seconds,
        },
        "systems": [asdict(one) | {"checkpoint_seconds": epoch(one)} for one in known],
        "slowness": factors,
        "plan": [*trials(known, bench, factors)],
        "pictures": [*pictures(bench)],
    }
    write_atomically(RESULTS / "scale.json", dump_json(record))
    print("results/scale.json: written")


def epoch(system: System) -> float | None:
    """Return the seconds of an epoch; None for a model without epochs."""
    return system.checkpoint_seconds if system.checkpoint_seconds < system.seconds else None


def trials(known: Sequence[System], bench: Bench, factors: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Yield the scenarios of all systems with all seeds."""
    units = [unit for system in known for unit in system.units(SEEDS, bench.later_start)]
    for scenario in SCENARIOS:
        for nodes in NODES if scenario in CURVES else SHOWN:
            yield simulated(units, nodes, scenario, bench, factors)


def pictures(bench: Bench) -> Iterator[dict[str, Any]]:
    """Yield the time for a billion pictures, by kind and number of nodes."""
    for kind, seconds, size, source in rates(bench):
        for nodes in SHOWN:
            row = simulated(shards(seconds, bench.later_start, size / 1e6), nodes, COLD, bench, ())
            yield row | {"kind": kind, "seconds_each": seconds, "bytes_each": size, "source": source}


def rates(bench: Bench) -> Iterator[tuple[str, float, int, str]]:
    """Yield kinds of pictures: the seconds on one core and the bytes of one, and where they come from."""
    lenet = 2 * bench.predictions["lenet5"]
    yield "images of 28 x 28, `lenet5`", lenet, PIXELS, "results/bench-*.json, two cores for each image"
    yield "images of 28 x 28, the built-in network", SHIPPED, PIXELS, "docs/shipped-network.md"
    loads = max((read_json(path) for path in RESULTS.glob("load-*.json")), key=lambda one: one["date"])
    rate = {row["name"]: row["value"] for row in loads["rows"]}
    source = f"results/load-*.json, {loads['cores']} cores with the client"
    small, drawn = "one PNG of 28 x 28, 8 connections", "one PNG of 280 x 280 with a drawn digit"
    yield "PNG files of 28 x 28, sent to the server", loads["cores"] / rate[small], SMALL, source
    yield (
        "PNG files of 280 x 280 with a drawn digit, sent to the server",
        loads["cores"] / rate[drawn],
        DRAWN,
        source,
    )


if __name__ == "__main__":
    main()
