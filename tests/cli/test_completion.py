"""What the Tab key offers, asked as the shells ask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.data import PUBLISHED
from tenfold.runs import completion
from tenfold.zoo import models

LENETS = [name for name in models() if name.startswith("lenet")]  # the zoo grows


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three runs, one of them unfinished, and other things."""
    for run, record in {
        "runs/lenet5": "run.json",
        "runs/late": "unfinished.json",
        "more/old": "run.json",
    }.items():
        (tmp_path / run).mkdir(parents=True)
        (tmp_path / run / record).write_text("{}")
    (tmp_path / "lenses").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "runs.txt").write_text("a file")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_names_of_models() -> None:
    assert completion.models("") == models()
    assert completion.models("lenet") == LENETS
    assert {"lenet5", "lenet5-1998"} <= set(LENETS)
    assert "reader" in completion.trainable("re")
    assert "reader" not in completion.models("re")
    assert completion.models("nothing like this") == []


def test_names_of_image_sets() -> None:
    assert set(completion.image_sets("")) == {"mnist", "mnist-5k", *PUBLISHED}
    assert completion.image_sets("fas") == ["fashion-mnist"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ru", ["runs/late", "runs/lenet5", "runs/"]),
        ("runs/le", ["runs/lenet5"]),
        ("mo", ["more/"]),
        ("more/", ["more/old"]),
        ("le", ["lenses/"]),
        ("sh", ["shipped"]),
        ("zoo:lenet5", ["zoo:lenet5"]),
        ("nowhere/", []),
        ("runs.txt/", []),
        ("\0", []),
    ],
)
def test_folders_of_runs(typed: str, offered: list[str]) -> None:
    assert completion.runs(typed) == offered


@pytest.mark.usefixtures("here")
def test_models_and_runs_together() -> None:
    assert completion.models_and_runs("le") == [*LENETS, "lenses/"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tenfold tra", ["train"]),
        ("tenfold train lenet", LENETS),
        ("tenfold train --fr", ["--from", "--from-epoch"]),
        ("tenfold train nn1l --data fas", ["fashion-mnist"]),
        ("tenfold evaluate ru", ["runs/late", "runs/lenet5", "runs/"]),
        ("tenfold serve --run more/", ["more/old"]),
        ("tenfold help ev", ["evaluate"]),
    ],
)
def test_bash_gets_the_lines_that_it_shows(typed: str, offered: list[str]) -> None:
    words = typed.split(" ")
    asked = {"_TENFOLD_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from tenfold.cli import main; raise SystemExit(main())"],
        env=os.environ | asked, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.split(), done.stderr) == (offered, "")
