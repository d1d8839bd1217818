"""``tenfold doctor``: what is in order here, and what to do about the rest."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from tenfold.cli import output
from tenfold.cli.options import Json

if TYPE_CHECKING:
    from tenfold.doctor import Check

FAULT = 1
_STYLES = {"ok": None, "note": "yellow", "fault": "bold red"}
_AREA_WIDTH = 13


def doctor(as_json: Json = False) -> None:
    """Check the installation and the machine: one line each, and what to do where something is wrong."""
    from tenfold.doctor import State, examine

    checks = []
    for check in examine(output.remark):
        checks.append(check)
        if not as_json:
            _show(check)
    count = {state: sum(check.state == state for check in checks) for state in State}
    if as_json:
        output.emit({"ok": not count[State.fault], "checks": [asdict(check) for check in checks]})
    else:
        output.say(", ".join(f"{n} {state}" for state, n in count.items()))
    if count[State.fault]:
        raise typer.Exit(FAULT)


def _show(check: Check) -> None:
    advice = f"; {check.advice}" if check.advice else ""
    line = f"{check.state:5}  {check.area:{_AREA_WIDTH}}  {check.found}{advice}"
    output.say(line, style=_STYLES[check.state])
