"""``tenfold check``: every derivative against finite differences."""

from __future__ import annotations

import typer

from tenfold.cli import options, output


def check(
    seed: int = typer.Option(0, min=0, help="Gives inputs and directions."),
    as_json: options.Json = False,
) -> None:
    """Compare every layer's and loss's derivative with central differences in float64."""
    from tenfold.nn.gradcheck import TOLERANCE, gradient_table

    found = gradient_table(seed)
    right = sum(row.ok for row in found)
    if as_json:
        rows = [row._asdict() | {"ok": row.ok} for row in found]
        output.emit({"tolerance": TOLERANCE, "ok": right == len(found), "rows": rows})
    else:
        lines = [(r.name, r.what, f"{r.error:.1e}", "right" if r.ok else "WRONG") for r in found]
        output.table(("layer or loss", "derivative by", "relative error", ""), lines, right=(2,))
        output.say(f"{right} of {len(found)} derivatives right to within {TOLERANCE:.0e}")
    if right < len(found):
        raise typer.Exit(1)
