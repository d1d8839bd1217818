"""The server's load limits, on one machine with its client: ``make load``.

Needs wrk (Debian: ``apt-get install wrk``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from abandoned import abandoned
from bodies import minibatch, pictures, slow_picture, written_page
from ending import ending
from overload import overload
from record import write
from rows import Row, show
from soak import soak
from under_test import UnderTest, serving
from wrk import Load, run

CONNECTIONS = 8
PEAK, LATE, IMAGES = 1000.0, 25.0, 5000.0  # requests a second, milliseconds, images a second
BATCH = 64


def main() -> None:
    """Measure, print a table and write a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", type=float, default=600, help="seconds")
    parser.add_argument("--seconds", type=float, default=15, help="of each other measurement")
    parser.add_argument("--run", type=Path, help="a finished run instead of the built-in network")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("expected wrk, found nothing; install it: apt-get install wrk")
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, serving(options.run) as server:
        rows = list(measured(server, Path(folder), options.seconds, options.soak))
        rows += ending(server, pictures()[0])
    show(rows)
    print(write(rows, load_before, vars(options)))


def measured(server: UnderTest, folder: Path, seconds: float, soak_seconds: float) -> list[Row]:
    """Return all figures but that of the end."""
    digits = Load(server.url("/v1/digits"), pictures(), {"Content-Type": "image/png"}, folder)
    page = Load(server.url("/v1/digits"), [written_page()], {"Content-Type": "image/png"}, folder)
    infer = server.url(f"/v2/models/{server.name}/infer")
    content, headers = minibatch(BATCH, binary=True)
    binary = Load(infer, [content], headers, folder)
    content, headers = minibatch(BATCH, binary=False)
    as_json = Load(infer, [content], headers, folder)
    for load in (digits, binary):
        run(load, CONNECTIONS, 2)  # so that nothing is new
    single = run(digits, CONNECTIONS, seconds)
    rows = [
        Row("one PNG of 28 x 28, 8 connections", "requests/s", single.good_rate, at_least=PEAK),
        Row("... 99th percentile", "ms", single.percentile_99, at_most=LATE),
        Row("... responses other than 200", "requests", float(single.bad), at_most=0.0),
    ]
    for name, load, target in (("binary", binary, IMAGES), ("JSON", as_json, None)):
        found = run(load, CONNECTIONS, seconds)
        rows.append(
            Row(f"minibatch of {BATCH}, {name}", "images/s", BATCH * found.good_rate, at_least=target)
        )
    found = run(page, CONNECTIONS, seconds)
    rows.append(Row("one PNG of 280 x 280 with a drawn digit", "requests/s", found.good_rate))
    rows += overload(digits, single.good_rate, seconds)
    rows += abandoned(server, slow_picture(), pictures()[0])
    rows += soak(server, digits, CONNECTIONS, soak_seconds)
    return rows


if __name__ == "__main__":
    main()
