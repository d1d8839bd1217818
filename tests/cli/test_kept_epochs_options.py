"""``--keep-all``, ``--resume --from-epoch N`` and ``evaluate RUN --epoch N``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tenfold.cli import main

SAMPLE = ["--data", "mnist-5k", "--no-report", "--quiet"]


def train(out: Path, *options: str, name: str = "nn1l") -> int:
    return main(["train", name, *SAMPLE, "--out", str(out), *options])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run of five epochs, all of them kept. Not to be changed."""
    out = tmp_path_factory.mktemp("kept") / "run"
    assert train(out, "--epochs", "5", "--keep-all") == 0
    return out


@pytest.fixture
def run(kept, tmp_path):
    shutil.copytree(kept, tmp_path / "run")
    return tmp_path / "run"


def weights(out: Path) -> bytes:
    return (out / "model" / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("epoch", [1, 3, 4])
def test_it_goes_on_in_a_new_folder_to_the_same_bits(run, epoch):
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert train(run, "--epochs", "5", "--resume", "--from-epoch", str(epoch)) == 0
    new = run.with_name(f"run-from-{epoch}")
    assert weights(new) == weights(run)
    record = json.loads((new / "run.json").read_text())
    assert f"continued from epoch {epoch} of {run}, which is not changed" in record["notices"]
    assert len(record["epochs"]) == 5
    assert before == {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_a_second_branch_gets_a_folder_of_its_own_and_is_resumed_like_any_run(run):
    for epochs, name in (("3", "run-from-2"), ("4", "run-from-2-2")):
        assert train(run, "--epochs", epochs, "--resume", "--from-epoch", "2") == 0
        assert len(json.loads((run.with_name(name) / "run.json").read_text())["epochs"]) == int(epochs)
    assert train(run.with_name("run-from-2"), "--epochs", "5", "--resume") == 0
    assert weights(run.with_name("run-from-2")) == weights(run)


def test_from_its_newest_epoch_a_run_goes_on_where_it_is(run):
    assert train(run, "--epochs", "6", "--resume", "--from-epoch", "5") == 0
    assert not run.with_name("run-from-5").exists()
    assert len(json.loads((run / "run.json").read_text())["epochs"]) == 6


REFUSED = {
    "an epoch that was not kept": (
        ["--resume", "--from-epoch", "9", "--epochs", "9"],
        4,
        "expected an epoch whose checkpoint was kept (1, 2, 3, 4, 5), got 9; "
        "start a run with --keep-all to keep all epochs",
    ),
    "an epoch after the last": (
        ["--resume", "--from-epoch", "4", "--epochs", "3"],
        2,
        "--from-epoch: expected at most 3, the number of epochs, got 4",
    ),
    "another run": (["--resume", "--from-epoch", "4", "--seed", "1"], 4, "started with seed = 0, got 1"),
    "no resumption": (["--from-epoch", "4"], 2, "--from-epoch: expected --resume and the folder of the run"),
    "a rehearsal": (["--resume", "--from-epoch", "4", "--dry-run"], 2, "expected a run to train"),
    "none": (["--resume", "--from-epoch", "0"], 2, "--from-epoch: expected at least 1, got '0'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_gone_on_from_leaves_no_folder(case, kept, capsys):
    options, code, message = REFUSED[case]
    assert train(kept, *options) == code
    assert message in capsys.readouterr().err
    assert [path.name for path in kept.parent.iterdir()] == ["run"]


def test_any_epoch_is_evaluated(kept, capsys):
    found = {}
    for epoch in range(1, 6):
        assert main(["evaluate", str(kept), "--epoch", str(epoch), "--json"]) == 0
        printed = capsys.readouterr()
        found[epoch] = json.loads(printed.out)
        assert (
            "do not choose an epoch by these figures, because they come from the test images" in printed.err
        )
        assert found[epoch]["run"]["chosen_epoch"] == found[epoch]["run"]["epochs"] == epoch
    assert len({one["scores"]["loss"] for one in found.values()}) == 5
    record = json.loads((kept / "run.json").read_text())
    assert found[record["chosen_epoch"]]["scores"]["loss"] == pytest.approx(record["test"]["loss"], rel=1e-12)


def test_an_epoch_that_was_not_kept_is_not_evaluated(kept, capsys):
    assert main(["evaluate", str(kept), "--epoch", "7"]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "(1, 2, 3, 4, 5), got 7; start a run with --keep-all to keep all epochs" in printed.err
