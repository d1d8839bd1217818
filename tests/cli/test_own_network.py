"""``--network FILE.py``: errors, notices, and that no code is run which the user does not name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenfold.cli import main
from tenfold.data import load_corpus

NETWORK = """
from pathlib import Path
import numpy as np
from tenfold.nn import Dense, Elementwise, Flatten, Sequential

class Double(Elementwise):
    kind = "double"
    function = staticmethod(lambda x: 2 * x)
    derivative = staticmethod(lambda x: 2 + 0 * x)

def build():
    return Sequential({"flatten": Flatten(), "act": Double(), "fc": Dense(784, 10)}, (28, 28, 1))
"""
MARK = "Path('was-run').touch()\n"
TRAIN = ["train", "--network", "net.py", "--data", "mnist-5k", "--epochs", "1", "--quiet", "--no-report"]

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network's file and its run; not to be changed."""
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        Path("net.py").write_text(NETWORK, encoding="utf-8")
        assert main([*TRAIN, "--out", "run"]) == 0
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a copy of that folder."""
    folder = shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return run


OPENING = {
    "evaluate": ["evaluate", "run"],
    "report": ["report", "run"],
    "predict": ["predict", "--run", "run", "--test-index", "0"],
    "summary": ["summary", "run"],
    "export": ["export", "run", "run.onnx"],
    "compare": ["compare", "run", "lenet5"],
    "serve": ["serve", "--port", "0", "--run", "run"],
}


@pytest.mark.fault(
    "run files", "a run's folder names a file with code", "the code is not run unless the user names the file"
)
@pytest.mark.parametrize("name", OPENING)
def test_a_run_never_causes_code_to_be_run(here: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    (here / "net.py").write_text(NETWORK + MARK, encoding="utf-8")  # beside the run, where its record says
    assert main(OPENING[name]) == 4
    text = "unknown layer 'double', which is not tenfold's; it comes from net.py; add --network net.py"
    assert f"error: run: {text}" in capfd.readouterr().err
    assert not Path("was-run").exists()


def test_a_record_that_names_another_file_does_not_run_it_either(here: Path, said: Said) -> None:
    Path("evil.py").write_text("from pathlib import Path\n" + MARK, encoding="utf-8")
    path = here / "run" / "run.json"
    record = json.loads(path.read_text())
    record["source"] = {"file": "evil.py", "function": "build", "sha256": "0" * 64}
    path.write_text(json.dumps(record))
    code, _, err = said("evaluate", "run", "--network", "net.py")
    assert (code, err) == (0, "")
    assert not Path("was-run").exists()


def test_the_record_says_which_file_it_was(here: Path) -> None:
    source = json.loads((here / "run" / "run.json").read_text())["source"]
    assert source.keys() == {"file", "function", "sha256"}
    assert (source["file"], source["function"]) == ("net.py", "build")


@pytest.mark.filterwarnings("default::UserWarning")
def test_a_file_that_has_changed_is_said(here: Path, said: Said) -> None:
    Path("net.py").write_text(NETWORK + "# a comment\n", encoding="utf-8")
    changed = "net.py has changed since the run was {}; its present code is used"
    code, _, err = said("evaluate", "run", "--network", "net.py")
    assert (code, err) == (0, f"note: {changed.format('made')}\n")
    code, out, _ = said(*TRAIN, "--epochs", "2", "--out", "run", "--resume", "--json")
    assert code == 0
    assert json.loads(out)["notices"].count(changed.format("begun")) == 1


def test_another_network_is_not_resumed(here: Path, said: Said) -> None:
    Path("net.py").write_text(NETWORK.replace('"act": Double(), ', ""), encoding="utf-8")
    code, _, err = said(*TRAIN, "--epochs", "2", "--out", "run", "--resume")
    assert (code, err.count("\n")) == (2, 1)
    assert "the run was started with network.layers[1].kind = 'double', got 'dense'; " in err


def test_a_changed_file_is_said_of_trials_too(here: Path, said: Said) -> None:
    trials = ["trials", "--network", "net.py", "--data", "mnist-5k", "--epochs", "1", "--results", "my", "-q"]
    assert said(*trials, "--seeds", "0")[0] == 0
    assert said(*trials, "--seeds", "0")[2] == ""
    Path("net.py").write_text(NETWORK + "# a comment\n", encoding="utf-8")
    _, _, err = said(*trials, "--seeds", "0")
    assert err == (
        "net.py has changed since trials of net were run, which are kept; "
        "choose another folder with --results to run them again\n"
    )


LINES = {
    "without the option": (
        ["train", "net.py"],
        "net.py: expected the name of a model, got a file; write --network net.py to run its code",
    ),
    "with a function, without the option": (
        ["summary", "net.py:build"],
        "write --network net.py:build to run",
    ),
    "neither": (
        ["train"],
        "expected the name of a model or --network FILE.py, got neither; "
        "write a name, such as lenet5 (`tenfold models` lists them)",
    ),
    "neither, of trials": (["trials"], "or --network FILE.py, got neither; write a name, such as lenet5"),
    "no file": (["train", "--network", "nets.py"], "nets.py: expected a file, found nothing"),
    "another name": (["train", "nett", "--network", "net.py"], "unknown model 'nett'; did you mean 'net'?"),
    "two networks": (
        ["summary", "--network", "net.py", "--network", "other.py"],
        "expected one model, got --network for net, other; name one of them",
    ),
    "a taken name": (
        ["summary", "--network", "lenet5.py"],
        "lenet5.py: expected a name that no other model has, got 'lenet5'; rename the file, or return",
    ),
    "no results folder": (
        ["trials", "--network", "net.py", "--data", "mnist-5k"],
        "results/: expected whole trials on mnist, got trials of your own network; choose a folder with",
    ),
    "no figure to reach": (
        ["verify", "--network", "net.py"],
        "net: expected the accuracy that it must reach, as nobody has published one, got none",
    ),
    "an ablation of a network that is not named": (
        ["ablate", "parts.toml"],
        "parts.toml: net.py: expected the name of a model, got a file; write --network net.py",
    ),
    "a network without a run to serve": (
        ["serve", "--network", "net.py"],
        "--network: expected --run with the run that it is for, got net.py alone; add --run",
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_one_line_says_what_to_write(here: Path, said: Said, case: str) -> None:
    for name in ("other.py", "lenet5.py"):
        shutil.copy("net.py", name)
    Path("parts.toml").write_text('base = "net.py"\n[[change]]\nnetwork.act = false\n', encoding="utf-8")
    arguments, text = LINES[case]
    code, out, err = said(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"error: {text}" in err or text in err


@pytest.mark.filterwarnings("default::UserWarning")
def test_an_error_in_a_layer_names_the_line(here: Path, said: Said) -> None:
    broken = NETWORK.replace("lambda x: 2 * x", "lambda x: x.no_such_thing")
    Path("net.py").write_text(broken, encoding="utf-8")
    line = 1 + broken.splitlines().index("    function = staticmethod(lambda x: x.no_such_thing)")
    code, _, err = said(*TRAIN, "--out", "new")
    assert code == 2
    assert err.splitlines()[-1].startswith(f"error: net.py, line {line}: act (Double): ")
    _, _, err = said(*TRAIN, "--out", "newer", "--debug")
    assert "Traceback" in err


def test_more_than_one_network_has_a_name(here: Path, said: Said) -> None:
    shutil.copy("net.py", "other.py")
    code, out, _ = said("summary", "other", "--network", "net.py", "--network", "other.py")
    assert code == 0
    assert out.startswith("other: your own network, other.py")


def test_a_run_is_summarised_as_it_is(here: Path, said: Said) -> None:
    code, out, _ = said("summary", "run", "--network", "net.py")
    assert code == 0
    assert out.splitlines()[0] == "net: the run in run, trained on mnist-5k"


def test_a_layer_of_ones_own_is_compared_from_python(here: Path) -> None:
    import tenfold
    from tenfold.zoo.own_file import read_own_file

    own = read_own_file("net.py").classes
    run: Any = tenfold.Run.open("run", layers=own)
    assert run.evaluate(load_corpus("mnist-5k")).accuracy == run.record.test.accuracy
