"""``--tensorboard [FOLDER]``: where a run is written down for TensorBoard."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from tenfold.errors import ConfigError
from tenfold.runs.event_files import OPTION


class OptionalFolder(TyperCommand):
    """A command whose ``--tensorboard`` may stand alone; for Typer every option has a value or none has."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give the option an empty value where another option or nothing follows."""
        following = [*args[1:], "--"]
        alone = [arg == OPTION and after.startswith("-") for arg, after in zip(args, following, strict=True)]
        completed = [f"{arg}=" if is_alone else arg for arg, is_alone in zip(args, alone, strict=True)]
        return super().parse_args(ctx, completed)


def check(*, rehearsal: bool) -> None:
    """Refuse early what cannot be written.

    Raises
    ------
    ConfigError
        If nothing of the run is kept, or tensorboardX is not installed.
    """
    from tenfold.train.tensorboard import check_installed

    if rehearsal:
        raise ConfigError(
            f"{OPTION}: expected a run, got a rehearsal, of which nothing is kept; leave it out"
        )
    check_installed()


def how_to_look(at: Path) -> str:
    """Return the command that shows the event files, and those of other runs beside them."""
    return f"tensorboard --logdir {shlex.quote(str(at.parent))}"
