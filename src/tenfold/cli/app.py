"""The command line as a whole: its commands, its exit codes, what becomes of errors."""

from __future__ import annotations

import errno
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from tenfold import streams
from tenfold.cli import (
    ablate,
    check,
    compare,
    data,
    doctor,
    evaluate,
    export,
    models,
    output,
    predict,
    predict_shards,
    report,
    serve,
    speedrun,
    studio,
    summary,
    train,
    trial,
    trials,
    tune,
    users,
    verify,
    worker,
)
from tenfold.cli.command import Command, Group, usage_line
from tenfold.cli.examples import epilogue
from tenfold.cli.help import show_help, show_version
from tenfold.cli.tensorboard import OptionalFolder
from tenfold.errors import ConfigError, StorageError, TenfoldError
from tenfold.files import storage_error
from tenfold.interrupt import INTERRUPTED, treated_like_ctrl_c
from tenfold.quoting import message

UNEXPECTED = 1
_OF_STREAMS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What can come of writing; where files are written, they are named."""


app = typer.Typer(
    cls=Group,
    help="Recognise handwritten digits with neural networks written from first principles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS: tuple[Callable[..., None], ...] = (
    models.models,
    data.data,
    summary.summary,
    train.train,
    worker.worker,
    evaluate.evaluate,
    report.report,
    compare.compare,
    ablate.ablate,
    predict.predict,
    export.export,
    serve.serve,
    studio.studio,
    users.users,
    trials.trials,
    tune.tune,
    verify.verify,
    speedrun.speedrun,
    check.check,
    doctor.doctor,
)
for _command in _COMMANDS:
    _name = _command.__name__
    _cls = OptionalFolder if _command is train.train else Command
    app.command(_name, cls=_cls, epilog=epilogue(_name))(_command)
app.command("help", cls=Command, epilog=epilogue("help"))(show_help)
app.command("version", hidden=True)(show_version)  # for those who do not know of --version
app.command("run-trial", hidden=True)(trial.trial)
app.command("run-search", hidden=True)(tune.run_search)
app.command("run-shards", hidden=True)(predict_shards.run_shards)


def _show_version(wanted: bool) -> None:
    if wanted:
        show_version()
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 done, 1 unexpected, 2 usage, 3 data, 4 run or disk, 5 diverged, 6 busy, "
    "130 interrupted, 143 or 129 ended by SIGTERM or SIGHUP."
)
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error (may be given anywhere).")
    ] = False,
) -> None:
    """Recognise handwritten digits with neural networks written from first principles."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those that the program was started with.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    output.tolerate_narrow_encodings()
    warnings.showwarning = output.warn_once()
    try:
        with treated_like_ctrl_c():
            return _run(given)
    except KeyboardInterrupt as interruption:  # outside of any command
        output.error(str(interruption) or "interrupted")
        return getattr(interruption, "exit_code", INTERRUPTED)
    except TyperException as error:  # a wrong option or argument
        if line := usage_line(error):  # none without arguments: the help says it all
            output.error(line)
        return error.exit_code
    except Exception as error:  # the last line of defence: every error becomes one line
        if debug:
            traceback.print_exc()
        output.error(_line(error))
        if isinstance(error, TenfoldError):
            return error.exit_code
        return UNEXPECTED if _own_place(error) is None else ConfigError.exit_code
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
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # what Typer makes of one
            return _nobody_reads()
        raise
    except OSError as error:
        raise _in_words(error) from error


def _nobody_reads() -> int:
    """Whoever read our output has gone, which is no failure; what is still buffered goes nowhere."""
    streams.send_to_nowhere(sys.stdout)
    return 0


def _in_words(error: OSError) -> StorageError:
    """Return any error of the operating system in words."""
    if not isinstance(error, StorageError) and error.filename is None and error.errno in _OF_STREAMS:
        return streams.lost(error)
    found = storage_error(error)
    if found.then is None:
        found.then = "give the command again"
    return found


def _line(error: Exception) -> str:
    where = _own_place(error)
    if isinstance(error, TenfoldError):
        text = " ".join(str(error).split())
        return text if where is None or where in text else f"{where}: {text}"
    if isinstance(error, MemoryError):
        return f"expected more memory than there is ({message(error)}); give less at a time"
    if where is not None:
        return f"{where}: {type(error).__name__}: {message(error)}; correct it (--debug shows more)"
    return f"unexpected {type(error).__name__}: {message(error)}; add --debug to see where"


def _own_place(error: Exception) -> str | None:
    """Return the line of the user's own file in which an error, or the one that it comes from, arose."""
    from tenfold.zoo.own_file import place_of

    first: BaseException | None = error
    seen: list[BaseException] = []
    while isinstance(first, TenfoldError) and first not in seen:  # one may be its own cause
        seen.append(first)
        first = first.__cause__
    return None if first is None else place_of(first)
