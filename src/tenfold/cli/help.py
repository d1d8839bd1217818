"""``tenfold help [COMMAND]``: the same as ``--help``."""

from __future__ import annotations

import typer

from tenfold import __version__
from tenfold.cli import output
from tenfold.cli.examples import EXAMPLES


def _commands(incomplete: str) -> list[str]:
    return [name for name in EXAMPLES if name.startswith(incomplete)]


def help(
    ctx: typer.Context,
    command: str | None = typer.Argument(
        None, metavar="[COMMAND]", help="The command; by default all of them.", autocompletion=_commands
    ),
) -> None:
    """Show all commands, or the options of one with examples."""
    top = ctx.find_root()
    if command is None:
        text = top.get_help()
    else:
        found = top.command.get_command(top, command)  # type: ignore[attr-defined]
        text = found.get_help(typer.Context(found, info_name=command, parent=top))
    output.put(text + "\n")  # empty where it has been printed with colours already


def show_version() -> None:
    """Show the version."""
    output.say(f"tenfold {__version__}")
