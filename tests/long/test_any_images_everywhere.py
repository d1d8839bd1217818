"""Letters with 26 names, and colour images with five, through every command."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import string
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.any_images import PETS
from tests.long.killed import KILLED

import tenfold
from tenfold.cli import main

OWN = """
from math import prod

from tenfold import nn


class Bent(nn.Elementwise):
    kind = "bent"

    @staticmethod
    def function(x):
        return x / (1 + abs(x))

    @staticmethod
    def derivative(x, y):
        return 1 / (1 + abs(x)) ** 2


def build(classes, input_shape):
    n = prod(input_shape)
    layers = {"flatten": nn.Flatten(), "fc1": nn.Dense(n, 16), "act": Bent(), "fc2": nn.Dense(16, classes)}
    return nn.Sequential(layers, input_shape)
"""
ABLATION = """
title = "part by part"

[[change]]
name = "tanh"
network.ACTIVATION = { kind = "tanh" }

[[change]]
name = "with dropout"
network.drop = { kind = "dropout", rate = 0.2, before = "LAST" }
"""


def letters(n: int, seed: int) -> dict[str, np.ndarray]:
    """Draw letters of 20 x 24 pixels, each a little elsewhere."""
    rng, font = np.random.default_rng(seed), ImageFont.load_default(16)
    images = []
    for i in range(n):
        canvas = Image.new("L", (24, 20))
        x, y = (float(at) for at in rng.integers(2, 10, 2))
        ImageDraw.Draw(canvas).text((x, y - 4), string.ascii_uppercase[i % 26], 255, font)
        images.append(np.asarray(canvas))
    return {"x": np.stack(images), "y": np.array([string.ascii_uppercase[i % 26] for i in range(n)])}


def pets(n: int, seed: int) -> dict[str, np.ndarray]:
    """Draw noisy images of 32 x 32 in a colour for each class."""
    rng = np.random.default_rng(seed)
    colours = np.random.default_rng(0).integers(0, 180, (len(PETS), 1, 1, 3))
    labels = np.arange(n) % len(PETS)
    images = colours[labels] + rng.integers(0, 76, (n, 32, 32, 3))
    return {"x": images.astype(np.uint8), "y": np.array(PETS)[labels]}


@dataclass(frozen=True)
class Case:
    """A set of images, and the network that learns it.

    Attributes
    ----------
    draw : callable
        ``draw(n, seed)`` returns images and labels.
    sizes : tuple of int
        Training and test images.
    network : tuple of str
        How the network is named on the command line.
    model : str
        The name that its results have.
    activation, last : str
        Layers that the ablation exchanges, and before which it adds one.
    """

    draw: Callable[[int, int], dict[str, np.ndarray]]
    names: tuple[str, ...]
    sizes: tuple[int, int]
    network: tuple[str, ...]
    model: str
    activation: str
    last: str

    @property
    def own(self) -> tuple[str, ...]:
        """What opens its runs."""
        return self.network if self.network[0] == "--network" else ()


FILE = ("--network", "own.py")
LETTERS = letters, tuple(string.ascii_uppercase), (260, 104)
COLOUR = pets, tuple(sorted(PETS)), (120, 60)
CASES = {
    "letters, a network of the zoo": Case(*LETTERS, ("nn2l",), "nn2l", "relu1", "fc2"),
    "letters, an own network": Case(*LETTERS, FILE, "own", "act", "fc2"),
    "colour, a network of the zoo": Case(*COLOUR, ("cnn-dev",), "cnn-dev", "relu1", "fc2"),
    "colour, an own network": Case(*COLOUR, FILE, "own", "act", "fc2"),
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    request.getfixturevalue("draw_nothing")(monkeypatch)
    Path("own.py").write_text(OWN, encoding="utf-8")


@pytest.mark.fault(
    "training",
    "kill -9 of a run on letters or colour images",
    "resumed with the same bits as the uninterrupted run",
)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_any_images_go_everywhere(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    train, test = case.draw(case.sizes[0], 1), case.draw(case.sizes[1], 2)
    parts = {"x_train": train["x"], "y_train": train["y"], "x_test": test["x"], "y_test": test["y"]}
    np.savez("own.npz", **parts)
    data = "own.npz"

    killed_and_resumed(capsys, case, data)
    measured(capsys, case, data)
    opened(capsys, case, data, test)
    model = tenfold.Run.open("run", layers=classes_of(case)).model
    exported(capsys, case, model, test["x"])
    predicted(capsys, case, model, test["x"])
    served(case, model, test["x"][0])


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run a command with ``--json`` and return what it printed."""
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def classes_of(case: Case) -> tuple[type[Any], ...]:
    from tenfold.zoo.own_file import read_own_file

    return tuple(read_own_file("own.py").classes) if case.own else ()


def weights(folder: str) -> bytes:
    return (Path(folder) / "model" / "weights.safetensors").read_bytes()


def killed_and_resumed(capsys: pytest.CaptureFixture[str], case: Case, data: str) -> None:
    """Train without a break, and killed and resumed: the same bits, and the names in the record."""
    train = ["train", *case.network, "--data", data, "--epochs", "3"]
    said(capsys, *train, "--out", "unbroken", "--quiet")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *train, "--out", "run"], check=False, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    record = said(capsys, *train, "--out", "run", "--resume", "--quiet")
    assert weights("run") == weights("unbroken")
    assert tuple(record["class_names"]) == case.names
    assert [row["epoch"] for row in record["epochs"]] == [1, 2, 3]


def measured(capsys: pytest.CaptureFixture[str], case: Case, data: str) -> None:
    """Trials over three seeds, compared with lenet5 and with a run; ablated; tuned."""
    trials = ["--data", data, "--epochs", "1", "--results", "my", "--quiet"]
    for network in (case.network, ("lenet5",)):
        done = said(capsys, "trials", *network, "--seeds", "0-2", *trials)
        assert [one["ending"] for one in done["trials"]] == ["done"] * 3
    for name in (case.model, "run"):
        found = said(capsys, "compare", name, "lenet5", "--results", "my", *case.own)
        assert [one["id"] for one in found["models"]] == [name, "lenet5"]
        assert Path(found["page"]).read_text(encoding="utf-8").count("lenet5") > 1

    changes = ABLATION.replace("ACTIVATION", case.activation).replace("LAST", case.last)
    base = "" if case.own else f'base = "{case.model}"\n'
    Path("parts.toml").write_text(base + changes, encoding="utf-8")
    found = said(capsys, "ablate", "parts.toml", *case.own, "--seeds", "0-1", *trials)
    assert [step["name"] for step in found["steps"]] == [case.model, "tanh", "with dropout"]
    assert [len(step["seeds"]) for step in found["steps"]] == [2, 2, 2]

    pytest.importorskip("optuna", reason="the extra 'tune' is not installed")
    search = ["--data", data, "--epochs", "1", "--trials", "2", "--out", "search", "--quiet"]
    found = said(capsys, "tune", *case.network, "--search", "batch_size=16,32", *search)
    assert len(found["trials"]) == 2


def opened(capsys: pytest.CaptureFixture[str], case: Case, data: str, test: dict[str, np.ndarray]) -> None:
    """The commands that open a run, and Python, say the same of the test images, by the classes' names."""
    found = said(capsys, "evaluate", "run", *case.own)
    run = tenfold.Run.open("run", layers=classes_of(case))
    assert run.model.labels == case.names
    right = np.array(run.model.labels)[run.model.predict(test["x"])] == test["y"]
    assert found["scores"]["share"]["accuracy"] == pytest.approx(right.mean())
    assert run.evaluate().accuracy == pytest.approx(right.mean())

    page = Path(said(capsys, "report", "run", *case.own)["report"]).read_text(encoding="utf-8")
    assert all(f">{name}<" in page for name in case.names)
    words = re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script).*?</\1>", " ", page, flags=re.DOTALL))
    assert not re.findall(r".{0,60}\bdigits?\b.{0,60}", words, re.IGNORECASE)
    assert said(capsys, "summary", "run", *case.own)["layers"]


def exported(capsys: pytest.CaptureFixture[str], case: Case, model: Any, images: np.ndarray) -> None:
    """ONNX Runtime computes the same from the exported file."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra 'onnx' is not installed")
    said(capsys, "export", "run", "run.onnx", "--input", "uint8", *case.own)
    session = onnxruntime.InferenceSession("run.onnx", providers=["CPUExecutionProvider"])
    [found] = session.run(["probabilities"], {"images": images})
    np.testing.assert_allclose(found, model.predict_proba(images), atol=1e-5)


def predicted(capsys: pytest.CaptureFixture[str], case: Case, model: Any, images: np.ndarray) -> None:
    """A picture's class, as JSON and in a table, is that of Python."""
    wanted = model.predict_proba(images[:3])
    files = []
    for i, image in enumerate(images[:3]):
        files.append(f"{i}.png")
        Image.fromarray(image).save(files[-1])
    found = said(capsys, "predict", *files, "--run", "run", *case.own, "--csv", "table.csv")["files"]
    assert [one["label"] for one in found] == wanted.argmax(1).tolist()
    assert [one["class"] for one in found] == [case.names[k] for k in wanted.argmax(1)]
    for one, probabilities in zip(found, wanted, strict=True):
        assert list(one["probabilities"]) == list(case.names)
        np.testing.assert_allclose([*one["probabilities"].values()], probabilities, atol=1e-6)
    with Path("table.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def served(case: Case, model: Any, image: np.ndarray) -> None:
    """The server gives a picture the class that Python gives it."""
    pytest.importorskip("fastapi", reason="the extra 'serve' is not installed")
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0", "--workers", "1", "--run", "run"]
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    with subprocess.Popen(
        [*command, *case.own],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TENFOLD_TOKEN": ""},
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line.startswith(case.model), line + server.stderr.read()
            address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
            request = urllib.request.Request(
                f"{address}/v1/classify", file.getvalue(), {"Content-Type": "image/png"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                found = json.load(answer)
            assert found["class"] == case.names[int(model.predict(image[None])[0])]
        finally:
            server.send_signal(signal.SIGINT)
    assert server.returncode in (0, 130)
