"""Wrong options, arguments and commands in our words, and the types of options in the help."""

from __future__ import annotations

from typing import Any, get_args

from typer.core import TyperOption
from typer.exceptions import TyperException

from tenfold.habits import COMMANDS, OPTIONS

_TYPES = {"bool": "", "int": "N", "float": "NUMBER", "str": "TEXT", "Path": "PATH"}


def usage(error: TyperException, known: frozenset[str]) -> str:
    """Return the line for a usage error: the library that checks options has its own words.

    Parameters
    ----------
    error : TyperException
    known : frozenset of str
        The options of the command: advice that names another is not given.
    """
    line: str = error.format_message()
    if (name := getattr(error, "option_name", None)) is not None and line.startswith("No such option"):
        return _no_such(line, OPTIONS.get(name, ""), known)
    if line.startswith("No such command"):
        return _no_such(line, COMMANDS.get(line.split("'")[1], ""), known)
    find = getattr(error.__cause__, "errors", None)
    if find is None:
        return line
    [fault, *_] = find()
    wanted = _wanted(fault)
    if wanted is None:
        return line
    option = line.removeprefix("Invalid value for ").partition(": ")[0].replace("'", "")
    return f"{option}: expected {wanted}, got {fault['input']!r}; correct it"


def _no_such(line: str, advice: str, known: frozenset[str]) -> str:
    """Return the line with our advice, if its options are there; not the library's guess."""
    named = {word.strip(",;") for word in advice.split() if word.startswith("--")}
    if not advice or (line.startswith("No such option") and not named <= known | {"--version", "--debug"}):
        return line
    return f"{line.partition(' (Possible')[0].partition('. Did')[0].rstrip('.')}; {advice}"


def _wanted(fault: dict[str, Any]) -> str | None:
    """Return in words what a checked value should have been."""
    kind, bounds = fault["type"], fault.get("ctx", {})
    if kind == "greater_than_equal":
        return f"at least {bounds['ge']}"
    if kind == "less_than_equal":
        return f"at most {bounds['le']}"
    if kind.startswith("int_"):
        return "a whole number"
    if kind.startswith("float_"):
        return "a number"
    if " is not one of " in fault["msg"]:
        return "one of " + str(fault["msg"]).partition(" is not one of ")[2].rstrip(".")
    return None


def options_of(error: TyperException) -> frozenset[str]:
    """Return the options of the command that a usage error is about."""
    command = getattr(getattr(error, "ctx", None), "command", None)
    parameters = getattr(command, "params", ())
    return frozenset(name for one in parameters if isinstance(one, TyperOption) for name in one.opts)


def in_words(command: Any) -> Any:
    """Return a command whose help has words for the types of its options, and none for a flag."""
    for one in command.params:
        if isinstance(one, TyperOption) and one.metavar is None and not one.type_descriptor.is_choice:
            annotation = one.type_descriptor.annotation
            [single] = get_args(annotation) or (annotation,)
            one.metavar = _TYPES.get(getattr(single, "__name__", ""))
    return command
