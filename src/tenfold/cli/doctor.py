"""``tenfold doctor``: what is in order here, and what to do about the rest."""

from __future__ import annotations

from dataclasses import asdict

from tenfold.cli import options, output

FAULT = 1
_STYLES = {"ok": None, "note": "yellow", "fault": "bold red"}


def doctor(as_json: options.Json = False) -> None:
    """Check the installation and the machine: one line each, and what to do where something is wrong."""
    from tenfold.doctor import State, examine

    checks = []
    for check in examine(output.remark):
        checks.append(check)
        if not as_json:
            output.say(str(check), style=_STYLES[check.state])
    count = {state: sum(check.state == state for check in checks) for state in State}
    record = {"ok": not count[State.fault], "checks": [asdict(check) for check in checks]}
    line = ", ".join(f"{n} {state}" for state, n in count.items())
    output.tell(record, [line], as_json=as_json, code=FAULT if count[State.fault] else 0)
