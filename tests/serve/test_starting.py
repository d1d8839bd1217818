"""Servers that cannot start say why in one line."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from tenfold.cli import main


@pytest.mark.fault("server", "the port is in use", "one line, exit 6")
def test_an_address_that_is_taken(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--run", str(run)]) == 6
    err = capsys.readouterr().err
    assert err == (
        f"error: 127.0.0.1:{port}: expected a free address, found address already in use; "
        "choose another port with --port\n"
    )


@pytest.mark.fault("server", "a setting or the model is wrong", "one line, it does not start")
@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--run", "nowhere"], 4, "nowhere: expected the folder of a finished run, found no run.json"),
        (["--host", "0.0.0.0"], 2, "--host 0.0.0.0: expected a token"),
        (["--host", "no.such.host.invalid"], 2, "--host no.such.host.invalid: expected"),
        (["--token-file", "nowhere"], 2, "nowhere: expected a file, found nothing"),
        (["--port", "70000"], 2, "--port"),
        (["--workers", "0"], 2, "--workers: expected 1 to "),
        (["--workers", "1000000"], 2, "got 1000000; leave it out for one for each core"),
    ],
)
def test_what_cannot_be_served(
    arguments: list[str],
    code: int,
    text: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TENFOLD_TOKEN", raising=False)
    assert main(["serve", "--port", "0", *arguments]) == code
    err = capfd.readouterr().err
    assert text in err
    assert err.count("\n") == 1


@pytest.mark.fault("server", "a setting or the model is wrong", "one line, it does not start")
def test_a_damaged_model(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    weights = copy / "model" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert main(["serve", "--port", "0", "--run", str(copy)]) == 4
    err = capfd.readouterr().err
    assert "weights.safetensors" in err
    assert err.count("\n") == 1


@pytest.mark.fault("server", "packages of the server are not installed", "one line says what to install")
def test_the_extra_is_not_installed(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None if name == "uvicorn" else name)
    assert main(["serve", "--run", str(run)]) == 2
    assert capsys.readouterr().err == (
        "error: serve: expected uvicorn to be installed, found nothing; "
        "install it: pip install 'tenfold[serve]'\n"
    )
