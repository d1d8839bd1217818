"""Folders of somebody else's, and folders that are moved: nothing is written where it was not asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.files import MovedError
from tenfold.files.named_folders import held

OPTIONS = ["--data", "mnist-5k", "-q"]


@pytest.fixture(autouse=True, scope="module")
def _few_images() -> Iterator[None]:
    """Commands in this process get the sample's first images: what they learn does not matter here."""
    sample = load_corpus("mnist-5k")
    train, test = sample.train.subset(slice(0, 600)), sample.test.subset(slice(0, 100))
    few = replace(sample, train=train, test=test)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tenfold.cli.progress.load", lambda source, quiet=False: few)
        yield


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


# --- somebody else's


@pytest.fixture(scope="module")
def finished(
    _few_images: None,
    tmp_path_factory: pytest.TempPathFactory,
    draw_nothing: Callable[[pytest.MonkeyPatch], None],
) -> Path:
    """A finished run; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "run"
    with pytest.MonkeyPatch.context() as patched:
        draw_nothing(patched)
        assert main(["train", "nn1l", *OPTIONS, "--epochs", "1", "--out", str(out)]) == 0
    return out


LINKS = {
    ".lock": (2, "expected a lock file of tenfold, found a symbolic link"),
    "model": (2, "expected a model that tenfold saved, found something else"),
    "checkpoints": (
        4,
        "checkpoints: expected a folder, found a symbolic link; nothing had been saved; move it away",
    ),
    "figures": (4, "figures: expected a folder, found a symbolic link; move it away, then resume it"),
    "history.csv": (0, ""),
    "report.html": (0, ""),
    "run.json": (4, "run.json: expected a file, found a symbolic link; give the file itself"),
}


@pytest.mark.fault(
    "foreign folders", "a link among a run's files leads elsewhere", "nothing is written there"
)
@pytest.mark.parametrize("name", LINKS)
def test_nothing_is_written_through_a_link(
    name: str, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished, "run")
    is_folder = Path("run", name).is_dir()
    os.rename(Path("run", name), "aside")
    Path("thesis").mkdir() if is_folder else Path("thesis").write_text("precious")
    Path("run", name).symlink_to(Path("..", "thesis"))
    code, words = LINKS[name]
    assert main(["train", "nn1l", *OPTIONS, "--epochs", "2", "--out", "run", "--resume"]) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == (code != 0)
    assert os.listdir("thesis") == [] if is_folder else Path("thesis").read_text() == "precious"


@pytest.mark.fault(
    "foreign folders",
    "the user has temporary files in the folder",
    "not touched; only tenfold's own pattern is removed",
)
def test_temporary_files_of_the_users_make_a_folder_foreign(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    Path("mine", ".tmp-thesis").write_text("precious")
    assert main(["train", "gaussian-nb", *OPTIONS, "--out", "mine"]) == 2
    assert "found .tmp-thesis in it; choose another with --out" in capsys.readouterr().err
    assert Path("mine", ".tmp-thesis").read_text() == "precious"


# --- moved


@pytest.mark.fault(
    "run folder", "moved while the model is evaluated", "one line says how to resume it at the new path"
)
@pytest.mark.parametrize("name", ["gaussian-nb", "nn1l"])
def test_moved_while_it_is_judged_it_is_resumed_there(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from tenfold.runs import judging

    judge = judging.judge

    def moves(*arguments: Any) -> Any:
        os.rename("run", "new place")
        return judge(*arguments)

    command = ["train", name, *OPTIONS, *(["--epochs", "1"] if name == "nn1l" else [])]
    with monkeypatch.context() as patched:
        patched.setattr(judging, "judge", moves)
        assert main([*command, "--out", "run"]) == 4
    said = capsys.readouterr().err
    assert said == (
        "error: run: expected the folder that was there at the start, found nothing: it was moved to "
        f"{tmp_path}/new place; resume it with --resume --out '{tmp_path}/new place'\n"
    )
    assert not Path("run").exists()
    assert main([*command, "--out", "new place", "--resume"]) == 0


def test_a_folder_of_trials_that_was_moved_is_named_with_its_option(tmp_path: Path) -> None:
    Path("results").mkdir()

    def move_and_check() -> None:
        with held(Path("results"), "--results") as home:
            os.rename("results", "there")
            home.check()

    with pytest.raises(MovedError, match=f"give the command again with --results {tmp_path}/there$"):
        move_and_check()


def test_a_trial_makes_no_ledger_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    from tenfold.errors import StorageError
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.trial import carry_out_trial
    from tenfold.train import Callback

    with pytest.raises(StorageError, match="results/trials: expected the ledger's folder, found nothing"):
        carry_out_trial(None, Ledger(Path("results")), Trial("nn1l", "honest", 0), Callback(), print)  # type: ignore[arg-type]
    assert not Path("results").exists()
