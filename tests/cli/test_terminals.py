"""The program in surroundings that are not a friendly terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tenfold.cli import main, output
from tenfold.cli.progress import load

COMMAND = [sys.executable, "-m", "tenfold"]


def surroundings(**changes: str | None) -> dict[str, str]:
    found = {**os.environ, "TENFOLD_DATA": "mnist-5k", **changes}
    return {name: value for name, value in found.items() if value is not None}


def call(
    *arguments: str | bytes, cwd: Path | None = None, **changes: str | None
) -> subprocess.CompletedProcess[bytes]:
    environment = surroundings(**changes)
    return subprocess.run([*COMMAND, *arguments], capture_output=True, cwd=cwd, env=environment, check=False)


@pytest.mark.fault("command line", "the locale is Latin-1 or ASCII", "no error, readable text")
@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["summary", "lenet5"], ["data"]])
def test_a_latin1_locale(arguments: list[str]) -> None:
    done = call(*arguments, PYTHONIOENCODING="latin-1", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("latin-1").strip()


@pytest.mark.fault("command line", "the locale is Latin-1 or ASCII", "no error, readable text")
def test_an_ascii_locale_can_show_an_error() -> None:
    done = call("train", "lén–et".encode(), PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: unknown model 'l?n?et'")


@pytest.mark.fault("command line", "the terminal is narrow, down to one column", "everything is still shown")
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("columns", ["80", "49", "20", "1"])
def test_a_narrow_terminal(
    columns: str, terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    assert all(part in shown for part in ("parameters", "lenet5", "61,706", "99.11-99.36", "gaussian-nb"))


@pytest.mark.fault("command line", "the terminal is narrow, down to one column", "everything is still shown")
def test_errors_stay_one_line_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert main(["train", "lenet"]) == 2
    assert capsys.readouterr().err == "error: unknown model 'lenet'; did you mean 'lenet5'?\n"


@pytest.mark.parametrize(
    ("names", "colours"),
    [([], False), (["NO_COLOR"], False), (["NO_COLOR", "FORCE_COLOR"], False), (["FORCE_COLOR"], True)],
)
def test_no_colour_where_none_is_wanted(
    names: list[str], colours: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, "1")
    assert main(["models"]) == 0
    assert main(["train", "lenet"]) == 2
    shown = "".join(capsys.readouterr())
    assert ("\x1b[3" in shown or "\x1b[1;3" in shown) == colours


@pytest.mark.parametrize("bold", [False, True])
def test_a_remark_is_bold_if_its_caller_says_so(
    bold: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("TERM", "xterm"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    output.remark("/data/mnist-5k: a folder of that name", bold=bold)
    assert capsys.readouterr().err.startswith("\x1b[1m") == bold


def test_what_loading_has_to_tell_is_bold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("TERM", "xterm"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("tenfold.data.load_corpus", lambda source, notify, progress: notify("no fours"))
    load("somewhere", quiet=True)
    assert capsys.readouterr().err.startswith("\x1b[1mno fours")


@pytest.mark.fault("command line", "the reader of the output goes away", "no traceback, the work is done")
@pytest.mark.parametrize("command", [["models", "--json"], ["check"], ["--help"]])
def test_a_reader_that_goes_away(command: list[str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=surroundings()
    )
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert errors == b""


@pytest.mark.fault("command line", "there is no terminal", "plain text")
def test_no_terminal_at_all() -> None:
    done = subprocess.run(
        [*COMMAND, "models"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=surroundings(TERM=None),
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_python_m_and_the_help_tells_every_command() -> None:
    done = call("--help", COLUMNS="120")
    for command in (
        "models",
        "data",
        "summary",
        "train",
        "trials",
        "verify",
        "evaluate",
        "report",
        "predict",
        "check",
    ):
        assert command.encode() in done.stdout
    assert b"130 interrupted" in done.stdout


def test_completion_can_be_shown() -> None:
    done = call("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0, done.stderr
    assert b"_TENFOLD_COMPLETE" in done.stdout


@pytest.mark.fault("data", "there is no network and no copy", "the sample, and one line that says so")
def test_the_sample_is_announced_in_one_line_where_mnist_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)
    monkeypatch.setenv("TENFOLD_MIRRORS", "http://127.0.0.1:9/")  # the port "discard": nothing answers
    monkeypatch.setenv("TENFOLD_CACHE", str(tmp_path / "cache"))
    assert main(["train", "gaussian-nb", "--no-report"]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "MNIST is not available" in line]
    assert len(lines) == 1
    assert "mnist-5k" in lines[0]
    assert (tmp_path / "runs" / "gaussian-nb-mnist-5k" / "run.json").is_file()


@pytest.mark.fault("training", "Ctrl-C once", "saved, exit 130, resumed with the same bits")
def test_ctrl_c_saves_the_run_and_resume_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["train", "nn1l", "--epochs", "2000", "--no-report"]
    process = subprocess.Popen(
        [*COMMAND, *options, "--out", "run"],
        cwd=tmp_path,
        env=surroundings(),
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:  # until an epoch is done
        if line.startswith("epoch 2/"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert "Traceback" not in rest
    assert rest.splitlines()[-1].startswith(("error: interrupted in epoch", "error: interrupted after epoch"))
    assert not (tmp_path / "run" / "run.json").exists()
    epochs = 1 + max(int(path.name[6:10]) for path in (tmp_path / "run" / "checkpoints").glob("epoch-*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENFOLD_DATA", "mnist-5k")
    for out in ("run", "unbroken"):
        assert main([*options[:3], str(epochs), "--no-report", "-q", "--out", out, "--resume"]) == 0
    weights = [(tmp_path / out / "model" / "weights.safetensors").read_bytes() for out in ("run", "unbroken")]
    assert weights[0] == weights[1]


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
def test_two_trainers_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TENFOLD_DATA", "mnist-5k")
    options = ["train", "nn2l", "--epochs", "500", "--no-report", "--out", "run"]
    first = subprocess.Popen(
        [*COMMAND, *options], cwd=tmp_path, env=surroundings(), stderr=subprocess.DEVNULL
    )
    try:
        while not (tmp_path / "run" / "checkpoints").exists() and first.poll() is None:
            time.sleep(0.02)
        assert main(options) == 6
        assert f"process {first.pid}" in capsys.readouterr().err
    finally:
        first.kill()
        first.wait()
