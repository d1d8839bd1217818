"""TensorBoard reads what a run wrote: its own reader, and a server that is asked over HTTP."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest

from tenfold.data import Dataset, RandomAffine
from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from tenfold.optim import Adam
from tenfold.train import Callback, DefinitionExecutor, Recipe, fit
from tenfold.train.tensorboard import TensorBoard

pytest.importorskip("tensorboardX", reason="the extra 'tensorboard' is not installed")
pytest.importorskip("tensorboard", reason="TensorBoard is the referee")

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

RECIPE = Recipe(epochs=4, batch_size=20, optimizer=Adam(0.01), augmentation=RandomAffine(rotation=10))
PATIENCE = 120  # seconds for the server to start and to read


def make_network():
    layers = {
        "conv": Conv2d(1, 3, 3, padding=1),
        "relu": ReLU(),
        "pool": MaxPool2d(2),
        "flatten": Flatten(),
        "fc": Dense(3 * 14 * 14, 10),
    }
    return Sequential(layers, (28, 28, 1))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that was killed in its fourth epoch and resumed for a fifth and sixth: folder, history."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (300, 28, 28), np.uint8), np.arange(300) % 10
    train, validation = (Dataset(images[s], labels[s], "noise") for s in (slice(200), slice(200, 300)))
    network, out = make_network(), tmp_path_factory.mktemp("run")

    def go_on(recipe, after=None, **options):
        named = {"model": "small", "seed": 0}
        board = TensorBoard(
            out / "board" / "small", network, recipe, train, validation, settings=named, share=float("inf")
        )
        unplugged = [] if after is None else [Unplugged(after)]
        return fit(
            network,
            recipe,
            train,
            validation,
            out=out / "run",
            callbacks=[board, *unplugged],
            executor=DefinitionExecutor,
            **options,
        )

    with pytest.raises(RuntimeError, match="unplugged"):
        go_on(RECIPE, after=4)
    for path in (out / "board").rglob("events*"):  # what a killed process wrote may be torn
        with open(path, "ab") as file:
            file.write(b"\x18\x00\x00")
    return out / "board" / "small", go_on(replace(RECIPE, epochs=6), resume=True)


class Unplugged(Callback):
    """Ends the run after an epoch, which is not saved then."""

    def __init__(self, after):
        self.after = after

    def on_epoch_end(self, progress):
        if progress.epoch == self.after:
            raise RuntimeError("unplugged")


@pytest.mark.parametrize(
    ("folder", "figures"),
    [
        ("train", {"accuracy": "train_accuracy", "loss": "train_loss", "minibatch_size": "batch_size"}),
        ("validation", {"accuracy": "validation_accuracy", "loss": "validation_loss"}),
    ],
)
def test_the_reader_sees_every_epoch_once(run, folder, figures):
    board, history = run
    reader = EventAccumulator(str(board / folder)).Reload()
    for tag, figure in figures.items():
        read = [(event.step, event.value) for event in reader.Scalars(f"curves/{tag}")]
        assert [step for step, _ in read] == [1, 2, 3, 4, 5, 6]
        wanted = [getattr(row, figure) for row in history.rows]
        assert [value for _, value in read] == pytest.approx(wanted, rel=1e-6)


def test_the_reader_sees_distributions_pictures_and_graph(run):
    board, _ = run
    reader = EventAccumulator(str(board), size_guidance={"images": 0, "histograms": 0}).Reload()
    tags = reader.Tags()
    assert tags["graph"] is True
    for tag in tags["histograms"]:
        assert [event.step for event in reader.Histograms(tag)] == [1, 2, 3, 4, 5, 6]
    assert {tag.partition("/")[0] for tag in tags["histograms"]} == {
        "weights",
        "layer_activations",
        "gradients",
    }
    for tag in ("training_images/as_they_are", "training_images/augmented"):
        assert [event.step for event in reader.Images(tag)] == [0]
    assert [event.step for event in reader.Images("wrong_predictions/validation")] == [1, 2, 3, 4, 5, 6]
    assert [event.step for event in reader.Scalars("final/epoch")] == [7]


@pytest.fixture(scope="module", params=["true", "false"], ids=["fast loading", "slow loading"])
def ask(run, request, tmp_path_factory):
    """Ask a server on a free port: `ask("scalars/scalars", run="train", tag="curves/loss")`."""
    log = tmp_path_factory.mktemp("server") / "log"
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--logdir",
        str(run[0].parent),
        "--host",
        "127.0.0.1",
    ]
    with open(log, "wb") as stream:
        server = subprocess.Popen(
            [*command, "--port", "0", f"--load_fast={request.param}"], stdout=stream, stderr=stream
        )
    try:
        place = wait_for(lambda: re.search(rb"at (http://127\.0\.0\.1:\d+/)", log.read_bytes()), log)
        where = place[1].decode() + "data/"

        def asked(path, body=None, **query):
            data = None if body is None else json.dumps(body).encode()
            head = {"Content-Type": "application/json"}
            request = urllib.request.Request(f"{where}{path}?{urlencode(query)}", data, head)
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                content = answer.read()
            return json.loads(content) if "json" in answer.headers["Content-Type"] else content

        wait_for(lambda: "final/epoch" in asked("plugin/scalars/tags").get("small", {}), log)
        yield asked
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for(condition, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise TimeoutError(log.read_text())


def test_the_server_gives_the_curves(ask, run):
    assert sorted(ask("runs")) == ["small", "small/train", "small/validation"]
    for folder, figure in (("train", "train_accuracy"), ("validation", "validation_accuracy")):
        read = ask("plugin/scalars/scalars", run=f"small/{folder}", tag="curves/accuracy")
        assert [step for _, step, _ in read] == [1, 2, 3, 4, 5, 6]
        assert [value for *_, value in read] == pytest.approx([getattr(row, figure) for row in run[1].rows])


def test_the_server_gives_the_distributions(ask):
    tags = ask("plugin/histograms/tags")["small"]
    assert {"weights/conv.weight", "layer_activations/relu", "gradients/fc.bias"} <= tags.keys()
    read = ask("plugin/histograms/histograms", run="small", tag="weights/fc.weight")
    assert [step for _, step, _ in read] == [1, 2, 3, 4, 5, 6]
    for *_, bins in read:
        assert sum(count for *_, count in bins) == pytest.approx(3 * 14 * 14 * 10)


@pytest.mark.parametrize(
    ("tag", "steps"),
    [("training_images/as_they_are", [0]), ("wrong_predictions/validation", [1, 2, 3, 4, 5, 6])],
)
def test_the_server_gives_the_pictures(ask, tag, steps):
    read = ask("plugin/images/images", run="small", tag=tag, sample=0)
    assert [one["step"] for one in read] == steps
    for one in read:
        query = dict(part.split("=", 1) for part in one["query"].split("&"))
        assert ask("plugin/images/individualImage", **query).startswith(b"\x89PNG")


def test_the_server_gives_the_graph(ask):
    assert ask("plugin/graphs/info")["small"]["run_graph"] is True
    text = ask("plugin/graphs/graph", run="small", conceptual="false").decode()
    assert re.findall(r'name: "([\w/]+)"', text) == [
        "data/images",
        "data/labels",
        "conv/weight",
        "conv/bias",
        "conv/conv2d",
        "relu",
        "pool",
        "flatten",
        "fc/weight",
        "fc/bias",
        "fc/dense",
        "loss/softmax_cross_entropy",
    ]


def test_the_server_gives_settings_and_final_figures(ask, run):
    experiment = ask("plugin/hparams/experiment", {"experimentName": "", "includeMetrics": True})
    metrics = [metric["name"] for metric in experiment["metricInfos"]]
    answer = ask(
        "plugin/hparams/session_groups",
        {
            "startIndex": 0,
            "sliceSize": 10,
            "colParams": [{"metric": name} for name in metrics],
            "allowedStatuses": ["STATUS_SUCCESS"],
        },
    )
    [group] = answer["sessionGroups"]
    settings = group["hparams"]
    assert settings["model"] == "small"
    assert settings["learning_rate"] == 0.01
    assert settings["augmentation"].startswith("random_affine(zoom=0.0, rotation=10")
    values = {value["name"]["tag"]: value["value"] for value in group["metricValues"] if "value" in value}
    best = run[1].rows[(run[1].chosen_epoch or 6) - 1]
    assert values["final/validation_accuracy"] == pytest.approx(best.validation_accuracy)
    assert values["final/epoch"] == best.epoch
