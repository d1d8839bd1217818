"""How commands show themselves: values as a person would write them, and errors of usage in our words."""

from __future__ import annotations

import difflib
from functools import partial
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from tenfold.cli import output
from tenfold.cli.examples import EXAMPLES
from tenfold.errors import ConfigError
from tenfold.habits import COMMANDS, OPTIONS
from tenfold.registry import unknown
from tenfold.runs.event_files import OPTION

_VALUES = {bool: "", int: "N", float: "X", str: "TEXT", list[str]: "TEXT"}

_WANTED = {
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "int_": "a whole number",
    "float_": "a number",
}
"""Kind of an error of usage -> what was expected."""


def _shown(parameters: list[Any], ctx: Any) -> list[Any]:
    """Return a command's parameters, shown without the types of Python."""
    for one in parameters:
        if one.param_type_name == "argument":
            name = one.display_name_raw  # says it all: RUN, FILE.toml, A B...
            one.display_type_rich = partial(_same, None)
            one.get_usage_pieces = partial(_same, [name if one.required else f"[{name.strip('[]')}]"])
        elif one.metavar is None:
            kind, written = one.type_descriptor, one.display_type(ctx).strip("<>")
            one.metavar = written if kind.is_choice else _VALUES.get(kind.annotation, written.upper())
    return parameters


def _same(value: Any, ctx: Any) -> Any:
    return value


def given(ctx: typer.Context) -> dict[str, Any]:
    """Return the values of a command's options by the names that they have on the command line."""
    return {one.opts[0]: ctx.params[one.name] for one in ctx.command.params if one.name in ctx.params}


class Command(TyperCommand):
    """A command whose help says ``--epochs N`` and not ``--epochs <int>``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options and arguments."""
        return _shown(super().get_params(ctx), ctx)


class OptionalFolder(Command):
    """A command whose ``--tensorboard`` may stand alone; for Typer every option has a value or none has."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give the option an empty value where another option or nothing follows."""
        following = [*args, "--"][1:]  # none after none
        alone = [arg == OPTION and after.startswith("-") for arg, after in zip(args, following, strict=True)]
        completed = [f"{arg}=" if is_alone else arg for arg, is_alone in zip(args, alone, strict=True)]
        return super().parse_args(ctx, completed)


class Group(TyperGroup):
    """The commands together; Ctrl-C says what became of the run."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options."""
        return _shown(super().get_params(ctx), ctx)

    def invoke(self, ctx: Any) -> Any:
        """Carry out a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interruption:
            raise typer.Exit(output.interrupted(interruption)) from interruption

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; an unknown one is answered in our words, except by the Tab key."""
        found = super().get_command(ctx, cmd_name)
        if found is None and not ctx.resilient_parsing and not cmd_name.startswith("-"):
            if cmd_name in COMMANDS:
                raise ConfigError(f"unknown command {cmd_name!r}; {COMMANDS[cmd_name]}")
            raise unknown("command", cmd_name, EXAMPLES)
        return found


def usage_line(error: TyperException) -> str:
    """Return an error of usage in our words: the library that checks options has its own."""
    said: str = error.format_message()
    kind, ctx = type(error).__name__, getattr(error, "ctx", None)
    if find := getattr(error.__cause__, "errors", None):
        return _wrong_value(said, find()[0])
    if kind == "BadOptionUsage":
        option = error.option_name  # type: ignore[attr-defined]
        return f"{option}: expected a value after it, got nothing; add one (--help says which)"
    if ctx is None:
        return said
    if kind == "NoSuchOption":
        return _no_such_option(error.option_name, ctx)  # type: ignore[attr-defined]
    if kind == "MissingParameter":
        wanted = error.param.get_error_hint().strip("'")  # type: ignore[attr-defined]
        return f"expected {wanted}, got nothing; write for example `{_example(ctx)}`"
    if said.startswith("Got unexpected extra argument"):
        extra = said.partition("(s) (")[2].removesuffix(")")
        return f"expected no more arguments, got also {extra}; write for example `{_example(ctx)}`"
    return said


def _example(ctx: Any) -> str:
    return EXAMPLES.get(ctx.info_name, (f"{ctx.command_path} --help",))[0]


def _no_such_option(given: str, ctx: Any) -> str:
    known = [name for one in ctx.command.get_params(ctx) for name in one.opts]
    advice = OPTIONS.get(given, "")  # what to write instead, unless this command has no such option
    named = {word.strip(",;") for word in advice.split() if word.startswith("--")}
    near = difflib.get_close_matches(
        given, [name for name in known if name.startswith("--")], n=1, cutoff=0.7
    )
    if not advice or not named <= {*known, "--version", "--debug"}:
        advice = f"did you mean {near[0]}?" if near else f"`{ctx.command_path} --help` lists them"
    return f"expected an option of `{ctx.command_path}`, got {given}; {advice}"


def _wrong_value(said: str, fault: dict[str, Any]) -> str:
    kind, bounds = fault["type"], fault.get("ctx", {})
    wanted = next((text.format(**bounds) for start, text in _WANTED.items() if kind.startswith(start)), None)
    if wanted is None and " is not one of " in fault["msg"]:
        wanted = "one of " + fault["msg"].partition(" is not one of ")[2].rstrip(".")
    if wanted is None:
        return said
    option = said.removeprefix("Invalid value for ").partition(": ")[0].replace("'", "")
    return f"{option}: expected {wanted}, got {fault['input']!r}; correct it"
