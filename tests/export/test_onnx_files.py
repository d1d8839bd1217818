"""Exported networks, computed by ONNX Runtime and by ONNX's own reference, beside ours.

The reference is plain Python: of networks with convolutions it gets a few images here, and in
`tests/referees` a thousand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

import tenfold
from tenfold import TenfoldClassifier, as_float, export_onnx, load_corpus
from tenfold.cli import main
from tenfold.errors import ConfigError, StorageError
from tenfold.export.opset import OPSETS
from tenfold.nn import (
    Conv2d,
    Dense,
    Flatten,
    Layer,
    OnnxGraph,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
)
from tenfold.nn.examples import layer_examples
from tenfold.optim import SGD
from tenfold.predict import shipped
from tenfold.train import executor_for
from tenfold.zoo import ENTRIES, NetworkModel, build
from tenfold.zoo.open_set import OpenSetCalibration

NETWORKS = [name for name, entry in ENTRIES.items() if entry.is_network]
SLOW = (
    "cnn-ref",
    "keras-lenet",
    "scratch-11",
    "scratch-12",
    "scratch-wide",
    "ghouzam",
    "deotte",
    "an-m3",
    "an-m5",
    "an-m7",
    "simplenet-slim",
    "record",
)
OUTPUTS = ["logits", "probabilities"]
EXAMPLES = layer_examples()

pytestmark = pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")  # of layers by definition

Run = Callable[[Sequence[str], dict[str, Any]], list[Any]]


def unsettled(network: Sequential) -> Sequential:
    """Initialise a network, and move all that starts at 0 or 1: biases, batch normalisation."""
    network.initialise(0)
    rng = np.random.default_rng(0)
    for array in [*network.params.values(), *network.state.values()]:
        if array.ndim == 1:
            array += rng.uniform(0.1, 0.5, array.shape).astype(np.float32)
    return network


def on_runtime(path: Path) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]).run


def on_reference(path: Path) -> Run:
    return ReferenceEvaluator(onnx.load(path)).run


def check(model: NetworkModel, images: np.ndarray, sizes: Sequence[int], *runs: Run) -> None:
    """Hold what others compute from the first images to ours."""
    executor = executor_for(model.network, SoftmaxCrossEntropy(), SGD(0.1))
    (k,) = model.network.output_shape
    for n in sizes:
        some = images[:n]
        logits = executor.logits(some) if n else np.zeros((0, k))
        for run in runs:
            found = run(OUTPUTS, {"images": some})
            for name, got, want in zip(OUTPUTS, found, (logits, model.predict_proba(some)), strict=True):
                assert got.shape == (n, k)
                assert got.dtype == np.float32
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5, err_msg=f"{name} of {n} images")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """1,000 digits, float32 (1000, 28, 28, 1)."""
    return as_float(load_corpus("mnist-5k").test.images)


def of_kind(images: np.ndarray, name: str) -> np.ndarray:
    """Return as many images of the shape that an entry's own have: the digits, or noise in their place."""
    classes, shape = ENTRIES[name].kind
    network = build(name).network
    assert (network.input_shape, network.output_shape) == (shape, (classes,))
    if shape == images.shape[1:]:
        return images
    return np.random.default_rng(0).random((len(images), *shape), np.float32)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
def test_every_network_of_the_zoo(name: str, images: np.ndarray, tmp_path: Path) -> None:
    model, images = build(name), of_kind(images, name)
    network = unsettled(model.network)
    path = export_onnx(model, tmp_path / "zoo.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    runtime, reference = on_runtime(path), on_reference(path)
    check(model, images, (0, 1, 7), runtime, reference)
    if name not in SLOW:
        check(model, images, (1000,), runtime)
    if all(layer.kind != "conv2d" for layer in network.layers.values()):
        check(model, images, (1000,), reference)


def test_the_shipped_network(images: np.ndarray, tmp_path: Path) -> None:
    """Temperature, doubt, threshold; also where an exponential of the outputs overflows."""
    model, path = shipped().model, tmp_path / "shipped.onnx"
    assert main(["export", "shipped", str(path)]) == 0
    onnx.checker.check_model(onnx.load(path), full_check=True)
    some = np.concatenate([images[:997], np.zeros_like(images[:1]), images[1:2, ::-1], images[2:3, :, ::-1]])
    runtime, reference = on_runtime(path), on_reference(path)
    for run, sizes in ((runtime, (0, 1, 7, 1000)), (reference, (0, 1, 7))):
        for n in sizes:
            logits, found, doubt = run([*OUTPUTS, "doubt"], {"images": some[:n]})
            want = model.logits(some[:n])
            np.testing.assert_allclose(logits, want, rtol=1e-5, atol=2e-4)  # of up to 77, in float32
            np.testing.assert_allclose(found, model.predict_proba(some[:n]), rtol=0, atol=1e-5)
            assert (doubt.shape, doubt.dtype) == ((n,), np.float32)
            np.testing.assert_allclose(doubt, model.calibration.doubts(want), rtol=0, atol=1e-5)
    kept = {name: float(facts(path)[name]) for name in ("temperature", "threshold")}
    assert kept == model.calibration.to_dict()


def test_a_calibrated_network_with_large_outputs(images: np.ndarray, tmp_path: Path) -> None:
    network = unsettled(Sequential({"flatten": Flatten(), "dense": Dense(784, 10)}, (28, 28, 1)))
    calibration = OpenSetCalibration(0.25, 0.3)
    for times in (1, 300, -300):  # beyond what an exponential in float32 holds, both ways
        for array in network.params.values():
            array *= times
        model = NetworkModel("mine", network, calibration=calibration)
        path = export_onnx(model, tmp_path / "mine.onnx", overwrite=True)
        for run in (on_runtime(path), on_reference(path)):
            found, doubt = run(["probabilities", "doubt"], {"images": images[:7]})
            np.testing.assert_allclose(found, model.predict_proba(images[:7]), atol=1e-4)
            np.testing.assert_allclose(doubt, calibration.doubts(model.logits(images[:7])), atol=1e-4)


def around(layer: Layer, shape: tuple[int, ...]) -> list[Layer]:
    """Return layers that bring grey images of 28 x 28 to what a layer takes, the layer, and ten outputs."""
    if len(shape) == 1:
        before: list[Layer] = [Flatten(), Dense(784, shape[0])]
    else:
        before, shape = [Conv2d(1, shape[2], 3, stride=3)], (9, 9, shape[2])
    if isinstance(layer, Residual):
        layer = Residual(*(Sequential(dict(part.layers), shape) for part in layer.parts.values()))
    (k,) = Flatten().output_shape(layer.output_shape(shape))
    return [*before, layer, Flatten(), Dense(k, 10)]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")
def test_every_kind_of_layer(name: str, images: np.ndarray, tmp_path: Path) -> None:
    layers = {f"layer{i}": layer for i, layer in enumerate(around(*EXAMPLES[name]))}
    model = NetworkModel("mine", unsettled(Sequential(layers, (28, 28, 1))))
    path = export_onnx(model, tmp_path / "mine.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    check(model, images, (0, 1, 7), on_runtime(path), on_reference(path))


@pytest.mark.parametrize("name", ["logits", "probabilities", "images", "indicators"])
def test_a_layer_may_have_any_name(name: str, images: np.ndarray, tmp_path: Path) -> None:
    network = Sequential({"flatten": Flatten(), name: Dense(784, 10), "tanh": Tanh()}, (28, 28, 1))
    model = NetworkModel("mine", unsettled(network))
    check(model, images, (7,), on_runtime(export_onnx(model, tmp_path / "mine.onnx", pixels="float32")))


def test_images_as_bytes(images: np.ndarray, tmp_path: Path) -> None:
    model = build("lenet5")
    unsettled(model.network)
    path = export_onnx(model, tmp_path / "bytes.onnx", pixels="uint8")
    pixels = load_corpus("mnist-5k").test.images
    for run in (on_runtime(path), on_reference(path)):
        for n in (0, 1, 7):
            [found] = run(["probabilities"], {"images": pixels[:n]})
            np.testing.assert_allclose(found, model.predict_proba(images[:n]), rtol=1e-5, atol=1e-5)


def test_a_network_in_float64(images: np.ndarray, tmp_path: Path) -> None:
    model = build("nn1l")
    model.network.initialise(0, np.float64)
    [found] = on_runtime(export_onnx(model, tmp_path / "wide.onnx"))(
        ["probabilities"], {"images": images[:7]}
    )
    np.testing.assert_allclose(found, model.predict_proba(images[:7]), rtol=1e-5, atol=1e-5)


def test_a_classifier_of_letters(images: np.ndarray, tmp_path: Path) -> None:
    pixels, letters = load_corpus("mnist-5k").test.images[:60], np.array([*"abcdef"] * 10)
    fitted = TenfoldClassifier("nn1l", epochs=2, random_state=0).fit(pixels, letters)
    path = export_onnx(fitted.model_, tmp_path / "letters.onnx", classes=fitted.classes_)
    [found] = on_runtime(path)(["probabilities"], {"images": images[:60]})
    np.testing.assert_allclose(found, fitted.predict_proba(pixels), rtol=1e-5, atol=1e-5)
    assert json.loads(facts(path)["classes"]) == [*"abcdef"]


def facts(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    model = build("nn2l")
    unsettled(model.network)
    path = export_onnx(model, tmp_path / "nn2l.onnx")
    made = onnx.load(path)
    assert (made.producer_name, made.producer_version) == ("tenfold", tenfold.__version__)
    assert made.graph.name == "nn2l"
    assert "nn2l" in made.doc_string
    assert facts(path)["name"] == "nn2l"
    assert json.loads(facts(path)["classes"]) == [str(digit) for digit in range(10)]
    assert "ink high: 0 is paper, 1 is full ink" in facts(path)["images"]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [taken] = session.get_inputs()
    assert (taken.name, taken.type, taken.shape) == ("images", "tensor(float)", ["N", 28, 28, 1])
    assert [(one.name, one.shape) for one in session.get_outputs()] == [(out, ["N", 10]) for out in OUTPUTS]


def test_the_arrays_keep_their_names(tmp_path: Path) -> None:
    model = build("lenet5")
    unsettled(model.network)
    made = onnx.load(export_onnx(model, tmp_path / "lenet5.onnx"))
    kept = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    assert model.network.params.keys() <= kept.keys()
    np.testing.assert_array_equal(kept["fc1.weight"], model.network.params["fc1.weight"])
    np.testing.assert_array_equal(
        kept["conv2.weight"], model.network.params["conv2.weight"].transpose(3, 2, 0, 1)
    )


# --- what is refused


class Own(Layer):
    """A layer of one's own."""

    kind = "own"

    def forward(self, x: Any, *, training: bool = False, rng: Any = None) -> Any:
        return x, lambda dy: (dy, {})


class Doubling(Own):
    """A layer of one's own with a form in ONNX."""

    def forward(self, x: Any, *, training: bool = False, rng: Any = None) -> Any:
        return 2 * x, lambda dy: (2 * dy, {})

    def add_onnx(self, graph: OnnxGraph, name: str) -> None:
        graph.add("Add", f"{name}.output", graph.at)


class Shifted(Tanh):
    """A layer of one's own, derived from one of tenfold's whose form is not its own."""

    def forward(self, x: Any, *, training: bool = False, rng: Any = None) -> Any:
        return super().forward(x + 1)


def test_a_layer_of_ones_own_brings_its_form(images: np.ndarray, tmp_path: Path) -> None:
    model = network_of(Flatten(), Dense(784, 10), Doubling())
    check(model, images, (7,), on_runtime(export_onnx(model, tmp_path / "mine.onnx")))


def network_of(*layers: Layer, shape: tuple[int, ...] = (28, 28, 1)) -> NetworkModel:
    network = Sequential({f"layer{i}": layer for i, layer in enumerate(layers)}, shape)
    network.initialise(0)
    return NetworkModel("mine", network)


DENSE = network_of(Flatten(), Dense(784, 10))
REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "classical": (build("knn"), {}, "knn: expected a network, got a classical model; skl2onnx exports"),
    "not trained": (
        build("nn1l"),
        {},
        "nn1l: expected a fitted network, got one without parameters; call fit",
    ),
    "a layer of one's own": (
        network_of(Flatten(), Own(), Dense(784, 10)),
        {},
        "layer1: expected a layer with a form in ONNX, Own has none; give its class a method add_onnx",
    ),
    "a form that is only inherited": (
        network_of(Flatten(), Shifted(), Dense(784, 10)),
        {},
        "layer1: expected a layer with a form in ONNX, Shifted has none; give its class a method add_onnx",
    ),
    "vectors": (
        network_of(Dense(784, 10), shape=(784,)),
        {},
        r"mine: expected a network of images \(h, w, c\), got one that takes \(784,\); build it for a shape",
    ),
    "no vectors come out": (
        network_of(Conv2d(1, 1, 3)),
        {},
        r"mine: expected a network that gives vectors, this gives \(26, 26, 1\); end it with a Dense",
    ),
    "other pixels": (DENSE, {"pixels": "uint16"}, "unknown pixels 'uint16'; did you mean 'uint8'"),
    "another version": (DENSE, {"opset": 30}, "opset: expected 11 to 17, got 30; 17 suits most programs"),
    "too few classes": (DENSE, {"classes": "ab"}, "classes: expected a name for each of 10 outputs, got 2"),
}


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", ["lenet5", "scratch-wide"])
def test_older_operators_compute_the_same(name: str, opset: int, images: np.ndarray, tmp_path: Path) -> None:
    model = build(name)
    model.network.initialise(0)
    path = export_onnx(model, tmp_path / "old.onnx", opset=opset)
    assert [one.version for one in onnx.load(path).opset_import] == [opset]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [found] = session.run(["probabilities"], {"images": images})
    np.testing.assert_allclose(found, model.predict_proba(images), atol=1e-5)


def test_a_version_without_an_operator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"^opset: expected a version that has .*, got 11 .*; try 13, or 17$"
    ):
        export_onnx(shipped().model, tmp_path / "old.onnx", opset=11)
    assert list(tmp_path.iterdir()) == []
    assert export_onnx(shipped().model, tmp_path / "old.onnx", opset=13).is_file()


@pytest.mark.parametrize("name", ["digits.pt", "digits.h5", "digits.onnx.gz"])
def test_names_of_other_formats_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a name that ends in \.onnx, the only format"):
        export_onnx(DENSE, tmp_path / name)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str, tmp_path: Path) -> None:
    model, options, text = REFUSED[case]
    with pytest.raises(ConfigError, match=text) as caught:
        export_onnx(model, tmp_path / "out.onnx", **options)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.onnx"
    path.write_text("mine")
    with pytest.raises(
        ConfigError, match=r"out\.onnx: expected no file, found one; name another, or replace"
    ):
        export_onnx(DENSE, path)
    assert path.read_text() == "mine"
    export_onnx(DENSE, path, overwrite=True)
    onnx.checker.check_model(onnx.load(path))


def test_what_is_no_file_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "link", "pipe"):
        with pytest.raises(ConfigError, match=f"{name}: expected a file or nothing, found something else"):
            export_onnx(DENSE, tmp_path / name, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "pipe"]


def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StorageError, match=r"out\.onnx: expected a folder to write to, found no such file"):
        export_onnx(DENSE, tmp_path / "nowhere" / "out.onnx")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "out.onnx").write_text("mine")
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(StorageError, match=r"found no space left on device; free some space"):
        export_onnx(DENSE, tmp_path / "out.onnx", overwrite=True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.onnx", "mine")]


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as error:
        export_onnx(DENSE, tmp_path / "out.onnx")
    assert str(error.value) == (
        "ONNX: expected onnx to be installed, found nothing; install it: pip install 'tenfold[onnx]'"
    )


# --- the command


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model, as a run has it."""
    folder = tmp_path_factory.mktemp("runs") / "nn1l"
    model = build("nn1l")
    unsettled(model.network)
    model.save(folder / "model")
    return folder


def test_the_command(
    run: Path, images: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "digits.onnx"
    assert main(["export", str(run), str(path)]) == 0
    assert f"{path}: nn1l, {path.stat().st_size:,} bytes, images as float32" in capsys.readouterr().out
    check(tenfold.load_model(run), images, (7,), on_runtime(path))
    assert main(["export", str(run), str(path), "--input", "uint8", "--force", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "model": "nn1l",
        "run": str(run),
        "file": str(path),
        "bytes": path.stat().st_size,
        "input": "uint8",
    }


def test_errors_of_the_command(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "digits.onnx"
    path.write_text("mine")
    for arguments, code, text in (
        ([str(run), str(path)], 2, "expected no file, found one; name another, or replace it (--force"),
        (
            [str(tmp_path / "nowhere"), str(path)],
            4,
            "nowhere: expected the folder of a finished run, found no run.json",
        ),
        ([str(run), str(path), "--input", "int8"], 2, "--input: expected one of 'float32', 'uint8', got"),
    ):
        assert main(["export", *arguments]) == code
        [line] = capsys.readouterr().err.splitlines()
        assert text in line
    assert path.read_text() == "mine"
