"""Throw damaged files at the readers for a while: only a TenfoldError may come out, in time and memory.

With atheris, where it is installed, inputs are led by what they reach in the code; without it they are
mutations of sound files. Either way a finding is written to a file that can be given back:

    python tools/fuzz picture --seconds 60
    python tools/fuzz --record build/faults          # every target; how many inputs there were, as JSON
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
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0])
    parser.add_argument(
        "targets", nargs="*", choices=[*TARGETS, []], metavar="target", help=", ".join(TARGETS)
    )
    parser.add_argument("--seconds", type=float, default=30, help="for each target (30)")
    parser.add_argument("--inputs", type=int, help="for each, instead; by mutations the same each time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, help="a file that was written for a finding")
    parser.add_argument("--mutations", action="store_true", help="do without atheris")
    parser.add_argument("--record", type=Path, metavar="FOLDER", help="write fuzz-TARGET.json there")
    parser.add_argument("--by-itself", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def extent(options: argparse.Namespace) -> Extent:
    """Return how long to fuzz one target."""
    return Extent(options.seconds, options.inputs)


def fuzz(name: str, options: argparse.Namespace) -> None:
    """Fuzz one reader, say how many inputs there were, and record it if asked to."""
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
