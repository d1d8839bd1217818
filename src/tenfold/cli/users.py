"""``tenfold users``: those who share a studio."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Json
from tenfold.errors import ConfigError
from tenfold.registry import unknown

if TYPE_CHECKING:
    from tenfold.users import UserFile

_ACTIONS = ("add", "list", "remove", "renew", "set")
_COLUMNS = (
    "user",
    "identity",
    "role",
    "requests a minute",
    "trainings at once",
    "minutes a training",
    "MB of disk",
)


def users(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="add, list, remove, renew or set.")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The user.")] = None,
    file: Annotated[
        Path, typer.Option("--users", metavar="FILE", help="The file of users; `add` makes it.")
    ] = Path("users.json"),
    role: Annotated[
        str | None,
        typer.Option(
            help="read: runs and drawings; train: also trainings (default); admin: all users' runs."
        ),
    ] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Requests a minute (1200).")] = None,
    trainings: Annotated[int | None, typer.Option(min=1, help="Trainings at once (2).")] = None,
    minutes: Annotated[int | None, typer.Option(min=1, help="Minutes a training (60).")] = None,
    disk: Annotated[int | None, typer.Option(min=1, help="MB of disk (1000).")] = None,
    identity: Annotated[
        str | None,
        typer.Option(
            help="The user at the identity provider of `tenfold studio --oidc`, such as the e-mail address."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add, list and remove those who share a studio; change their quotas; renew their tokens."""
    from tenfold.users import Quota, UserFile

    if action not in _ACTIONS:
        raise unknown("action", action, _ACTIONS)
    known = UserFile(file)
    given = {"requests": requests, "trainings": trainings, "minutes": minutes, "disk": disk}
    quota = {key: value for key, value in given.items() if value is not None}
    if action == "list":
        _list(known, as_json)
        return
    if name is None:
        raise ConfigError(f"expected the name of a user, got nothing; write `tenfold users {action} NAME`")
    found: dict[str, Any] = {"user": name, "action": action}
    if action == "add":
        found["token"] = known.add(name, role or "train", Quota(**quota), identity)
    elif action == "renew":
        found["token"] = known.renew(name)
    elif action == "set":
        known.change(name, role, quota, identity)
    else:
        known.remove(name)
    _show(found, as_json)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.emit(found)
        return
    if "token" in found:
        output.remark(f"the token of {found['user']}, shown this once and kept nowhere:")
        output.say(found["token"])
    else:
        done = {"set": "changed", "remove": "removed; the runs stay in their folder"}[found["action"]]
        output.remark(f"{found['user']}: {done}")


def _list(known: UserFile, as_json: bool) -> None:
    found = known.read().values()
    if as_json:
        rows = [
            {"user": one.name, "identity": one.identity, "role": one.role, "quota": asdict(one.quota)}
            for one in found
        ]
        output.emit({"users": rows})
        return
    cells = [
        (one.name, one.identity or "-", one.role, *map(str, asdict(one.quota).values())) for one in found
    ]
    output.table(_COLUMNS, cells, right=range(3, len(_COLUMNS)))
