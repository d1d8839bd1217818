"""A network of the user's own, with a layer of its own, through every command."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.long.killed import KILLED

import tenfold
from tenfold.cli import main
from tenfold.data import Dataset, load_corpus, write_idx
from tenfold.errors import CheckpointError
from tenfold.zoo.own_file import read_own_file

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_network.py"
OWN = ("--network", "net.py")

ABLATION = """
title = "swish-net, part by part"

[[change]]
name = "relu"
network.act = { kind = "relu" }

[[change]]
name = "no pooling"
network.pool = false
network.fc.c_in = 5408

[[change]]
name = "swish once more"
network.again = { kind = "swish", before = "fc" }
recipe.optimizer = { kind = "sgd", learning_rate = 0.05 }
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    request.getfixturevalue("draw_nothing")(monkeypatch)
    shutil.copy(EXAMPLE, "net.py")


def put_data(folder: Path) -> str:
    """Write 400 training and 100 test images; return the folder."""
    sample = load_corpus("mnist-5k")
    folder.mkdir()
    parts: dict[str, Dataset] = {
        "train": sample.train.subset(slice(400)),
        "t10k": sample.test.subset(slice(100)),
    }
    for part, data in parts.items():
        write_idx(folder / f"{part}-images-idx3-ubyte", data.images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", data.labels.astype(np.uint8))
    return str(folder)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run a command with ``--json`` and return what it printed."""
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def weights(folder: str) -> bytes:
    return (Path(folder) / "model" / "weights.safetensors").read_bytes()


@pytest.mark.fault(
    "training", "kill -9 of a run of your own network", "resumed with the same bits as the uninterrupted run"
)
def test_an_own_network_goes_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    data = put_data(Path("digits"))
    train = ["train", *OWN, "--data", data, "--epochs", "3"]

    # killed and resumed: the same bits as without a break
    said(capsys, *train, "--out", "unbroken", "--quiet")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *train, "--out", "run"], check=False, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    record = said(capsys, *train, "--out", "run", "--resume", "--quiet")
    assert weights("run") == weights("unbroken")
    assert record["source"]["file"] == "net.py"

    # trials over three seeds, compared with lenet5, as a run is
    trials = ["--data", data, "--epochs", "2", "--results", "my", "--quiet"]
    done = said(capsys, "trials", *OWN, "--seeds", "0-2", *trials)
    assert [one["ending"] for one in done["trials"]] == ["done"] * 3
    said(capsys, "trials", "lenet5", "--seeds", "0-2", *trials)
    for name, options in (("swish-net", []), ("run", OWN)):
        found = said(capsys, "compare", name, "lenet5", "--results", "my", *options)
        assert [one["id"] for one in found["models"]] == [name, "lenet5"]

    # ablated: the base's trials are in the ledger already
    Path("parts.toml").write_text(ABLATION, encoding="utf-8")
    found = said(capsys, "ablate", "parts.toml", *OWN, "--seeds", "0-1", *trials)
    assert [step["name"] for step in found["steps"]] == ["swish-net", "relu", "no pooling", "swish once more"]
    assert [len(step["seeds"]) for step in found["steps"]] == [2, 2, 2, 2]

    # opened by every command that opens a run
    test = record["test"]["accuracy"]
    assert said(capsys, "evaluate", "run", *OWN)["scores"]["share"]["accuracy"] == test
    assert f"tenfold train --network net.py:build --data {data}" in Path(
        said(capsys, "report", "run", *OWN)["report"]
    ).read_text(encoding="utf-8")
    assert [one["kind"] for one in said(capsys, "summary", "run", *OWN)["layers"]][1] == "swish"
    assert said(capsys, "predict", "--run", "run", "--test-index", "3", *OWN)["files"][0]["digits"]
    assert said(capsys, "verify", *OWN, "--data", data, "--at-least", "0.05", "--quiet")["passed"]

    model = load_again()
    export(capsys, model)
    serve()


def load_again() -> Any:
    """Open the run in Python; it can be trained further."""
    with pytest.raises(
        CheckpointError, match=r"unknown layer 'swish', .* add --network net.py, in Python layers="
    ):
        tenfold.Run.open("run")
    own = read_own_file("net.py").classes
    run = tenfold.Run.open("run", layers=own)
    assert run.evaluate().accuracy == run.record.test.accuracy
    assert run.model.recipe.config() == run.record.recipe
    assert tenfold.compare("run", "swish-net", results="my", layers=own).models[0].name == "run"
    return run.model


def export(capsys: pytest.CaptureFixture[str], model: Any) -> None:
    """Export the run; ONNX Runtime computes the same."""
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra 'onnx' is not installed")
    said(capsys, "export", "run", "run.onnx", "--input", "uint8", *OWN)
    images = load_corpus("digits").test.images[:20]
    session = onnxruntime.InferenceSession("run.onnx", providers=["CPUExecutionProvider"])
    [found] = session.run(["probabilities"], {"images": images})
    np.testing.assert_allclose(found, model.predict_proba(images), atol=1e-5)


def serve() -> None:
    """Serve the run, and have it read a picture."""
    pytest.importorskip("fastapi", reason="the extra 'serve' is not installed")
    command = [
        sys.executable,
        "-m",
        "tenfold",
        "serve",
        "--port",
        "0",
        "--workers",
        "1",
        "--run",
        "run",
        *OWN,
    ]
    picture = np.full((60, 60), 255, np.uint8)
    picture[16:44, 16:44] = 255 - load_corpus("digits").test.images[0]
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TENFOLD_TOKEN": ""},
    ) as server:
        try:
            assert server.stderr is not None
            line = server.stderr.readline()
            assert line.startswith("swish-net: draw at http://127.0.0.1:"), line + server.stderr.read()
            address = line.split()[3]
            request = urllib.request.Request(
                f"{address.rstrip('/')}/v1/digits", file.getvalue(), {"Content-Type": "image/png"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert len(json.load(answer)["digits"]) == 1
        finally:
            server.send_signal(signal.SIGINT)
    assert server.returncode in (0, 130)
