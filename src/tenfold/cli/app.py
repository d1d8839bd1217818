"""The command line as a whole: its commands, its exit codes, what becomes of errors."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.exceptions import TyperException

from tenfold import streams
from tenfold.cli import output
from tenfold.cli.command import Command, Group, OptionalFolder, usage_line
from tenfold.cli.examples import EXAMPLES, epilogue
from tenfold.cli.help import show_version
from tenfold.cli.predict_shards import run_shards
from tenfold.cli.trial import trial
from tenfold.cli.tune import run_search
from tenfold.errors import ConfigError, TenfoldError
from tenfold.interrupt import treated_like_ctrl_c
from tenfold.quoting import message

UNEXPECTED = 1

app = typer.Typer(
    cls=Group,
    help="Recognise handwritten digits with neural networks written from first principles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name in EXAMPLES:  # each command has a file of its name
    _command = getattr(import_module(f"tenfold.cli.{_name}"), _name)
    _cls = OptionalFolder if _name == "train" else Command
    app.command(_name, cls=_cls, epilog=epilogue(_name))(_command)
app.command("version", hidden=True)(show_version)  # for those who do not know of --version
app.command("run-trial", hidden=True)(trial)
app.command("run-search", hidden=True)(run_search)
app.command("run-shards", hidden=True)(run_shards)


def _show_version(wanted: bool) -> None:
    if wanted:
        show_version()
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 done, 1 unexpected, 2 usage, 3 data, 4 run or disk, 5 diverged, 6 busy, "
    "130 interrupted, 143 or 129 ended by SIGTERM or SIGHUP."
)
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
    debug: bool = typer.Option(
        False, "--debug", help="Show the traceback of an error (may be given anywhere)."
    ),
) -> None:
    """Recognise handwritten digits with neural networks written from first principles."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; see `tenfold.cli.main`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    streams.tolerate_narrow_encodings()
    warnings.showwarning = output.warn_once()
    try:
        with treated_like_ctrl_c():
            return _run(given)
    except KeyboardInterrupt as interruption:  # outside of any command
        return output.interrupted(interruption)
    except TyperException as error:  # a wrong option or argument
        if line := usage_line(error):  # none without arguments: the help says it all
            output.error(line)
        return error.exit_code
    except Exception as error:  # the last line of defence: every error becomes one line
        if debug:
            traceback.print_exc()
        return _told(error)
    finally:
        for stream in (sys.stdout, sys.stderr):  # what cannot be written must not change the exit code
            with suppress(OSError):
                streams.drain(stream)


@cache
def _commands() -> Any:
    """Return all commands with their options: a tenth of a second, and some programs call `main` often."""
    return typer.main.get_command(app)


def _run(arguments: list[str]) -> int:
    """Run a command and return its exit code, once everything that it printed has been written."""
    try:
        code = int(_commands()(args=arguments, prog_name="tenfold", standalone_mode=False) or 0)
        streams.drain(sys.stdout)
        return code
    except (BrokenPipeError, SystemExit) as end:
        cause = end.__context__ if isinstance(end, SystemExit) else end
        if not isinstance(cause, BrokenPipeError):  # which Typer makes a SystemExit of
            raise
        streams.send_to_nowhere(sys.stdout)  # whoever read it has gone, which is no failure
        return 0
    except OSError as error:
        raise streams.in_words(error, "give the command again") from error


def _told(error: Exception) -> int:
    """Print an error in one line, with its place if that is in the user's own file; return its code."""
    from tenfold.zoo.own_file import own_place

    where, said = own_place(error), message(error)
    code = UNEXPECTED if where is None else ConfigError.exit_code
    if isinstance(error, TenfoldError):
        said, code = " ".join(str(error).split()), error.exit_code
        line = said if where is None or where in said else f"{where}: {said}"
    elif isinstance(error, MemoryError):
        line = f"expected more memory than there is ({said}); give less at a time"
    elif where is None:
        line = f"unexpected {type(error).__name__}: {said}; add --debug to see where"
    else:
        line = f"{where}: {type(error).__name__}: {said}; correct it (--debug shows more)"
    output.error(line)
    return code
