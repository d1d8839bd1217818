"""What is written for TensorBoard, read back record by record; TensorBoard itself reads in tests/referees."""

from __future__ import annotations

import errno
import io
import struct
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image

from tenfold.data import as_float
from tenfold.errors import ConfigError
from tenfold.nn import Conv2d, Dense, Flatten, MaxPool2d, Sequential, SoftmaxCrossEntropy
from tenfold.optim import Adam
from tenfold.train import Callback, DefinitionExecutor, Recipe, fit
from tenfold.train.tensorboard import TensorBoard, check_installed, has_events
from tenfold.zoo import ENTRIES

pytest.importorskip("tensorboardX", reason="the extra 'tensorboard' is not installed")

from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

from tenfold.train.tensorboard import event_file
from tenfold.train.tensorboard.graph import graph
from tenfold.train.tensorboard.hyperparameters import settings_of
from tenfold.train.tensorboard.probe import probe
from tenfold.train.tensorboard.sheets import sheet, worst
from tenfold.train.tensorboard.summaries import histogram

RECIPE = Recipe(epochs=4, batch_size=20, optimizer=Adam(0.01), choose="best")
CRC32C = [0] * 256
for _i in range(256):
    _crc = _i
    for _ in range(8):
        _crc = _crc >> 1 ^ (0x82F63B78 if _crc & 1 else 0)
    CRC32C[_i] = _crc


def masked_crc(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc = crc >> 8 ^ CRC32C[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """Yield the events of a file, each held against its checksums."""
    content = path.read_bytes()
    while content:
        head, length = content[:8], struct.unpack("<Q", content[:8])[0]
        data = content[12 : 12 + length]
        assert struct.unpack("<I", content[8:12])[0] == masked_crc(head)
        assert struct.unpack("<I", content[12 + length : 16 + length])[0] == masked_crc(data)
        yield Event.FromString(data)
        content = content[16 + length :]


def read(folder):
    """Return tag -> [(step, value)] of a folder's files; what a restart makes void is left out."""
    values = defaultdict(list)
    for path in sorted(folder.glob("events*")):
        for event in records(path):
            if event.session_log.status == SessionLog.START:
                for tag in values:
                    values[tag] = [(step, value) for step, value in values[tag] if step < event.step]
            for value in event.summary.value:
                values[value.tag].append((event.step, value))
            if event.graph_def:
                values["graph"].append((event.step, GraphDef.FromString(event.graph_def)))
    return values


def steps(folder):
    return {tag: [step for step, _ in found] for tag, found in read(folder).items() if found}


def numbers(folder, tag):
    return [value.simple_value for _, value in read(folder)[tag]]


@dataclass
class Stop(Callback):
    """Ends the run after an epoch."""

    after: int

    def on_epoch_end(self, progress):
        if progress.epoch == self.after:
            raise RuntimeError("unplugged")


@pytest.fixture
def train(network, digits, held_out, tmp_path):
    """Train with a board: `train(folder, recipe=RECIPE, validation=held_out, **options)`."""

    def trained(
        folder,
        recipe=RECIPE,
        validation=held_out,
        callbacks=(),
        share=np.inf,
        executor=DefinitionExecutor,
        watch=None,
        **options,
    ):
        settings = {"model": "strokes"}
        board = TensorBoard(
            folder, network, recipe, digits, validation, watch=watch, settings=settings, share=share
        )
        options["watch"] = watch
        callbacks = [board, *callbacks]
        return fit(network, recipe, digits, validation, callbacks=callbacks, executor=executor, **options)

    return trained


def test_the_curves_are_the_history(train, tmp_path):
    history = train(tmp_path)
    for folder, tag, figure in [
        ("train", "accuracy", "train_accuracy"),
        ("train", "loss", "train_loss"),
        ("train", "learning_rate", "learning_rate"),
        ("train", "minibatch_size", "batch_size"),
        ("train", "seconds", "train_seconds"),
        ("validation", "accuracy", "validation_accuracy"),
        ("validation", "loss", "validation_loss"),
    ]:
        written = numbers(tmp_path / folder, f"curves/{tag}")
        assert written == pytest.approx([getattr(row, figure) for row in history.rows], rel=1e-6), tag
    speed = numbers(tmp_path / "train", "curves/images_per_second")
    assert speed == pytest.approx([200 / row.train_seconds for row in history.rows], rel=1e-6)


def test_everything_is_written_once_an_epoch(train, tmp_path, network):
    train(tmp_path)
    found = steps(tmp_path)
    layers = [name for name, layer in network.layers.items() if layer.kind not in ("flatten", "dropout")]
    each_epoch = {f"layer_activations/{name}" for name in layers} | {"wrong_predictions/validation"}
    each_epoch |= {f"weights/{name}" for name in (*network.params, *network.state)}
    each_epoch |= {f"gradients/{name}" for name in network.params}
    assert {tag for tag, at in found.items() if at == [1, 2, 3, 4]} == each_epoch
    assert {tag for tag, at in found.items() if at == [0]} == {
        "graph",
        "training_images/as_they_are",
        "_hparams_/session_start_info",
    }
    at_the_end = {tag for tag, at in found.items() if at == [5]}
    assert at_the_end == {"_hparams_/session_end_info"} | {
        f"final/{name}"
        for name in (
            "epoch",
            "train_accuracy",
            "train_loss",
            "train_seconds",
            "validation_accuracy",
            "validation_loss",
        )
    }


def test_the_final_figures_are_those_of_the_chosen_epoch(train, scripted, tmp_path):
    recipe = replace(RECIPE, batch_size=16)
    history = train(tmp_path, recipe, executor=scripted([10, 40, 20, 30]))
    assert numbers(tmp_path, "final/epoch") == [2]
    assert numbers(tmp_path, "final/validation_accuracy") == pytest.approx([40 / 80])
    total = sum(row.train_seconds for row in history.rows)
    assert numbers(tmp_path, "final/train_seconds") == pytest.approx([total])


def test_test_images_are_never_called_validation(train, tmp_path):
    train(tmp_path, held_out="test")
    names = {path.name for path in tmp_path.iterdir() if path.is_dir()} | set(steps(tmp_path))
    assert {"test", "wrong_predictions/test", "final/test_accuracy"} <= names
    assert not any("validation" in name for name in names)


def test_without_held_out_images(train, tmp_path):
    train(tmp_path, replace(RECIPE, choose="last"), validation=None)
    names = {path.name for path in tmp_path.iterdir() if path.is_dir()} | set(steps(tmp_path))
    assert "train" in names
    assert not any("validation" in name or "wrong" in name for name in names)


@pytest.mark.parametrize("validated", [True, False])
def test_watched_images_have_curves_pictures_and_final_figures_of_their_own(
    train, tmp_path, held_out, new_digits, validated
):
    recipe, other = replace(RECIPE, choose="last"), new_digits(50, seed=5)
    options = {"watch": {"test": other}, "evaluate_train": True}
    history = train(tmp_path, recipe, validation=held_out if validated else None, **options)
    for name in ("test", "train"):
        for figure in ("accuracy", "loss"):
            wanted = [getattr(row.watched[name], figure) for row in history.rows]
            written = numbers(tmp_path / f"watched-{name}", f"curves/{figure}")
            assert written == pytest.approx(wanted, rel=1e-6)
            assert numbers(tmp_path, f"final/watched_{name}_{figure}") == pytest.approx([wanted[-1]])
    assert steps(tmp_path)["wrong_predictions/watched-test"] == [1, 2, 3, 4]
    folders = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert folders == {"train", "watched-test", "watched-train"} | ({"validation"} if validated else set())


@pytest.mark.parametrize(("share", "looked_at"), [(np.inf, [1, 2, 3, 4]), (0.0, [1, 4])])
def test_distributions_take_no_more_than_their_share(train, tmp_path, share, looked_at):
    train(tmp_path, share=share)
    found = steps(tmp_path)
    assert found["weights/fc1.weight"] == found["wrong_predictions/validation"] == looked_at
    assert steps(tmp_path / "train")["curves/loss"] == [1, 2, 3, 4]


def test_the_run_is_the_same_to_the_bit(train, tmp_path, network, digits, held_out, bits):
    train(tmp_path)
    with_board = bits(network)
    fit(network, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == with_board


@pytest.mark.parametrize("after", [1, 3])
def test_a_resumed_run_doubles_nothing(train, tmp_path, after):
    """The epoch in which the run is broken off is written and not saved: it is written again."""
    board, run = tmp_path / "board", tmp_path / "run"
    with pytest.raises(RuntimeError, match="unplugged"):
        train(board, out=run, callbacks=[Stop(after)])
    assert steps(board / "train")["curves/loss"] == list(range(1, after + 1))
    train(board, out=run, resume=True)
    train(tmp_path / "unbroken")
    for part in ("", "train", "validation"):
        assert steps(board / part) == steps(tmp_path / "unbroken" / part)


def test_a_finished_run_goes_on_for_more_epochs(train, tmp_path):
    board, run = tmp_path / "board", tmp_path / "run"
    train(board, out=run)
    train(board, out=run, resume=True)
    assert steps(board)["final/epoch"] == [5]
    train(board, replace(RECIPE, epochs=6), out=run, resume=True)
    assert steps(board)["final/epoch"] == [7]
    assert steps(board)["graph"] == [0]
    assert steps(board / "train")["curves/loss"] == [1, 2, 3, 4, 5, 6]


def test_a_run_resumed_with_a_board_for_the_first_time_is_introduced(train, tmp_path):
    train(tmp_path / "one", replace(RECIPE, epochs=2), out=tmp_path / "run")
    train(tmp_path / "two", out=tmp_path / "run", resume=True)
    assert steps(tmp_path / "two")["graph"] == [0]
    assert steps(tmp_path / "two" / "train")["curves/loss"] == [3, 4]


class Filling(io.FileIO):
    """A file on a disk that is full after so many bytes, shared by all files."""

    left = 0

    def write(self, content):
        if len(content) > Filling.left:
            raise OSError(errno.ENOSPC, "No space left on device")
        Filling.left -= len(content)
        return super().write(content)


@pytest.mark.parametrize("space", [0, 100, 5_000, 30_000])
def test_a_full_disk_ends_the_writing_and_not_the_run(
    train, tmp_path, network, digits, held_out, bits, monkeypatch, space
):
    Filling.left = space
    monkeypatch.setattr(event_file, "create", lambda path: io.BufferedWriter(Filling(path, "xb")))
    history = train(tmp_path / "board")
    said = [text for text in history.notices if text.startswith("TensorBoard")]
    assert said == [
        f"TensorBoard: {tmp_path / 'board'} cannot be written (no space left on device); "
        "the run continues without it"
    ]
    assert len(history) == 4
    trained = bits(network)
    fit(network, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == trained


def test_a_folder_that_cannot_be_made_ends_the_writing_and_not_the_run(train, tmp_path):
    (tmp_path / "taken").write_text("a file")
    history = train(tmp_path / "taken" / "board")
    assert len(history) == 4
    assert "taken/board cannot be written (file exists)" in "".join(history.notices)


def test_a_missing_extra_is_one_line(network, digits, tmp_path, monkeypatch):
    monkeypatch.setattr("tenfold.extras.find_spec", lambda name: None)
    with pytest.raises(ConfigError) as error:
        TensorBoard(tmp_path, network, RECIPE, digits)
    assert str(error.value) == (
        "TensorBoard: expected tensorboardX to be installed, found nothing; "
        "install it: pip install 'tenfold[tensorboard]'"
    )
    with pytest.raises(ConfigError):
        check_installed()


def test_events_are_noticed(train, tmp_path):
    assert not has_events(tmp_path)
    train(tmp_path)
    assert has_events(tmp_path)


def test_the_probe_sees_what_network_and_loss_compute(network, digits):
    network.initialise(0, np.float64)
    images, labels = digits.images[:16], digits.labels[:16]
    found = dict(probe(network, RECIPE.loss, images, labels))
    x = as_float(images).astype(np.float64)
    for name, want in network.activations(x):
        if f"layer_activations/{name}" in found:
            np.testing.assert_allclose(found[f"layer_activations/{name}"], want, rtol=1e-6)
    logits, backward = network.forward(x)
    for name, want in backward(RECIPE.loss.forward(logits, labels)[1]())[1].items():
        np.testing.assert_allclose(found[f"gradients/{name}"], want, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).standard_normal((50, 20)).astype(np.float32),
        np.zeros(7, np.float32),
        np.array([1.0, np.nan, 2.0, -np.inf]),
    ],
    ids=["normal", "all equal", "not all finite"],
)
def test_a_histogram_holds_every_finite_value(values):
    finite = values[np.isfinite(values)].astype(np.float64)
    found = histogram("weights/w", values).histo
    edges = np.array([found.min, *found.bucket_limit])
    assert found.num == len(finite) == sum(found.bucket)
    assert found.sum == pytest.approx(finite.sum())
    assert found.sum_squares == pytest.approx((finite**2).sum())
    for low, high, count in zip(edges[:-1], edges[1:], found.bucket, strict=True):
        inside = (finite >= low) & ((finite < high) | (high == edges[-1]))
        assert inside.sum() == count


def test_the_worst_predictions_come_first():
    rng = np.random.default_rng(3)
    logits, labels = rng.standard_normal((60, 10)), rng.integers(0, 10, 60)
    missing = [max(row) - row[label] for row, label in zip(logits, labels, strict=True)]
    wanted = sorted((i for i in range(60) if missing[i] > 0), key=lambda i: -missing[i])[:12]
    assert worst(logits, labels, most=12).tolist() == wanted


def test_the_wrong_predictions_are_on_the_picture(train, tmp_path, held_out, network):
    train(tmp_path, replace(RECIPE, epochs=1, choose="last"))
    logits = network.infer(as_float(held_out.images))
    chosen = worst(logits, held_out.labels, most=16)
    [(_, value)] = read(tmp_path)["wrong_predictions/validation"]
    picture = np.asarray(Image.open(io.BytesIO(value.image.encoded_image_string)))
    assert picture.shape == (value.image.height, value.image.width)
    times, gap, line = 11, 6, 18  # 8 x 8 pixels become 88 x 88
    for i, image in enumerate(held_out.images[chosen]):
        top, left = gap + i // 4 * (88 + line + gap), gap + i % 4 * (88 + gap)
        shown = picture[top : top + 88, left : left + 88]
        np.testing.assert_array_equal(shown[times // 2 :: times, times // 2 :: times], image)
        caption = picture[top + 88 : top + 88 + line, left : left + 88]
        assert caption.min() < 100  # black on white
        assert np.ptp(shown[:times, :times]) == 0


def test_a_picture_of_no_wrong_predictions_is_white():
    picture = np.asarray(sheet(np.zeros((0, 8, 8), np.uint8), 4))
    assert picture.size > 0
    assert picture.min() == 255


def test_training_images_are_shown_by_digit_and_augmented(train, tmp_path):
    def inverted(images, rng):
        return (1 - images).astype(images.dtype)

    train(tmp_path, replace(RECIPE, epochs=1, augmentation=inverted))
    found = read(tmp_path)
    as_they_are, augmented = (
        np.asarray(Image.open(io.BytesIO(found[f"training_images/{name}"][0][1].image.encoded_image_string)))
        for name in ("as_they_are", "augmented")
    )
    assert as_they_are.shape == (6 + 4 * 94, 6 + 10 * 94)  # four rows of ten digits
    assert np.all(as_they_are[6:94, 6:94] == 255 - augmented[6:94, 6:94])


NETWORKS = {name: entry for name, entry in ENTRIES.items() if entry.is_network}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_is_the_network(name):
    network = NETWORKS[name].build(NETWORKS[name]).network
    found = {node.name: node for node in graph(network, SoftmaxCrossEntropy()).node}
    variables = {name.replace(".", "/") for name in (*network.param_shapes, *network.state_shapes)}
    assert variables == {name for name, node in found.items() if node.op == "VariableV2"}
    assert all(source in found for node in found.values() for source in node.input)
    at, walked = "loss/softmax_cross_entropy", []
    while found[at].input:
        at = next(source for source in found[at].input if source not in variables | {"data/labels"})
        walked.append((found[at].op, [dim.size for dim in shape_of(found[at]).dim]))
    rows = [(row.kind, [-1, *row.output_shape]) for row in reversed(network.rows())]
    assert walked == [*rows, ("Placeholder", [-1, *network.input_shape])]


def shape_of(node):
    return node.attr["_output_shapes"].list.shape[0]


def test_the_graph_has_a_layers_options():
    network = Sequential(
        {"conv": Conv2d(1, 4, 3, padding=1), "pool": MaxPool2d(2), "flat": Flatten(), "fc": Dense(64, 10)},
        input_shape=(8, 8, 1),
    )
    nodes = {node.name: node for node in graph(network, SoftmaxCrossEntropy()).node}
    for name, value in network.layers["conv"].config().items():
        assert nodes["conv/conv2d"].attr[name].s.decode() == str(value)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_recipe_becomes_settings(name):
    recipe = NETWORKS[name].recipe()
    found = settings_of(recipe)
    assert found["epochs"] == recipe.epochs
    assert found["learning_rate"] == recipe.optimizer.learning_rate
    assert found["optimizer"].startswith(recipe.optimizer.kind)
    assert all(isinstance(value, (int, float)) or "\n" not in value for value in found.values())


def test_hyperparameters_are_written(train, tmp_path):
    train(tmp_path)
    [(_, value)] = read(tmp_path)["_hparams_/session_start_info"]
    assert value.metadata.plugin_data.plugin_name == "hparams"
    found = HParamsPluginData.FromString(value.metadata.plugin_data.content).session_start_info.hparams
    assert found["model"].string_value == "strokes"
    assert found["learning_rate"].number_value == 0.01
    assert found["optimizer"].string_value == "adam(beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0)"
    assert found["batch_size"].string_value == "20"
    assert found["augmentation"].string_value == "none"
    assert found["parameters"].number_value == 64 * 12 + 12 + 24 + 12 * 10 + 10
