"""Give damaged files to the readers, which may raise only TenfoldError, within limits of time and memory.

If atheris is installed, it searches for inputs that reach new code; otherwise the inputs are mutations of
valid files. Each finding is written to a file, which can be tried again:

    python tools/fuzz picture --seconds 60
    python tools/fuzz --record build/faults          # every target; the number of inputs, as JSON
    python tools/fuzz idx --again crash-idx-3f2a
"""

from __future__ import annotations

import argparse
import os
import time
from contextlib import nullcontext
from pathlib import Path

from engines import Extent, atheris, in_a_process, with_atheris, with_mutations

with nullcontext() if atheris is None else atheris.instrument_imports(include=["tenfold"]):
    from targets import TARGETS

    from tenfold.checkpoint import dump_json


def main() -> None:
    options = parsed()
    if options.again:
        TARGETS[options.targets[0]].call(options.again.read_bytes())
    elif options.by_itself:
        with_atheris(options.targets[0], TARGETS[options.targets[0]], extent(options), options.seed)
    else:
        for name in options.targets or TARGETS:
            fuzz(name, options)


def parsed() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0])
    parser.add_argument(
        "targets", nargs="*", choices=[*TARGETS, []], metavar="target", help=", ".join(TARGETS)
    )
    parser.add_argument("--seconds", type=float, default=30, help="seconds for each target (30)")
    parser.add_argument(
        "--inputs",
        type=int,
        help="number of inputs for each target, instead of seconds; always the same mutations",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="try the file of a finding again")
    parser.add_argument("--mutations", action="store_true", help="use mutations even if atheris is installed")
    parser.add_argument(
        "--record", type=Path, metavar="FOLDER", help="write fuzz-TARGET.json into this folder"
    )
    parser.add_argument("--by-itself", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def extent(options: argparse.Namespace) -> Extent:
    """Return the limit for one target."""
    return Extent(options.seconds, options.inputs)


def fuzz(name: str, options: argparse.Namespace) -> None:
    """Fuzz one reader, print the number of inputs, and record it with --record."""
    led, began = atheris is not None and not options.mutations, time.monotonic()
    if led:
        arguments = [name, "--seconds", str(options.seconds), "--seed", str(options.seed), "--by-itself"]
        arguments += [] if options.inputs is None else ["--inputs", str(options.inputs)]
        tried = in_a_process(arguments)
    else:
        tried = with_mutations(name, TARGETS[name], extent(options), options.seed)
    how, seconds = "atheris" if led else "mutations", round(time.monotonic() - began)
    print(f"{name}: {tried:,} inputs by {how} in {seconds} s, nothing but TenfoldError")
    if options.record:
        found = {"target": name, "inputs": tried, "seconds": seconds, "by": how}
        options.record.mkdir(parents=True, exist_ok=True)
        (options.record / f"fuzz-{name}.json").write_bytes(dump_json(found))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
