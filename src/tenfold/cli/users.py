"""``tenfold users``: those who share a studio."""

from __future__ import annotations

from pathlib import Path

import typer

from tenfold.cli import options, output
from tenfold.errors import ConfigError
from tenfold.registry import unknown

_TOKEN = "the token of {}, shown this once and kept nowhere:"
_DONE = {
    "add": _TOKEN,
    "remove": "{}: removed; the runs stay in their folder",
    "renew": _TOKEN,
    "set": "{}: changed",
}
_ACTIONS = (*_DONE, "list")


def users(
    action: str = typer.Argument(..., metavar="ACTION", help="add, list, remove, renew or set."),
    name: str | None = typer.Argument(None, metavar="[NAME]", help="The user."),
    file: Path = typer.Option(
        Path("users.json"), "--users", metavar="FILE", help="The file of users; `add` makes it."
    ),
    role: str | None = typer.Option(
        None, help="read: runs and drawings; train: also trainings (default); admin: all users' runs."
    ),
    requests: int | None = typer.Option(None, min=1, help="Requests a minute (1200)."),
    trainings: int | None = typer.Option(None, min=1, help="Trainings at once (2)."),
    minutes: int | None = typer.Option(None, min=1, help="Minutes a training (60)."),
    disk: int | None = typer.Option(None, min=1, help="MB of disk (1000)."),
    identity: str | None = typer.Option(
        None, help="The user at the identity provider of `tenfold studio --oidc`, such as the e-mail address."
    ),
    as_json: options.Json = False,
) -> None:
    """Add, list and remove those who share a studio; change their quotas; renew their tokens."""
    from tenfold.users import USER_COLUMNS, Quota, UserFile

    if action not in _ACTIONS:
        raise unknown("action", action, _ACTIONS)
    known = UserFile(file)
    given = {"requests": requests, "trainings": trainings, "minutes": minutes, "disk": disk}
    quota = {key: value for key, value in given.items() if value is not None}
    if action == "list":
        every = known.read().values()
        if as_json:
            output.emit({"users": [one.to_dict() for one in every]})
        else:
            output.table(USER_COLUMNS, [one.row for one in every], right=range(3, len(USER_COLUMNS)))
        return
    if name is None:
        raise ConfigError(f"expected the name of a user, got nothing; write `tenfold users {action} NAME`")
    found = {"user": name, "action": action}
    if action == "add":
        found["token"] = known.add(name, role or "train", Quota(**quota), identity)
    elif action == "renew":
        found["token"] = known.renew(name)
    elif action == "set":
        known.change(name, role, quota, identity)
    else:
        known.remove(name)
    if not as_json:
        output.remark(_DONE[action].format(name))
    output.tell(found, [found["token"]] if "token" in found else [], as_json=as_json)
