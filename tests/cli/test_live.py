"""``--live``: a run that is recorded while it goes on is a run like any other."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.runs.live import goes_on
from tenfold.train.live import EVENTS, LIVE, Order, give_order

pytestmark = pytest.mark.usefixtures("undrawn")
SAMPLE = ["train", "nn1l", "--data", "mnist-5k", "--no-report", "--quiet"]


def events(out: Path) -> list[dict]:
    lines = (out / LIVE / EVENTS).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def learned(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "model").rglob("*.safetensors")}


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        assert process.poll() is None, "the training has ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_recorded_run_has_the_weights_of_any_other(tmp_path, capsys):
    one, other = tmp_path / "one", tmp_path / "other"
    assert main([*SAMPLE, "--epochs", "3", "--live", "--out", str(one)]) == 0
    assert main([*SAMPLE, "--epochs", "3", "--out", str(other)]) == 0
    assert learned(one) == learned(other) != {}
    kinds = [event["kind"] for event in events(one)]
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert kinds.count("epoch") == 3
    assert not goes_on(one)
    assert not (other / LIVE).exists()


def test_a_killed_recorded_run_resumes_to_the_same_weights(tmp_path, capsys):
    one, other = tmp_path / "one", tmp_path / "other"
    options = [*SAMPLE, "--epochs", "4", "--live", "--out", str(one)]
    with subprocess.Popen([sys.executable, "-m", "tenfold", *options], stdin=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: (one / LIVE / EVENTS).is_file() and "plan" in str(events(one)), process)
            give_order(one / LIVE, Order("epoch"))
            wait_for(lambda: any(event.get("paused") for event in events(one)), process)
            assert goes_on(one)
            give_order(one / LIVE, Order("step"))
            wait_for(lambda: sum(bool(event.get("paused")) for event in events(one)) == 2, process)
        finally:
            process.kill()
    assert not goes_on(one)
    assert main([*options, "--resume"]) == 0
    assert main([*SAMPLE, "--epochs", "4", "--out", str(other)]) == 0
    assert learned(one) == learned(other) != {}
    assert [event["epoch"] for event in events(one) if event["kind"] == "plan"] == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["train", "knn", "--live"],
            "knn: expected a network for --live, got a model that is fitted at once",
        ),
        (
            ["train", "ensemble", "--live"],
            "ensemble: expected a single network for --live, got an ensemble; leave the option out",
        ),
        (["train", "nn1l", "--live", "--dry-run"], "--live: expected a run to train, got --dry-run"),
        (
            ["train", "nn1l", "--live", "--workers", "2"],
            "--workers and --live: expected one of them, got both",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_run_that_diverges_says_so_in_its_last_event(tmp_path, capsys):
    out = tmp_path / "run"
    options = ["--epochs", "3", "--live", "--lr", "1e30", "--set", "recipe.optimizer=sgd"]
    sample = ["nn2l" if word == "nn1l" else word for word in SAMPLE]
    assert main([*sample, *options, "--out", str(out)]) == 5
    last = events(out)[-1]
    assert (last["kind"], last["diverged"]) == ("end", True)
    assert "expected" in last["error"]
