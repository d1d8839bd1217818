"""Everything that goes wrong is one line on stderr and an exit code."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tenfold.checkpoint import RunLock
from tenfold.cli import main
from tenfold.errors import BusyError, CheckpointError, ConfigError, DataError, DivergedError, TenfoldError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


USAGE = {
    "unknown command": (["trian"], "unknown command 'trian'; did you mean 'train'?"),
    "unknown model": (["train", "lenet"], "unknown model 'lenet'; did you mean 'lenet5'?"),
    "nearly the reader": (["train", "raeder"], "unknown model 'raeder'; did you mean 'reader'?"),
    "unknown model in summary": (["summary", "nn4"], "unknown model 'nn4'; did you mean 'knn'"),
    "resnet50": (
        ["summary", "resnet50"],
        "did you mean 'resnet-cifar10', 'resnet-fashion' or 'resnet-letters'",
    ),
    "another library's command": (["fit"], "unknown command 'fit'; write tenfold train NAME\n"),
    "-V": (["-V"], "expected an option of `tenfold`, got -V; write --version\n"),
    "another library's option": (
        ["train", "nn1l", "--optimizer", "sgd"],
        "got --optimizer; write --set recipe.optimizer=sgd\n",
    ),
    "the model of predict": (
        ["predict", "x.png", "--model", "nn1l"],
        "--model; write --run RUN, or leave it",
    ),
    "advice for another command": (["models", "--model", "nn1l"], "`tenfold models`, got --model; `"),
    "a port above all": (
        ["serve", "--port", "99999"],
        "--port: expected at most 65535, got '99999'; correct",
    ),
    "words for a rate": (["train", "nn1l", "--lr", "a"], "--lr: expected a number, got 'a'; correct it\n"),
    "another format": (["export", "shipped", "x.pt"], "expected a name that ends in .onnx, the only format"),
    "unknown option": (["train", "nn1l", "--epoch", "3"], "--epochs"),
    "no epochs": (["train", "nn1l", "--epochs", "0"], "--epochs: expected at least 1, got '0'; correct it\n"),
    "words for epochs": (
        ["train", "nn1l", "--epochs", "many"],
        "--epochs: expected a whole number, got 'many'; correct it\n",
    ),
    "negative seed": (["train", "nn1l", "--seed", "-1"], "--seed"),
    "unknown protocol": (
        ["train", "nn1l", "--protocol", "honset"],
        "--protocol: expected one of 'honest', 'published', got 'honset'; correct it\n",
    ),
    "resume without a folder": (
        ["train", "nn1l", "--resume"],
        "--resume: expected the folder of the run, got none",
    ),
    "two rehearsals": (["train", "nn1l", "--dry-run", "--overfit-batch"], "expected one of them, got both"),
    "epochs for a classical model": (
        ["train", "gaussian-nb", "--data", "mnist-5k", "--epochs", "3"],
        "gaussian-nb: expected a network for --epochs, got a model that is fitted at once",
    ),
    "rehearsal of a classical model": (
        ["train", "gaussian-nb", "--data", "mnist-5k", "--dry-run"],
        "gaussian-nb: expected a network",
    ),
    "nothing to predict": (["predict"], "expected a picture, a CSV file or --test-index, got none of them"),
}
DATA = {
    "no such folder": (["train", "nn1l", "--data", "nowhere"], "nowhere"),
    "an empty folder": (["train", "nn1l", "--data", "."], "expected four IDX files"),
}
RUN = {
    "evaluate nothing": (
        ["evaluate", "nowhere"],
        "nowhere: expected the folder of a finished run, found no run.json",
    ),
    "report nothing": (["report", "nowhere"], "nowhere: expected the folder of a finished run"),
    "predict with what is no run": (
        ["predict", "x.png", "--run", "nowhere"],
        "nowhere: expected the folder of a finished run, found no run.json; train one",
    ),
}
CASES = [
    pytest.param(arguments, text, code, id=name)
    for table, code in ((USAGE, 2), (DATA, 3), (RUN, 4))
    for name, (arguments, text) in table.items()
]


@pytest.mark.fault(
    "command line",
    "a name, an option, data or a run is unknown or wrong",
    "one line with the nearest name, an exit code",
)
@pytest.mark.parametrize(("arguments", "text", "code"), CASES)
def test_one_line_and_a_code(
    arguments: list[str], text: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert text in err


def test_a_run_below_runs_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    Path("runs/lenet5").mkdir(parents=True)
    for name in ("mine", "lenet5"):
        assert main(["evaluate", name]) == 4
    Path("runs/lenet5/run.json").write_text("{}")
    assert main(["evaluate", "lenet5"]) == 4
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith("found no run.json; train one: tenfold train lenet5 --out mine")
    assert lines[1].endswith("write zoo:lenet5, or train one: tenfold train lenet5 --out lenet5")
    assert lines[2].endswith("did you mean runs/lenet5?")


def test_help_has_words_for_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--help"]) == 0
    out = capsys.readouterr().out
    assert not re.search(r"--(?!help)[a-z-]+ .*<(bool|int|float|str|list)", out)


def test_no_command_is_answered_with_the_help_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert "Usage: tenfold" in out + err
    assert "error" not in err


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_stdout_stays_empty_with_json_too(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "lenet", *options]) == 2
    assert capsys.readouterr().out == ""


RAISED = {
    TenfoldError: 1,
    ConfigError: 2,
    DataError: 3,
    CheckpointError: 4,
    DivergedError: 5,
    BusyError: 6,
    RuntimeError: 1,
    MemoryError: 1,
    KeyboardInterrupt: 130,
}


@pytest.mark.fault(
    "command line", "a command fails, for each kind of failure", "one line, its exit code, no traceback"
)
@pytest.mark.parametrize("error", RAISED)
def test_exit_codes(
    error: type[BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error("it went\nwrong")

    monkeypatch.setattr("tenfold.data.load_corpus", fail)
    assert main(["train", "nn1l"]) == RAISED[error]
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "wrong" in err
    assert err.count("\n") == (2 if error is KeyboardInterrupt else 1)


@pytest.mark.parametrize("code", [0, 7, None, "why"])
def test_whoever_leaves_keeps_code_and_output(
    code: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*arguments: object, **options: object) -> None:
        sys.stdout.write("said\n")
        raise SystemExit(code)

    monkeypatch.setattr("tenfold.data.load_corpus", leave)
    with pytest.raises(SystemExit) as caught:
        main(["train", "nn1l"])
    assert caught.value.code == code
    assert capsys.readouterr().out == "said\n"


@pytest.mark.fault("command line", "a command fails with --debug", "the traceback is shown")
@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_shows_the_traceback_wherever_it_stands(place: int, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "lenet"]
    arguments.insert(place, "--debug")
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert "Traceback (most recent call last)" in err
    assert err.splitlines()[-1].startswith("error: unknown model 'lenet'")


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
def test_a_folder_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunLock(tmp_path / "run"):
        code = main(
            ["train", "nn1l", "--data", "mnist-5k", "--epochs", "1", "-q", "--out", str(tmp_path / "run")]
        )
    assert code == 6
    assert "expected no other training in this folder" in capsys.readouterr().err


@pytest.mark.fault(
    "training", "a new run is started in the folder of another run", "rejected, nothing is changed"
)
def test_a_folder_that_holds_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", "mnist-5k", "-q", "--no-report", "--out", str(tmp_path / "run")]
    assert main(["train", "gaussian-nb", *options]) == 0
    assert main(["train", "gaussian-nb", *options]) == 2
    assert main(["train", "nn1l", *options, "--epochs", "1"]) == 2
    assert main(["train", "gaussian-nb", *options, "--resume"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("found a finished run; choose another with --out" in line for line in lines)


@pytest.mark.fault(
    "checkpoints", "a checkpoint is of another model, seed, recipe or data", "rejected, with the difference"
)
def test_another_seed_cannot_resume_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "train",
        "nn1l",
        "--data",
        "mnist-5k",
        "-q",
        "--no-report",
        "--out",
        str(tmp_path / "run"),
        "--epochs",
    ]
    assert main([*options, "1"]) == 0
    assert main([*options, "2", "--resume", "--seed", "3"]) == 4
    assert "the run was started with" in capsys.readouterr().err


@pytest.mark.fault("checkpoints", "a run's record is empty, malformed, or has NaN", "rejected by name")
@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "expected valid JSON"),
        ("[1]", "expected a record of format 1"),
        ('{"format": 1}', "expected model, found None"),
        ('{"format": NaN}', "NaN"),
    ],
)
def test_a_damaged_record(
    content: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(content)
    assert main(["evaluate", "run"]) == 4
    err = capsys.readouterr().err
    assert "run.json" in err
    assert text in err


@pytest.mark.fault(
    "checkpoints", "a checkpoint is of another model, seed, recipe or data", "rejected, with the difference"
)
def test_other_data_than_the_run_was_trained_on(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(run, tmp_path / "run")
    record = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"dataset_sha256": "0" * 64}))
    assert main(["evaluate", str(other)]) == 3
    assert "expected the mnist-5k images that the run was trained on, found others" in capsys.readouterr().err


def test_a_test_image_that_is_not_there(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "--run", str(run), "--test-index", "1000"]) == 2
    assert "--test-index: expected 0 to 999, got 1000" in capsys.readouterr().err


@pytest.mark.fault("command line", "Ctrl-C while the program starts", "one line, exit 130")
def test_ctrl_c_while_the_commands_are_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tenfold.cli.app.main", interrupted)
    assert main(["models"]) == 130
    assert capsys.readouterr() == ("", "error: interrupted\n")
