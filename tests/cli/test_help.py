"""What a command says of itself: versions, help with examples, and mistakes of usage in our words."""

from __future__ import annotations

import re
import shlex

import pytest
import typer
from tests.terminal import Terminal

from tenfold import __version__
from tenfold.cli.app import app
from tenfold.cli.examples import EXAMPLES

GROUP = typer.main.get_command(app)
COMMANDS = [name for name, command in GROUP.commands.items() if not command.hidden]
TYPES_OF_PYTHON = re.compile(r"<\w+( range)?>|<?list\[|<bool|<str|<path", re.IGNORECASE)


@pytest.mark.parametrize("words", [["--version"], ["version"]])
def test_the_version(terminal: Terminal, words: list[str]) -> None:
    assert terminal(*words) == (0, f"tenfold {__version__}\n", "")


def test_help_is_the_same_as_the_option(terminal: Terminal) -> None:
    assert terminal("help") == terminal("--help")
    assert "Exit codes" in terminal("help")[1]
    assert terminal("help", "train") == terminal("train", "--help")


def test_help_for_a_command_that_there_is_not(terminal: Terminal) -> None:
    assert terminal("help", "trian") == (2, "", "error: unknown command 'trian'; did you mean 'train'?\n")


def test_every_command_has_examples() -> None:
    assert sorted(EXAMPLES) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_the_examples_and_has_no_types_of_python(
    terminal: Terminal, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    code, out, err = terminal(name, "--help")
    assert (code, err) == (0, "")
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    assert lines[lines.index("Examples:") + 1 :] == list(EXAMPLES[name])
    assert not TYPES_OF_PYTHON.search(out)
    assert "......" not in out
    assert "...]..." not in out


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_the_examples_are_understood(example: str) -> None:
    program, name, *words = shlex.split(example)
    assert program == "tenfold"
    context = GROUP.commands[name].make_context(name, words)  # an option that is not known raises an error
    assert context.params


MISTAKES = {
    "no model": (
        ["train"],
        "expected the name of a model or --network FILE.py, got neither; "
        "write a name, such as lenet5 (`tenfold models` lists them)",
    ),
    "no run": (
        ["evaluate"],
        "expected RUN|shipped, got nothing; write for example `tenfold evaluate runs/lenet5`",
    ),
    "no second argument": (
        ["export", "shipped"],
        "expected FILE, got nothing; write for example `tenfold export runs/lenet5 digits.onnx`",
    ),
    "one argument too many": (
        ["train", "lenet5", "nn2l"],
        "expected no more arguments, got also nn2l; write for example `tenfold train lenet5`",
    ),
    "no value": (
        ["train", "--epochs"],
        "--epochs: expected a value after it, got nothing; add one (--help says which)",
    ),
    "not whole": (
        ["train", "lenet5", "--epochs", "x"],
        "--epochs: expected a whole number, got 'x'; correct it",
    ),
    "no number": (["train", "lenet5", "--lr", "x"], "--lr: expected a number, got 'x'; correct it"),
    "too large": (["serve", "--port", "99999"], "--port: expected at most 65535, got '99999'; correct it"),
    "too small": (["train", "lenet5", "--epochs", "0"], "--epochs: expected at least 1, got '0'; correct it"),
    "no choice": (
        ["train", "lenet5", "--protocol", "x"],
        "--protocol: expected one of 'honest', 'published', got 'x'; correct it",
    ),
    "a slip": (
        ["train", "lenet5", "--epoch", "3"],
        "expected an option of `tenfold train`, got --epoch; did you mean --epochs?",
    ),
    "another program's word": (
        ["predict", "x.png", "--model", "lenet5"],
        "expected an option of `tenfold predict`, got --model; write --run RUN, or leave it out "
        "for the built-in network",
    ),
    "the learning rate in full": (
        ["train", "lenet5", "--learning-rate", "1"],
        "expected an option of `tenfold train`, got --learning-rate; write --lr 0.001",
    ),
    "nothing like it": (
        ["train", "lenet5", "--zzz"],
        "expected an option of `tenfold train`, got --zzz; `tenfold train --help` lists them",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_answered_with_what_to_write(terminal: Terminal, case: str) -> None:
    words, line = MISTAKES[case]
    assert terminal(*words) == (2, "", f"error: {line}\n")


def test_the_commands_are_made_once(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that calls `main` again and again waits for them once."""
    before = terminal("models", "--help")
    monkeypatch.setattr("typer.main.get_command", None)
    assert terminal("models", "--help") == before
