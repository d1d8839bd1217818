"""``tenfold train NAME --tensorboard [FOLDER]``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.runs.job import Job

pytest.importorskip("tensorboardX", reason="the extra 'tensorboard' is not installed")

TRAIN = ["train", "nn1l", "--data", "mnist-5k", "--epochs", "1", "--no-report", "--out", "run"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def events(folder: str) -> int:
    return len(list(Path(folder).glob("events.out.tfevents.*")))


@pytest.mark.parametrize(
    ("options", "folder"),
    [
        (["--tensorboard"], "run/tensorboard/run"),
        (["--tensorboard", "--quiet"], "run/tensorboard/run"),
        (["--tensorboard", "board", "--quiet"], "board/run"),
        (["--tensorboard=board"], "board/run"),
        ([], None),
    ],
)
def test_where_the_event_files_are_to_go(
    options: list[str], folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Job] = []
    monkeypatch.setattr("tenfold.cli.train._train", lambda job, **_: jobs.append(job))
    assert main([*TRAIN, *options]) == 0
    assert [job.tensorboard for job in jobs] == [None if folder is None else Path(folder)]


def test_event_files_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRAIN, "--json", "--tensorboard", "a board"]) == 0
    printed = capsys.readouterr()
    assert [events(f"a board/run{part}") for part in ("", "/train", "/validation")] == [1, 1, 1]
    assert json.loads(printed.out)["run"] == "run"
    assert "watch it with tensorboard --logdir 'a board'\n" in printed.err


def test_none_are_written_unasked() -> None:
    assert main([*TRAIN, "--quiet"]) == 0
    assert not list(Path.cwd().rglob("events*"))


def test_a_resumed_run_adds_to_its_folder_and_another_run_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*TRAIN, "--quiet", "--tensorboard", "board"]) == 0
    again = ["train", "nn1l", "--data", "mnist-5k", "--epochs", "2", "--no-report", "--quiet"]
    again += ["--tensorboard", "board"]
    assert main([*again, "--out", "run", "--resume"]) == 0
    assert events("board/run") == 2
    capsys.readouterr()
    assert main([*again, "--out", "elsewhere/run"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "error: board/run: expected no event files, found those of another run; "
        "name another folder after --tensorboard\n"
    )
    assert events("board/run") == 2
    assert not Path("elsewhere").exists()
    assert main([*again, "--out", "other"]) == 0
    assert events("board/other") == 1


REFUSED = {
    "a classical model": (
        ["train", "gaussian-nb", "--data", "mnist-5k", "--tensorboard"],
        "error: gaussian-nb: expected a network for --tensorboard, got a model that is fitted at once; "
        "leave the option out\n",
    ),
    "a rehearsal": (
        [*TRAIN, "--dry-run", "--tensorboard"],
        "error: --tensorboard: expected a run, got a rehearsal, of which nothing is saved; leave it out\n",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_watched_is_refused(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, line = REFUSED[case]
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", line)


def test_a_missing_extra_is_one_line_before_anything_is_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None)
    assert main([*TRAIN, "--tensorboard"]) == 2
    assert capsys.readouterr() == (
        "",
        "error: TensorBoard: expected tensorboardX to be installed, found nothing; "
        "install it: pip install 'tenfold[tensorboard]'\n",
    )
    assert not Path("run").exists()
