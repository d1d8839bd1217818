"""``tenfold check``: every derivative against finite differences."""

from __future__ import annotations

from typing import Annotated

import typer

from tenfold.cli import output
from tenfold.cli.options import Json


def check(
    seed: Annotated[int, typer.Option("--seed", min=0, help="Gives inputs and directions.")] = 0,
    as_json: Json = False,
) -> None:
    """Compare every layer's and loss's derivative with central differences in float64."""
    from tenfold.nn.gradcheck import TOLERANCE, gradient_table

    found = gradient_table(seed)
    wrong = [row for row in found if not row.error < TOLERANCE]
    if as_json:
        rows = [{"name": r.name, "what": r.what, "error": r.error, "ok": r.error < TOLERANCE} for r in found]
        output.emit({"tolerance": TOLERANCE, "ok": not wrong, "rows": rows})
    else:
        lines = [
            (r.name, r.what, f"{r.error:.1e}", "right" if r.error < TOLERANCE else "WRONG") for r in found
        ]
        output.table(("layer or loss", "derivative by", "relative error", ""), lines, right=(2,))
        output.say(f"{len(found) - len(wrong)} of {len(found)} derivatives right to within {TOLERANCE:.0e}")
    if wrong:
        raise typer.Exit(1)
