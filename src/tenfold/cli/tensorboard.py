"""``--tensorboard [FOLDER]``: where a run is written down for TensorBoard."""

from __future__ import annotations

from typing import Any

from tenfold.cli.command import Command
from tenfold.runs.event_files import OPTION


class OptionalFolder(Command):
    """A command whose ``--tensorboard`` may stand alone; for Typer every option has a value or none has."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give the option an empty value where another option or nothing follows."""
        following = [*args, "--"][1:]  # none after none
        alone = [arg == OPTION and after.startswith("-") for arg, after in zip(args, following, strict=True)]
        completed = [f"{arg}=" if is_alone else arg for arg, is_alone in zip(args, alone, strict=True)]
        return super().parse_args(ctx, completed)
