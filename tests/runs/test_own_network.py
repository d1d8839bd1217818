"""A network of one's own, trained from Python: its run is what the command makes of the zoo's."""

from __future__ import annotations

import html
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold.cli import main
from tenfold.data import Corpus, Dataset, load_corpus, write_idx
from tenfold.errors import CheckpointError, ConfigError, DataError
from tenfold.nn import Dense, Flatten, Layer, ReLU, Sequential
from tenfold.optim import Adam
from tenfold.runs.record import read_record
from tenfold.train import Callback, Progress, Recipe


class Swish(Layer):
    """A layer of one's own."""

    kind = "swish"

    def forward(self, x: Any, *, training: bool = False, rng: Any = None) -> Any:
        s = 1 / (1 + np.exp(-x))
        return x * s, lambda dy: (dy * (s + x * s * (1 - s)), {})


def network(activation: Layer) -> Sequential:
    layers = {"flatten": Flatten(), "fc1": Dense(784, 16), "activation": activation, "fc2": Dense(16, 10)}
    return Sequential(layers, input_shape=(28, 28, 1))


def own(activation: Layer | None = None, *, epochs: int = 2) -> tenfold.NetworkModel:
    return tenfold.NetworkModel("mine", network(activation or ReLU()), Recipe(epochs, 32, Adam(1e-3)))


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 400 training and 60 test images."""
    sample, folder = load_corpus("mnist-5k"), tmp_path_factory.mktemp("data") / "digits"
    folder.mkdir()
    for part, data in {
        "train": sample.train.subset(slice(400)),
        "t10k": sample.test.subset(slice(60)),
    }.items():
        write_idx(folder / f"{part}-images-idx3-ubyte", data.images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", data.labels.astype(np.uint8))
    return folder


@pytest.fixture(scope="session")
def mine(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that Python made; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "mine"
    own().fit(load_corpus(digits), seed=0, out=out)
    return out


@pytest.fixture
def run(mine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(mine, tmp_path / "run")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tenfold.evaluate.figures.png", lambda figure: b"a picture")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run_command(*arguments: str | Path) -> dict[str, Any]:
        code = main([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        assert code == 0, err
        found = json.loads(out)
        assert isinstance(found, dict)
        return found

    return run_command


# --- every command takes it


def test_its_folder_holds_what_a_run_of_the_command_holds(run: Path, digits: Path) -> None:
    assert (
        main(["train", "nn1l", "--data", str(digits), "--epochs", "1", "-q", "--no-report", "--out", "zoo"])
        == 0
    )
    assert {path.name for path in run.iterdir()} == {path.name for path in Path("zoo").iterdir()}
    ours, theirs = (json.loads((folder / "run.json").read_bytes()) for folder in (run, Path("zoo")))
    assert ours.keys() - theirs.keys() == {"made_by"}
    assert theirs.keys() <= ours.keys()


def test_report(run: Path, said) -> None:
    page = Path(said("report", run)["report"])
    assert page == run / "report.html"
    assert "mine on digits" in page.read_text(encoding="utf-8")


def test_evaluate(run: Path, said) -> None:
    test = json.loads((run / "run.json").read_bytes())["test"]
    assert said("evaluate", run)["scores"]["share"]["accuracy"] == test["accuracy"]


def test_predict(run: Path, said) -> None:
    found = said("predict", "--run", run, "--test-index", "3")
    assert found["files"][0]["true_digit"] == int(tenfold.load_corpus("mnist-5k").test.labels[3])


def test_compare(run: Path, digits: Path, said) -> None:
    said("trials", "lenet5", "--data", digits, "--epochs", "1", "--seeds", "0", "--results", "results")
    found = said("compare", run, "lenet5", "--results", "results")
    assert [one["id"] for one in found["models"]] == [str(run), "lenet5"]


def test_export(run: Path, said) -> None:
    pytest.importorskip("onnx", reason="the extra 'onnx' is not installed")
    assert Path(said("export", run, "digits.onnx")["file"]).stat().st_size > 4 * 784 * 16


def test_serve(run: Path) -> None:
    pytest.importorskip("fastapi", reason="the extra 'serve' is not installed")
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0", "--workers", "1", "--run", str(run)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
        finally:
            server.send_signal(signal.SIGINT)
    assert line.startswith("mine: draw at http://127.0.0.1:")
    assert server.returncode in (0, 130)


# --- and so does Python


def test_what_was_written_is_opened(run: Path, digits: Path) -> None:
    opened = tenfold.Run.open(run)
    assert isinstance(opened.model, tenfold.NetworkModel)
    assert opened.record.network == network(ReLU()).config()
    assert [row.epoch for row in opened.history.rows] == [1, 2]
    assert opened.evaluate().accuracy == opened.record.test.accuracy
    assert opened.evaluate(load_corpus(digits).test).accuracy == opened.record.test.accuracy
    assert opened.report() == run / "report.html"


def test_a_run_of_the_command_is_opened_too(digits: Path) -> None:
    command = ["train", "nn1l", "--data", str(digits), "--epochs", "1", "-q", "--no-report", "--out", "zoo"]
    assert main(command) == 0
    opened = tenfold.Run.open("zoo")
    assert opened.record == read_record(Path("zoo"))
    assert opened.model.recipe.config() == opened.record.recipe


def test_fit_returns_the_run(digits: Path) -> None:
    run = own().fit(load_corpus(digits), seed=0, out="mine")
    assert repr(run) == "Run('mine' on 'digits', in mine)"
    assert run.record == read_record(Path("mine")) == tenfold.Run.open("mine").record
    assert run.evaluate().accuracy == run.record.test.accuracy
    assert (len(run), run.rows, run.stopped) == (2, run.history.rows, None)


def test_without_a_folder_nothing_is_saved(digits: Path) -> None:
    run = own().fit(load_corpus(digits), seed=0)
    assert list(Path().iterdir()) == []
    assert (run.folder, run.record.run, run.record.test) == (None, None, None)
    assert run.evaluate().run.model == "mine"
    with pytest.raises(ConfigError, match=r"report: expected a folder, got none: .*; pass out="):
        run.report()
    assert run.report("page") == Path("page/report.html")


def test_runs_are_compared(run: Path, digits: Path) -> None:
    other = own(epochs=1).fit(load_corpus(digits), seed=1)
    found = tenfold.compare(run, other)
    assert [one.name for one in found.models] == [str(run), "mine"]


@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
def test_a_layer_of_ones_own_is_named_when_its_run_is_opened(digits: Path) -> None:
    trained = own(Swish()).fit(load_corpus(digits), seed=0, out="mine")
    with pytest.raises(CheckpointError, match="swish"):
        tenfold.Run.open("mine")
    opened = tenfold.Run.open("mine", layers=[Swish])
    assert opened.evaluate().accuracy == trained.evaluate().accuracy


# --- the report says what was evaluated, and how it was made


def test_a_report_on_other_data_is_refused(run: Path) -> None:
    text = "expected the digits images that the run was trained on, found others .*right data with data="
    for other in (load_corpus("mnist-5k"), "mnist-5k"):
        with pytest.raises(DataError, match=text):
            tenfold.Run.open(run).report("page", data=other)
    assert not Path("page").exists()


@pytest.mark.usefixtures("undrawn")
def test_a_report_of_images_alone_has_the_name_of_the_test_images(digits: Path) -> None:
    run = own().fit(load_corpus(digits).train, seed=0)
    assert "mine on mnist-5k" in run.report("page", data=load_corpus("mnist-5k")).read_text(encoding="utf-8")


def first(data: Dataset) -> Dataset:
    return data.subset(slice(300))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda c: {"train": c}, "model.fit(tenfold.load_corpus({digits!r}), seed=0)  # in Python"),
        (
            lambda _: {"train": load_corpus("mnist-5k").train},
            "model.fit(tenfold.load_corpus('mnist-5k').train, seed=0)  # in Python",
        ),
        (lambda c: {"train": first(c.train)}, "Trained in Python on 300 images given there, seed 0."),
        (
            lambda c: {"train": replace(c, train=first(c.train), sha256="")},
            "Trained in Python on 300 images given there, seed 0.",
        ),
        (
            lambda c: {"train": c, "validation": first(c.train)},
            "Trained in Python on 400 images given there, with 300 validation images, seed 0.",
        ),
        (
            lambda c: {"train": c, "validation": c.test, "held_out": "test"},
            "Trained in Python on 400 images given there, with 60 test images, seed 0.",
        ),
        (
            lambda c: {"train": c, "initialise": False},
            "Trained in Python on 400 images of digits, from the weights that the network had, seed 0.",
        ),
    ],
    ids=["data", "images", "some images", "some of the data", "validation", "test", "weights"],
)
@pytest.mark.usefixtures("undrawn")
def test_a_report_says_how_to_repeat_the_run(
    digits: Path, given: Callable[[Corpus], dict[str, Any]], said: str
) -> None:
    corpus = load_corpus(digits)
    model = own()
    model.network.initialise(1)
    page = model.fit(seed=0, **given(corpus)).report("page", data=own_data(given(corpus)["train"], corpus))
    said = html.escape(said.format(digits=str(digits)), quote=False)
    text = html.unescape(page.read_text(encoding="utf-8"))
    assert html.unescape(said) in text
    assert ("This command repeats the run" in text) == said.startswith("model.fit")


def own_data(train: Corpus | Dataset, corpus: Corpus) -> Corpus:
    return train if isinstance(train, Corpus) else corpus


@pytest.mark.usefixtures("undrawn")
def test_images_held_out_by_fit_are_not_given(digits: Path) -> None:
    model = tenfold.NetworkModel("mine", network(ReLU()), Recipe(2, 32, Adam(1e-3), choose="best"))
    run = model.fit(load_corpus(digits), seed=0)
    assert run.record.choice is not None
    assert "This command repeats the run" in run.report("page").read_text(encoding="utf-8")


def test_weights_that_were_given_are_recorded(digits: Path) -> None:
    corpus, model = load_corpus(digits), own()
    assert model.fit(corpus, seed=0, out="first").record.start is None
    model.fit(corpus, seed=1, out="second", initialise=False)
    assert read_record(Path("second")).start == "given"


# --- errors and interruptions name what Python has


@pytest.mark.parametrize(
    ("holds", "advice"),
    [
        ("run.json", "found a finished run; choose another with out=, or add resume=True"),
        ("thesis.tex", "found thesis.tex in it; choose another with out="),
    ],
)
def test_a_folder_is_refused_in_words_of_python(run: Path, digits: Path, holds: str, advice: str) -> None:
    out = run if holds == "run.json" else Path("mine")
    out.mkdir(exist_ok=True)
    (out / holds).touch()
    with pytest.raises(ConfigError) as refused:
        own().fit(load_corpus(digits), seed=0, out=out)
    assert str(refused.value).endswith(advice)
    assert "--" not in str(refused.value)


class PressCtrlC(Callback):
    def on_epoch_end(self, progress: Progress) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("epochs", [1, 2])  # after the last epoch, and before
def test_an_interruption_says_how_to_go_on_in_python(digits: Path, epochs: int) -> None:
    with pytest.raises(KeyboardInterrupt) as interrupted:
        own(epochs=epochs).fit(load_corpus(digits), seed=0, out="mine", callbacks=[PressCtrlC()])
    assert str(interrupted.value).endswith("; saved, call fit again with out='mine' and resume=True")


# --- images alone


def test_images_alone_are_measured_on_the_test_images_of_their_data(digits: Path, said) -> None:
    corpus = load_corpus(digits)
    run = own().fit(corpus.train, seed=0, out="mine")
    assert (run.record.train_on, run.record.test) == ("images", None)
    found = said("evaluate", "mine", "--data", digits)
    assert found["scores"]["share"]["accuracy"] == run.evaluate(corpus.test).accuracy
    assert run.evaluate(digits).accuracy == run.evaluate(corpus).accuracy
    with pytest.raises(
        DataError, match="expected the digits images that the run was trained on, found others"
    ):
        run.evaluate("mnist-5k")


# --- resumed


def weights(folder: Path) -> bytes:
    return (folder / "model" / "weights.safetensors").read_bytes()


def test_it_is_resumed_to_the_same_bits(run: Path, digits: Path) -> None:
    own(epochs=1).fit(load_corpus(digits), seed=0, out="mine")
    resumed = own().fit(load_corpus(digits), seed=0, out="mine", resume=True)
    assert len(resumed) == 2
    assert weights(Path("mine")) == weights(run)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"seed": 1}, "the run was started with seed = 0, got 1"),
        ({"seed": 0, "resume": False}, "expected an empty folder, found a finished run"),
    ],
)
def test_another_run_is_not_resumed(run: Path, digits: Path, change: dict[str, Any], text: str) -> None:
    with pytest.raises((CheckpointError, ConfigError), match=text):
        own().fit(load_corpus(digits), **{"seed": 0, "resume": True, "out": run} | change)


KILLED = """
import os, sys
import tenfold
from tenfold.train import Callback
sys.path.insert(0, {here!r})
from test_own_network import own

class Kill(Callback):
    def on_epoch_end(self, progress):
        if progress.epoch == 2:
            os.kill(os.getpid(), 9)

own(epochs=3).fit(tenfold.load_corpus({digits!r}), seed=0, out="mine", callbacks=[Kill()])
"""


@pytest.mark.fault(
    "training", "kill -9 of a run that Python started", "resumed with the same bits as the uninterrupted run"
)
def test_it_is_resumed_after_a_kill(digits: Path) -> None:
    program = KILLED.format(here=str(Path(__file__).parent), digits=str(digits))
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with pytest.raises(
        CheckpointError, match=r"mine: expected a finished run, found one that is not .*resume it"
    ):
        tenfold.Run.open("mine")
    own(epochs=3).fit(load_corpus(digits), seed=0, out="mine", resume=True)
    own(epochs=3).fit(load_corpus(digits), seed=0, out="unbroken")
    assert weights(Path("mine")) == weights(Path("unbroken"))
