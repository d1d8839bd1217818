"""Wrong options, arguments and commands in our words, and the types of options in the help."""

from __future__ import annotations

from typing import Any, get_args

from typer.core import TyperOption
from typer.exceptions import TyperException

from tenfold.habits import COMMANDS, OPTIONS

_TYPES = {"bool": "", "int": "N", "float": "NUMBER", "str": "TEXT", "Path": "PATH"}
_WANTED = {"greater_than_equal": "at least {ge}", "less_than_equal": "at most {le}"}
_KINDS = {"int": "a whole number", "float": "a number"}


def usage(error: TyperException) -> str:
    """Return the line for a usage error: the library that checks options has its own words."""
    line: str = error.format_message()
    if line.startswith("No such option"):
        return _no_such(line, OPTIONS.get(getattr(error, "option_name", ""), ""), _options_of(error))
    if line.startswith("No such command"):
        return _no_such(line, COMMANDS.get(line.split("'")[1], ""), None)
    find = getattr(error.__cause__, "errors", None)
    if find is None:
        return line
    [fault, *_] = find()
    wanted = _wanted(fault["type"], fault["msg"]).format(**fault.get("ctx", {}))
    option = line.removeprefix("Invalid value for ").partition(": ")[0].replace("'", "")
    return f"{option}: expected {wanted}, got {fault['input']!r}; correct it" if wanted else line


def _no_such(line: str, advice: str, options: set[str] | None) -> str:
    """Return the line with our advice, if the command has its options; not the library's guess."""
    named = {word.strip(",;") for word in advice.split() if word.startswith("--")}
    if not advice or (options is not None and not named <= options | {"--version", "--debug"}):
        return line
    return f"{line.partition(' (Possible')[0].partition('. Did')[0].rstrip('.')}; {advice}"


def _wanted(kind: str, message: str) -> str:
    """Return in words what a checked value should have been; empty if it is another fault."""
    if " is not one of " in message:
        return "one of " + message.partition(" is not one of ")[2].rstrip(".")
    return _WANTED.get(kind, _KINDS.get(kind.partition("_")[0], ""))


def _options_of(error: TyperException) -> set[str]:
    command = getattr(getattr(error, "ctx", None), "command", None)
    return {name for one in getattr(command, "params", ()) for name in one.opts}


def in_words(command: Any) -> Any:
    """Return a command whose help has words for the types of its options, and none for a flag."""
    for one in command.params:
        if isinstance(one, TyperOption) and one.metavar is None and not one.type_descriptor.is_choice:
            single, *_ = (*get_args(one.type_descriptor.annotation), one.type_descriptor.annotation)
            one.metavar = _TYPES.get(getattr(single, "__name__", ""))
    return command
