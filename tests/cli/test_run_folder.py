"""A run's folder: never somebody else's, one trainer at a time, finished only when everything is there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.checkpoint import RunLock
from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.errors import BusyError

OPTIONS = ["--data", "mnist-5k", "-q", "--no-report"]


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
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


def train(name: str, out: Path, *options: str) -> int:
    return main(["train", name, *OPTIONS, "--out", str(out), *options])


@pytest.fixture(scope="module")
def runs(_few_images: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs by name: nn1l after one and after three epochs, gaussian-nb; not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    assert train("nn1l", folder / "nn1l", "--epochs", "1") == 0
    assert train("nn1l", folder / "three epochs", "--epochs", "3") == 0
    assert train("gaussian-nb", folder / "gaussian-nb") == 0
    return folder


def contents(folder: Path) -> dict[str, bytes | None]:
    """What is in a folder, without the lock, which says who asked last."""
    found = {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}
    found.pop(".lock", None)
    return found


def weights(out: Path) -> bytes:
    return (out / "model" / "weights.safetensors").read_bytes()


# --- somebody else's

FOREIGN = {
    "a model": {"model/weights.bin": "precious"},
    "a history": {"history.csv": "precious"},
    "anything": {"notes.txt": "precious"},
    "checkpoints": {"checkpoints/epoch-3.pt": "precious"},
    "something hidden": {".lock": "", ".git/config": "precious"},
}


@pytest.mark.fault("training", "the folder has foreign files", "rejected, nothing is changed")
@pytest.mark.parametrize("resume", [[], ["--resume"]])
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
@pytest.mark.parametrize("case", FOREIGN)
def test_a_folder_that_is_no_run_is_left_as_it_is(
    case: str, name: str, resume: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, text in FOREIGN[case].items():
        path = tmp_path / "mine" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    before = contents(tmp_path)
    assert train(name, tmp_path / "mine", *resume) == 2
    assert "mine: expected a new folder, an empty one or that of a run, found" in capsys.readouterr().err
    assert contents(tmp_path) == before


@pytest.mark.fault("training", "the folder has foreign files", "rejected, nothing is changed")
def test_somebody_elses_record_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run.json").write_text('{"name": "a run of mine"}')
    assert train("gaussian-nb", tmp_path, "--resume") == 4
    assert "run.json: expected a record of format 1, found something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.fault("training", "the folder has foreign files", "rejected, nothing is changed")
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
@pytest.mark.parametrize("addition", ["model/README.md", "model/sub/x", None])
def test_a_model_that_is_not_ours_is_not_replaced(
    name: str, addition: str | None, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(runs / name, tmp_path / "run")
    if addition is None:  # nothing says that this is ours
        (run / "model" / "MANIFEST.json").unlink()
    else:
        (run / addition).parent.mkdir(exist_ok=True)
        (run / addition).write_text("precious")
    before = contents(run)
    assert train(name, run, "--resume") == 2
    assert "model: expected a model that tenfold saved, found something else" in capsys.readouterr().err
    assert contents(run) == before


@pytest.mark.fault(
    "training", "kill -9 at random moments", "resumed with the same bits as the uninterrupted run"
)
@pytest.mark.parametrize(
    "left", [[], [".lock"], [".lock", ".tenfold-tmp-0123456789abcdef-model/weights.safetensors"]]
)
def test_what_a_run_leaves_that_was_killed_at_once_is_no_hindrance(left: list[str], tmp_path: Path) -> None:
    for file in left:
        (tmp_path / "run" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / file).write_text("")
    assert train("gaussian-nb", tmp_path / "run") == 0
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [".lock", "model", "run.json"]


# --- another run

OTHERS = {
    "another network": (["nn2l"], "model = 'nn1l', got 'nn2l'"),
    "a classical model": (["knn"], "model = 'nn1l', got 'knn'"),
    "another seed": (["nn1l", "--seed", "1"], "seed = 0, got 1"),
    "another protocol": (["nn1l", "--protocol", "published"], "protocol = 'honest', got 'published'"),
}


@pytest.mark.fault(
    "checkpoints", "a checkpoint is of another model, seed, recipe or data", "rejected, with the difference"
)
@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("case", OTHERS)
def test_another_run_cannot_go_on_in_a_runs_folder(
    case: str, finished: bool, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (name, *options), text = OTHERS[case]
    run = shutil.copytree(runs / "nn1l", tmp_path / "run")
    if not finished:
        (run / "run.json").rename(run / "unfinished.json")
    before = contents(run)
    assert train(name, run, *options, "--resume") == 4
    assert f"the run was started with {text}; resume with" in capsys.readouterr().err
    assert contents(run) == before


@pytest.mark.fault(
    "checkpoints", "a checkpoint is of another model, seed, recipe or data", "rejected, with the difference"
)
def test_other_data_cannot_go_on_in_a_classical_runs_folder(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(runs / "gaussian-nb", tmp_path / "run")
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"dataset_sha256": "0" * 64}))
    assert train("gaussian-nb", run, "--resume") == 4
    assert "started with dataset_sha256 = '000" in capsys.readouterr().err


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_a_classical_model_does_not_move_in_with_a_network_that_left_no_record(
    resume: list[str], runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(runs / "nn1l", tmp_path / "run")
    (run / "run.json").unlink()
    before = contents(run)
    assert train("gaussian-nb", run, *resume) == (4 if resume else 2)
    err = capsys.readouterr().err
    assert ("started with model = 'a network'" if resume else "found one that did 1 epochs") in err
    assert contents(run) == before


# --- one at a time


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
def test_a_folder_in_use(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunLock(tmp_path / "run"):
        assert train(name, tmp_path / "run") == 6
    assert "expected no other training in this folder" in capsys.readouterr().err


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
@pytest.mark.parametrize("moment", ["judging.judge", "judging.report", "folder.finish"])
def test_the_folder_is_held_until_everything_is_written(
    name: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def try_to_get_in(*arguments: object, **options: object) -> None:
        with RunLock(tmp_path / "run"):
            pass

    monkeypatch.setattr(f"tenfold.runs.{moment}", try_to_get_in)
    options = ["--epochs", "1"] if name == "nn1l" else []
    report = [] if moment == "judging.report" else ["--no-report"]
    command = ["train", name, "--data", "mnist-5k", "-q", "--out", str(tmp_path / "run")]
    assert main([*command, *options, *report]) == BusyError.exit_code


# --- finished or not


def test_a_run_that_cannot_be_resumed_stays_finished(runs: Path, tmp_path: Path) -> None:
    run = shutil.copytree(runs / "three epochs", tmp_path / "run")
    before = contents(run)
    assert train("nn1l", run, "--epochs", "2", "--resume") == 2  # it has done three
    assert contents(run) == before


@pytest.mark.fault(
    "training",
    "a resumed run dies before each renaming",
    "every record has its model, resumed with the same bits",
)
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
def test_while_it_goes_on_a_run_is_not_finished(
    name: str, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shutil.copytree(runs / name, tmp_path / "run")

    def fail(*arguments: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("tenfold.runs.judging.judge", fail)
        assert train(name, run, "--resume", *(["--epochs", "2"] if name == "nn1l" else [])) == 1
    assert not (run / "run.json").exists()
    assert (run / "unfinished.json").exists()
    assert main(["evaluate", str(run)]) == 4
    assert train(name, run, "--resume", *(["--epochs", "2"] if name == "nn1l" else [])) == 0
    assert not (run / "unfinished.json").exists()
    assert main(["evaluate", str(run)]) == 0


class Killed(BaseException):
    """The end, at once."""


def dies_at(renaming: int, run: Path, replace: Callable[[object, object], None]) -> Callable[..., None]:
    """Return `os.replace` for a program that dies before it renames something in the run so many times."""
    left = renaming

    def replace_or_die(source: object, target: object) -> None:
        nonlocal left
        left -= Path(str(target)).is_relative_to(run)
        if left < 0:
            raise Killed
        replace(source, target)

    return replace_or_die


@pytest.mark.fault(
    "training",
    "a resumed run dies before each renaming",
    "every record has its model, resumed with the same bits",
)
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
def test_whatever_a_resumed_run_died_of_a_record_has_its_model(
    name: str, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that counts comes to its place by being renamed: the program dies before each of these."""
    options = ["--resume", *(["--epochs", "3"] if name == "nn1l" else [])]
    expected = weights(runs / ("three epochs" if name == "nn1l" else name))
    for renaming in range(99):
        run = shutil.copytree(runs / name, tmp_path / str(renaming))
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", dies_at(renaming, run, os.replace))
            try:
                assert train(name, run, *options) == 0
                break
            except Killed:
                pass
        if (run / "run.json").exists():
            record = json.loads((run / "run.json").read_text())
            assert weights(run) == weights(runs / name)
            assert record == json.loads((runs / name / "run.json").read_text())
        assert train(name, run, *options) == 0
        assert weights(run) == expected
        assert not [path for path in run.iterdir() if path.name.startswith((".tenfold-tmp-", "unfinished"))]
    assert renaming >= 4  # run.json aside, the model, the models' exchange, run.json
