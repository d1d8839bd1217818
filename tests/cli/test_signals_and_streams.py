"""SIGTERM, SIGHUP, closed and full standard streams: the work is saved, the exit code says what happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.interrupt import Stopped, StopSignals, is_stop_code, stop, treated_like_ctrl_c

COMMAND = [sys.executable, "-m", "tenfold"]
ENVIRONMENT = {**os.environ, "TENFOLD_DATA": "mnist-5k"}
NAMES = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


# --- signals


@pytest.fixture(autouse=True)
def _as_from_a_terminal() -> Iterator[None]:
    """Whoever runs the tests may have these signals ignored, as nohup does: also in what is started here."""
    before = {name: signal.signal(getattr(signal, name), signal.SIG_DFL) for name in NAMES}
    yield
    for name, handler in before.items():
        signal.signal(getattr(signal, name), handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_has_them_treated_like_ctrl_c_and_puts_things_back(name: str) -> None:
    number = getattr(signal, name)
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match=f"interrupted by {name}") as stopped, treated_like_ctrl_c():
        send(number)
    assert stopped.value.exit_code == 128 + number
    assert is_stop_code(stopped.value.exit_code)
    with treated_like_ctrl_c(), StopSignals() as signals:
        send(number)
        assert signals.number == number
        with pytest.raises(Stopped, match="stopped at once") as stopped:
            send(signal.SIGINT)
    assert stopped.value.exit_code == 130
    assert signal.getsignal(number) is before


@pytest.mark.fault(
    "signals", "a program that uses tenfold handles signals itself", "its handlers are not changed"
)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("own", [signal.SIG_IGN, lambda number, frame: None], ids=["ignored", "its own"])
def test_handlers_of_others_stay(name: str, own: Callable[..., None]) -> None:
    number = getattr(signal, name)
    before = signal.signal(number, own)
    try:
        with treated_like_ctrl_c(), StopSignals() as signals:
            assert signal.getsignal(number) is own
            send(number)
            assert signals.number is None
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("name", NAMES)
def test_in_library_use_no_handler_is_installed(name: str) -> None:
    with StopSignals():
        assert signal.getsignal(getattr(signal, name)) is not stop


@pytest.mark.fault("signals", "SIGTERM or SIGHUP while training", "the run is saved, exit code 143 or 129")
@pytest.mark.parametrize(
    "name", [NAMES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:])]
)
def test_the_run_is_saved(name: str, tmp_path: Path) -> None:
    options = ["train", "nn1l", "--epochs", "2000", "--no-report", "--out", "run"]
    process = subprocess.Popen(
        [*COMMAND, *options], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    assert any(line.startswith("epoch 2/") for line in process.stderr or ())
    process.send_signal(getattr(signal, name))
    _, rest = process.communicate()
    assert process.returncode == 128 + getattr(signal, name)
    last = rest.splitlines()[-1]
    assert last.startswith(
        (f"error: interrupted by {name} in epoch ", f"error: interrupted by {name} after epoch ")
    )
    assert last.endswith("; saved, resume it with --resume --out run")
    assert list((tmp_path / "run" / "checkpoints").glob("epoch-*"))


# --- streams


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = command.replace("tenfold", " ".join(COMMAND))
    return subprocess.run(
        ["sh", "-c", line], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


@pytest.mark.fault("streams", "stdin, stdout or stderr is closed", "treated as /dev/null")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("tenfold models >&-", 0),
        ("tenfold models <&- 2>&-", 0),
        ("tenfold models <&- >&- 2>&-", 0),
        ("tenfold train nope 2>&-", 2),
        ("tenfold train nope >&- 2>/dev/full", 2),
    ],
)
def test_a_closed_stream_is_no_failure(command: str, code: int, tmp_path: Path) -> None:
    done = shell(command, tmp_path)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.fault("streams", "stdout is full", "one line, exit code 4; the work is saved")
@pytest.mark.parametrize("option", ["", "--json"])
def test_a_full_stdout_is_said(option: str, tmp_path: Path) -> None:
    done = shell(f"tenfold models {option} >/dev/full", tmp_path)
    assert done.returncode == 4
    assert done.stderr == (
        "error: stdout: expected room on the disk, found no space left on device; "
        "what was to be printed is lost, the work is not; free some space\n"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
@pytest.mark.fault("streams", "a training's stdout and stderr are closed or full", "trained and saved")
@pytest.mark.parametrize(("streams", "code"), [(">&- 2>&-", 0), (">/dev/full 2>/dev/full", 4)])
def test_no_work_is_lost_for_want_of_a_stream(streams: str, code: int, tmp_path: Path) -> None:
    done = shell(f"tenfold train nn1l --epochs 1 --no-report --out run {streams}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert (tmp_path / "run" / "run.json").is_file()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        *(".lock", "checkpoints", "history.csv", "model", "run.json")
    }
    assert (tmp_path / "run" / ".lock").read_text().strip().isdigit()


def test_the_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "143 or 129 ended by SIGTERM or SIGHUP" in " ".join(capsys.readouterr().out.split())
