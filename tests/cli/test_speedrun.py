"""`tenfold speedrun`: what is said, what is refused, and what is left after a process is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.any_images import CORPORA
from tests.runs.test_speedrun import ONE_STEP

from tenfold.checkpoint import read_json
from tenfold.cli import main
from tenfold.runs import completion
from tenfold.zoo.speedruns import SPEEDRUNS

SECONDS = 120  # until a first seed must be there, however busy the machine is


@pytest.fixture
def digits(tmp_path: Path) -> str:
    """A file with a hundred digits."""
    corpus, path = CORPORA["grey digits"], tmp_path / "digits.npz"
    parts = {"x_train": corpus.train.images, "y_train": corpus.train.labels}
    np.savez(path, **parts, x_test=corpus.test.images, y_test=corpus.test.labels)
    return str(path)


@pytest.fixture
def _one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run for 97 % takes one step."""
    monkeypatch.setattr("tenfold.zoo.speedruns.SPEEDRUNS", {**SPEEDRUNS, "97": ONE_STEP})


@pytest.mark.usefixtures("_one_step")
def test_a_target_is_measured_told_and_listed(
    digits: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ["--data", digits, "--results", str(tmp_path / "results")]
    assert main(["speedrun", "97", *results, "--seeds", "0-2"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:2] == ["target", "training"]
    assert out.splitlines()[1].startswith("97 %")
    assert "apart from it: reading the images" in out
    assert [f"97 %, seed {seed}: " in err for seed in range(3)] == [True] * 3
    assert main(["speedrun", "97", *results, "--quiet", "--json"]) == 0
    out, _ = capsys.readouterr()
    [found] = json.loads(out)["targets"]
    assert found["target"] == "97"
    assert found["ours"]["seeds"] == [0, 1, 2]  # those of the entry are among them
    assert Path(found["file"]).is_file()
    assert main(["speedrun", *results[2:]]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed[1:]] == list(SPEEDRUNS)
    assert "not measured" not in listed[1]
    assert main(["speedrun", *results[2:], "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["targets"]
    assert [len(one["measured"]) for one in told][:2] == [1, 0]


@pytest.mark.usefixtures("_one_step")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["98.5"], "target: expected an accuracy in per cent, one of 97, 98, 99"),
        (["97", "x"], "target: expected an accuracy in per cent"),
        (["97", "--seeds", "a"], "seeds"),
        (["97"], "results/: expected speed runs on mnist, got digits; choose a folder with --results"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: list[str],
    words: str,
    digits: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["speedrun", *arguments, "--data", digits]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "results").exists()


def test_the_tab_key_offers_the_targets() -> None:
    assert completion.targets("") == list(SPEEDRUNS)
    assert set(completion.targets("99")) == {target for target in SPEEDRUNS if target.startswith("99")}


KILLED = """
import sys
from tests.runs.test_speedrun import ONE_STEP
from tenfold.cli import main
from tenfold.zoo import speedruns
speedruns.SPEEDRUNS = {"97": ONE_STEP}
sys.exit(main(sys.argv[1:]))
"""


def test_after_a_kill_the_same_command_trains_the_seeds_that_are_missing(digits: str, tmp_path: Path) -> None:
    results = tmp_path / "results"
    command = ["speedrun", "97", "--data", digits, "--results", str(results), "--seeds", "0-49", "--quiet"]
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *command], env=os.environ | {"PYTHONPATH": path}
    )
    until = time.monotonic() + SECONDS
    while not (files := list(results.glob("speedrun/97-*.json"))) and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.wait()
    [file] = files
    before = read_json(file)["seeds"]
    assert before
    command[command.index("0-49")] = f"0-{len(before)}"
    again = subprocess.run(
        [sys.executable, "-c", KILLED, *command],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    after = read_json(file)["seeds"]
    assert after[: len(before)] == before
    assert [row["seed"] for row in after] == list(range(len(before) + 1))
