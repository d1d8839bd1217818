"""The training loop: it learns, it repeats itself, it refuses what cannot work."""

import io
import re
import resource
from dataclasses import replace

import numpy as np
import pytest

from tenfold.backend.cpu.threads import run_parallel
from tenfold.checkpoint import RunLock, load
from tenfold.data import Augmenter, Dataset, RandomAffine, as_float
from tenfold.errors import (
    BusyError,
    ConfigError,
    DataError,
    DivergedError,
    RangeError,
    ShapeError,
    StorageError,
)
from tenfold.nn import Dense, Flatten, MeanSquaredError, OpenSetCrossEntropy, Sequential, SoftmaxCrossEntropy
from tenfold.optim import SGD, Adam, Doubling, PiecewiseConstant
from tenfold.train import (
    Callback,
    CallbackError,
    CheckpointEvery,
    DefinitionExecutor,
    EarlyStopping,
    HistoryCSV,
    PlainLines,
    Recipe,
    ReduceOnPlateau,
    fit,
    generator,
)
from tenfold.train.divergence import first_non_finite
from tenfold.train.seeds import generator_state
from tenfold.train.versions import versions

RECIPE = Recipe(3, batch_size=16, optimizer=Adam(0.01), chunk_images=64)


def train(network, recipe, digits, held_out=None, /, **options):
    return fit(network, recipe, digits, held_out, executor=DefinitionExecutor, **options)


def two_layers():
    return Sequential({"flatten": Flatten(), "fc1": Dense(64, 8), "fc2": Dense(8, 10)}, (8, 8, 1))


def test_a_network_learns(network, digits, held_out):
    history = train(network, Recipe(8, batch_size=16, optimizer=Adam(0.01)), digits, held_out)
    assert history.rows[-1].validation_accuracy > 0.9
    assert history.rows[-1].train_loss < history.rows[0].train_loss
    assert history.chosen_epoch == len(history) == 8
    assert history.stopped is None


def test_the_rows_hold_what_happened(network, digits, held_out):
    recipe = Recipe(4, Doubling(20, every=2), Adam(0.01), rate=PiecewiseConstant((1,), (1.0, 0.5)))
    history = train(network, recipe, digits, held_out)
    assert [row.epoch for row in history.rows] == [1, 2, 3, 4]
    assert [row.batch_size for row in history.rows] == [20, 20, 40, 40]
    assert [row.learning_rate for row in history.rows] == [0.01, 0.005, 0.005, 0.005]
    assert all(row.train_seconds > 0 for row in history.rows)
    logits = network.infer((held_out.images[..., None] / np.float32(255)).astype(np.float32))
    accuracy = np.mean(logits.argmax(axis=1) == held_out.labels)
    loss = float(SoftmaxCrossEntropy().forward(logits.astype(np.float64), held_out.labels)[0])
    assert history.rows[-1].validation_accuracy == accuracy
    assert history.rows[-1].validation_loss == pytest.approx(loss, rel=1e-6)


def test_training_loss_and_accuracy_are_means_over_images(new_network, digits):
    """At rate 0, without dropout, an image has the same loss whenever it comes, also in a short minibatch."""
    layers = {"flatten": Flatten(), "fc": Dense(64, 10)}
    network = Sequential(layers, (8, 8, 1))
    row = train(network, Recipe(1, 64, SGD(0.0), short_batch="keep", chunk_images=64), digits).rows[0]
    logits = network.infer((digits.images[..., None] / np.float32(255)).astype(np.float32))
    assert row.train_accuracy == np.mean(logits.argmax(axis=1) == digits.labels)
    assert row.train_loss == pytest.approx(
        float(SoftmaxCrossEntropy().forward(logits, digits.labels)[0]), rel=1e-6
    )


def test_equal_seeds_give_equal_bits_and_others_do_not(new_network, digits, held_out, bits):
    results = []
    for seed in (0, 0, 1):
        network = new_network()
        train(network, RECIPE, digits, held_out, seed=seed)
        results.append(bits(network))
    assert results[0] == results[1]
    assert results[0]["fc1.weight"] != results[2]["fc1.weight"]


def test_neither_saving_nor_watching_nor_validating_changes_a_bit(
    new_network, digits, held_out, bits, tmp_path
):
    runs = [
        {},
        {"held_out": held_out},
        {"out": tmp_path, "checkpoints": CheckpointEvery(chunks=1)},
        {"callbacks": [Callback()]},
    ]
    results = []
    for options in runs:
        network = new_network()
        train(network, RECIPE, digits, **options)
        results.append(bits(network))
    assert all(result == results[0] for result in results)


def test_training_goes_on_from_the_networks_own_weights_if_asked(new_network, digits):
    network = new_network()
    train(network, RECIPE, digits)
    first = train(network, RECIPE, digits, initialise=False, seed=1).rows[0].train_loss
    assert first < train(new_network(), RECIPE, digits, seed=1).rows[0].train_loss / 2


def test_squared_error_trains_too(network, digits):
    history = train(network, Recipe(6, 16, Adam(0.01), loss=MeanSquaredError()), digits)
    assert history.rows[-1].train_loss < history.rows[0].train_loss / 1.5


def test_augmentation_sees_every_image_as_floats_and_its_draws_repeat(new_network, digits, bits):
    seen = []

    def noisy(images, rng):
        seen.append((images.shape, str(images.dtype), float(images.max())))
        return np.clip(images + rng.normal(0, 0.1, images.shape), 0, 1).astype(images.dtype)

    results = []
    for augmentation in (noisy, noisy, None):
        network = new_network()
        train(network, Recipe(2, 16, chunk_images=64, augmentation=augmentation), digits)
        results.append(bits(network))
    assert results[0] == results[1] != results[2]
    assert sum(shape[0] for shape, _, _ in seen) == 2 * 2 * 208
    assert {(shape[1:], dtype) for shape, dtype, _ in seen} == {((8, 8, 1), "float32")}
    assert max(largest for _, _, largest in seen) <= 1


def test_ours_get_bytes_and_give_what_floats_would(new_network, digits, bits):
    affine = RandomAffine(zoom=0.1, rotation=10, shift=0.1, chance=0.5)
    results = []
    for augmentation in (affine, lambda images, rng: affine(images, rng)):
        network = new_network()
        train(network, Recipe(2, 16, chunk_images=64, augmentation=augmentation), digits)
        results.append(bits(network))
    assert results[0] == results[1]


def test_ours_keep_to_the_executors_threads(network, digits, monkeypatch):
    class OnThree(DefinitionExecutor):
        threads = 3

    asked = []

    def watched(threads, share):
        asked.append(threads)
        return run_parallel(threads, share)

    monkeypatch.setattr("tenfold.backend.cpu.threads.run_parallel", watched)
    fit(network, Recipe(1, augmentation=RandomAffine(rotation=10)), digits, executor=OnThree)
    assert asked == [1, 3]  # no images, only to compile; then all


@pytest.mark.fault("training", "an augmentation breaks the images", "rejected in one line")
@pytest.mark.parametrize(
    ("augmentation", "error", "message"),
    [
        (lambda images, rng: images[:, :4], ShapeError, "augmentation: expected images of shape"),
        (lambda images, rng: images.astype(np.float64), TypeError, "augmentation: expected float32 back"),
    ],
)
def test_an_augmentation_that_breaks_the_images_is_refused(network, digits, augmentation, error, message):
    with pytest.raises(error, match=message):
        train(network, Recipe(1, augmentation=augmentation), digits)


# What the network is left with.


def test_the_chosen_epochs_weights_come_out(network, digits, held_out, scripted, bits, tmp_path):
    """The referee is the checkpoint that was kept of the epoch in question."""
    recipe, keep_all = Recipe(6, 16, Adam(0.05), choose="best_of_last(3)"), CheckpointEvery(keep_every=1)
    options = {"executor": scripted([10, 40, 20, 15, 30, 25]), "checkpoints": keep_all}
    history = fit(network, recipe, digits, held_out, out=tmp_path, **options)
    assert history.chosen_epoch == 5
    told = "best weights restored: those of epoch 5 by validation_accuracy, of the last 3 epochs"
    assert told in history.notices
    (folder,) = (tmp_path / "checkpoints").glob("epoch-0005-*")
    saved = load(folder).tensors["weights"]
    assert {name: array.tobytes() for name, array in saved.items()} == bits(network)


def test_the_mean_of_the_last_epochs_weights_comes_out(new_network, digits, held_out, tmp_path):
    """The referee is the checkpoints that were kept of these epochs."""
    recipe = Recipe(6, 16, Adam(0.05), choose="mean_of_last(3)")
    network = new_network()
    history = train(
        network, recipe, digits, held_out, out=tmp_path, checkpoints=CheckpointEvery(keep_every=1)
    )
    assert history.chosen_epoch is None
    assert "weights: the mean of those after the last 3 epochs" in history.notices
    folders = [next((tmp_path / "checkpoints").glob(f"epoch-{epoch:04d}-*")) for epoch in (4, 5, 6)]
    saved = [load(folder).tensors["weights"] for folder in folders]
    for name, array in {**network.params, **network.state}.items():
        np.testing.assert_allclose(array, np.mean([one[name] for one in saved], axis=0), rtol=1e-5, atol=1e-7)


def test_a_mean_of_more_epochs_than_there_are_takes_them_all(new_network, digits):
    history = train(new_network(), Recipe(2, 16, Adam(0.05), choose="mean_of_last(9)"), digits)
    assert "weights: the mean of those after the last 2 epochs" in history.notices


class Emptied(Augmenter):
    """Half of the images lose all ink and get the label beyond the outputs."""

    kind = "emptied"
    adds_negatives = True

    def config(self):
        return {}

    def examples(self, images, labels, rng, *, threads=None):
        empty = rng.random(len(labels)) < 0.5
        altered = np.where(empty[:, None, None, None], np.float32(0), as_float(images))
        return altered, np.where(empty, 10, labels)


def test_images_without_a_digit_are_learned_as_such(new_network, digits):
    network, loss = new_network(hidden=32, rate=0.0), OpenSetCrossEntropy()
    train(network, Recipe(30, 16, Adam(0.02), loss=loss, augmentation=Emptied()), digits)
    blank = np.zeros((1, *network.input_shape), np.float32)
    assert loss.answers(network.infer(blank))[0] == 10
    assert np.mean(loss.answers(network.infer(as_float(digits.images))) == digits.labels) > 0.9


def test_training_and_held_out_images_are_counted_alike(network, digits, held_out):
    """Where all outputs are negative, the answer is no digit, and no digit of either set is recognised."""
    network.initialise(0)
    network.params["fc2.bias"][:] = -1e3
    recipe = Recipe(1, 16, SGD(1e-9), loss=OpenSetCrossEntropy())
    (row,) = train(network, recipe, digits, held_out, initialise=False).rows
    assert row.train_accuracy == row.validation_accuracy == 0


def test_a_loss_without_a_label_for_them_is_refused():
    with pytest.raises(
        ConfigError, match="images without a digit, for which softmax_cross_entropy has no label"
    ):
        Recipe(1, augmentation=Emptied())


def test_early_stopping_ends_the_run_and_restores_the_best(new_network, digits, held_out, scripted, bits):
    stopping = EarlyStopping("validation_loss", patience=3)
    recipe, options = Recipe(50, 16, Adam(0.1)), {"executor": scripted([10, 30, 20, 25, 15])}
    network, until_then = new_network(), new_network()
    history = fit(network, replace(recipe, early_stopping=stopping), digits, held_out, **options)
    assert (len(history), history.chosen_epoch) == (5, 2)
    assert history.stopped == "validation_loss has not improved since epoch 2 (patience 3)"
    fit(until_then, replace(recipe, epochs=2), digits, held_out, **options)
    assert bits(network) == bits(until_then)


def test_a_plateau_lowers_the_rate_of_the_epochs_that_follow(network, digits, held_out):
    plateau = ReduceOnPlateau("train_loss", factor=0.5, patience=1, min_change=0.999)
    history = train(network, Recipe(4, 16, Adam(0.01), plateau=plateau), digits, held_out)
    assert [row.learning_rate for row in history.rows] == [0.01, 0.01, 0.005, 0.0025]


class StopAt(Callback):
    def __init__(self, moment, count):
        self.moment, self.left = moment, count

    def _count(self, moment, progress):
        self.left -= moment == self.moment
        if self.left == 0:
            progress.stop = "seen enough"

    def on_chunk(self, progress):
        self._count("on_chunk", progress)

    def on_epoch_end(self, progress):
        self._count("on_epoch_end", progress)


@pytest.mark.parametrize(
    ("moment", "count", "epochs", "chosen"), [("on_epoch_end", 2, 2, 2), ("on_chunk", 6, 1, None)]
)
def test_a_callback_ends_a_run(network, digits, moment, count, epochs, chosen):
    history = train(network, RECIPE, digits, callbacks=[StopAt(moment, count)])  # 4 chunks an epoch
    assert (len(history), history.stopped, history.chosen_epoch) == (epochs, "seen enough", chosen)


def test_callbacks_are_told_in_order(network, digits):
    told = []

    class Telling(Callback):
        def on_start(self, progress):
            told.append(("start", progress.epoch))

        def on_chunk(self, progress):
            told.append(("chunk", progress.step_in_epoch, progress.tally.images))

        def on_epoch_end(self, progress):
            told.append(("epoch", progress.epoch))

        def on_end(self, progress):
            told.append(("end", progress.epoch))

        def close(self):
            told.append("closed")

    train(network, Recipe(2, 50, chunk_images=100), digits, callbacks=[Telling()])
    chunks = [("chunk", 2, 100), ("chunk", 4, 200)]
    assert told == [("start", 0), *chunks, ("epoch", 1), *chunks, ("epoch", 2), ("end", 2), "closed"]


# What is saved.


def test_a_run_folder_holds_history_and_the_checkpoints_worth_keeping(
    network, digits, held_out, scripted, tmp_path
):
    recipe, options = Recipe(5, 16, Adam(0.05)), {"executor": scripted([10, 40, 20, 15, 30])}
    fit(network, recipe, digits, held_out, out=tmp_path, **options)
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == [f"epoch-{epoch:04d}-step-{13 * epoch:08d}" for epoch in (2, 4, 5)]
    assert (tmp_path / "history.csv").read_text().count("\n") == 6
    state = load(tmp_path / "checkpoints" / names[-1]).state
    assert state["run"]["seed"] == 0
    assert state["versions"] == versions()


# chunks between checkpoints -> (epochs completed, steps): 13 steps an epoch, 2 a chunk
CADENCES = {
    1: [*((0, s) for s in range(2, 13, 2)), (1, 13), *((1, s) for s in range(15, 26, 2)), (2, 26)],
    2: [(0, 4), (0, 8), (0, 12), (1, 13), (1, 17), (1, 21), (1, 25), (2, 26)],
    64: [(1, 13), (2, 26)],
}


@pytest.mark.parametrize("chunks", CADENCES)
def test_long_epochs_are_saved_on_the_way(network, digits, tmp_path, chunks):
    cadence = CheckpointEvery(chunks=chunks, keep_last=99)
    train(network, Recipe(2, 16, chunk_images=32), digits, out=tmp_path, checkpoints=cadence)
    positions = [path.name for path in sorted((tmp_path / "checkpoints").iterdir())]
    assert positions == [f"epoch-{epoch:04d}-step-{step:08d}" for epoch, step in CADENCES[chunks]]


def test_every_epoch_begins_with_generators_of_its_own(network, digits, tmp_path):
    def noisy(images, rng):
        return images * rng.uniform(0.9, 1.0, images.shape).astype(images.dtype)

    train(network, replace(RECIPE, augmentation=noisy), digits, seed=7, out=tmp_path)
    state = load(max((tmp_path / "checkpoints").iterdir())).state
    for purpose in ("dropout", "augmentation"):
        assert state["generators"][purpose] == generator_state(generator(7, 3, purpose))


# What is refused.

TWICE = EarlyStopping()
ONE = Dataset(np.full((1, 8, 8), 9, np.uint8), np.array([3]), "one")
NONE = ONE.subset(slice(0, 0))
WIDE = Dataset(np.zeros((4, 8, 9), np.uint8), np.zeros(4, np.int64), "wide")

REFUSED = {
    "no images": (RECIPE, NONE, None, {}, DataError, "expected at least one training image, got none"),
    "no validation images": (RECIPE, ONE, NONE, {}, DataError, "expected at least one validation image"),
    "other images": (RECIPE, WIDE, None, {}, ShapeError, r"shape \(8, 8, 1\) without n, got \(8, 9, 1\)"),
    "minibatches larger than the data, short ones dropped": (
        Recipe(9, Doubling(2, every=2), short_batch="drop"),
        ONE,
        None,
        {},
        ConfigError,
        "expected minibatches of at most 1 images, all there are, got 2;",
    ),
    "best without validation": (
        Recipe(1, choose="best"),
        ONE,
        None,
        {},
        ConfigError,
        "needs validation images",
    ),
    "watching validation without any": (
        Recipe(1, plateau=ReduceOnPlateau()),
        ONE,
        None,
        {},
        ConfigError,
        "ReduceOnPlateau monitors validation_accuracy, got no validation images",
    ),
    "a seed below 0": (RECIPE, ONE, None, {"seed": -1}, RangeError, "seed: expected a whole number"),
    "two of a name": (
        RECIPE,
        ONE,
        ONE,
        {"callbacks": [TWICE, TWICE]},
        ConfigError,
        "got EarlyStopping twice",
    ),
    "no checkpoints kept": (
        RECIPE,
        ONE,
        None,
        {"checkpoints": lambda: CheckpointEvery(keep_last=0)},
        RangeError,
        "keep_last: expected at least 1",
    ),
}


@pytest.mark.fault(
    "training", "an option cannot be used, such as a batch larger than the data", "rejected in one line"
)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(network, name, refused_in_one_line):
    recipe, digits, held_out, options, error, message = REFUSED[name]
    with refused_in_one_line(error, message):
        train(network, recipe, digits, held_out, **{k: v() if callable(v) else v for k, v in options.items()})


def test_labels_that_the_network_cannot_give_are_refused(new_network, digits):
    message = (
        "expected training data of 4 classes, with labels from 0 to 3, got 10 classes and labels up to 9; "
        "build the network for these data: build(..., classes=10, input_shape=(8, 8, 1))"
    )
    with pytest.raises(RangeError, match=f"^{re.escape(message)}$"):
        train(new_network(k=4), RECIPE, digits)


@pytest.mark.fault("training", "two trainings use one folder", "the second ends with one line, exit 6")
def test_a_folder_in_use_is_refused(network, digits, tmp_path):
    with RunLock(tmp_path), pytest.raises(BusyError, match="expected no other training"):
        train(network, RECIPE, digits, out=tmp_path)


def test_a_lock_that_the_caller_holds_is_used_and_left_to_the_caller(network, digits, tmp_path):
    with RunLock(tmp_path) as lock:
        train(network, RECIPE, digits, out=tmp_path, lock=lock)
        with pytest.raises(BusyError, match="expected no other training"), RunLock(tmp_path):
            pass
    with pytest.raises(ConfigError, match="expected the folder's lock, got one that is not held"):
        train(network, RECIPE, digits, out=tmp_path, lock=lock, resume=True)
    with (
        RunLock(tmp_path / "other") as lock,
        pytest.raises(ConfigError, match="expected the folder's lock, got that of another folder"),
    ):
        train(network, RECIPE, digits, out=tmp_path, lock=lock, resume=True)


def test_figures_on_test_images_are_never_called_validation(network, digits, held_out, scripted, tmp_path):
    recipe = Recipe(
        4,
        16,
        Adam(0.1),
        early_stopping=EarlyStopping("validation_loss", patience=1, min_change=0.9),
        plateau=ReduceOnPlateau("validation_error", patience=1, min_change=0.9),
        protocol="published",
    )
    stream = io.StringIO()
    options = {"held_out": "test", "out": tmp_path, "progress": PlainLines(stream)}
    options["executor"] = scripted([30, 31])
    history = fit(network, recipe, digits, held_out, **options)
    said = stream.getvalue()
    assert "  test " in said.splitlines()[0]
    assert "test_error has stopped improving" in said
    assert "test_loss has not improved" in history.stopped
    assert any(notice.endswith("by test_loss") for notice in history.notices)
    header = (tmp_path / "history.csv").read_text().splitlines()[0]
    assert "test_accuracy,test_loss" in header
    history = fit(network, recipe, digits, held_out, **options, resume=True)
    assert "validation" not in header + said + str(history.stopped) + str(history.notices)
    assert "test_accuracy" in history.to_csv()
    with pytest.raises(DataError, match="expected at least one test image"):
        fit(network, recipe, digits, held_out.subset(slice(0, 0)), **options)


# What is unusual, and works.


@pytest.mark.fault("training", "one sample, or a batch larger than the data", "trained, with a notice")
@pytest.mark.parametrize("short", ["resample", "keep"])
def test_one_image_and_a_minibatch_larger_than_the_data(short):
    history = train(two_layers(), Recipe(30, 4, Adam(0.05), short_batch=short), ONE)
    assert history.rows[-1].train_accuracy == 1.0
    assert any("all training labels are the same" in notice for notice in history.notices)


@pytest.mark.fault("training", "all labels are of one class", "trained")
def test_one_class(network, new_digits):
    digits = new_digits(50, classes=1)
    history = train(network, Recipe(20, 10, Adam(0.01)), digits, digits)
    assert history.rows[-1].validation_accuracy == 1.0


@pytest.mark.fault("training", "the caller changes the arrays after the call", "no effect")
def test_arrays_that_the_caller_changes_afterwards_change_nothing(network, new_digits, bits):
    images, labels = (array.copy() for array in (new_digits(100).images, new_digits(100).labels))
    history = train(network, RECIPE, Dataset(images, labels, "strokes"))
    before, loss = bits(network), history.rows[-1].train_loss
    images[:] = 0
    labels[:] = 0
    assert bits(network) == before
    assert history.rows[-1].train_loss == loss


@pytest.mark.fault("training", "the caller changes the arrays after the call", "no effect")
def test_weights_that_the_caller_changes_during_no_run_do_not_reach_the_checkpoints(
    network, digits, held_out, tmp_path
):
    train(network, RECIPE, digits, held_out, out=tmp_path)
    for array in network.params.values():
        array[:] = 0
    train(network, RECIPE, digits, held_out, out=tmp_path, resume=True)
    assert any(array.any() for array in network.params.values())


# What goes wrong.


@pytest.mark.fault(
    "training", "the learning rate is a million", "one line names step, layer and the last good checkpoint"
)
def test_a_rate_of_a_million_is_named_with_epoch_step_layer_and_the_last_good_checkpoint(digits, tmp_path):
    recipe = Recipe(3, 16, SGD(1e-3), rate=PiecewiseConstant((1,), (1.0, 1e9)), chunk_images=64)
    with pytest.raises(DivergedError) as diverged:
        train(two_layers(), recipe, digits, digits, out=tmp_path)
    message = str(diverged.value)
    assert "in epoch 2, step " in message
    assert "the first place that is not finite is " in message
    assert any(where in message for where in ("fc1", "fc2"))
    last_good = tmp_path / "checkpoints" / "epoch-0001-step-00000013"
    assert f"the last good checkpoint is {last_good}; try a learning rate below 1e+06" in message
    assert load(last_good).state["progress"]["epoch"] == 1
    assert "\n" not in message


@pytest.mark.fault(
    "training", "the learning rate is a million", "one line names step, layer and the last good checkpoint"
)
def test_adam_at_a_rate_of_a_million_ends_or_diverges_by_name(digits):
    try:
        history = train(two_layers(), Recipe(5, 16, Adam(1e6)), digits, digits)
    except DivergedError as error:
        history = None
        message = str(error)
    assert (
        "no checkpoint was saved" in message if history is None else np.isfinite(history.rows[-1].train_loss)
    )


class Poison(Callback):
    """Puts NaN into a parameter after so many chunks: what a fault in memory would do."""

    def __init__(self, network, name, chunks):
        self.network, self.parameter, self.chunks = network, name, chunks

    def on_chunk(self, progress):
        self.chunks -= 1
        if self.chunks == 0:
            self.network.params[self.parameter][..., -1] = np.nan


@pytest.mark.fault(
    "training",
    "a parameter becomes NaN in a batch",
    "one line names step and layer, the last good checkpoint is kept",
)
@pytest.mark.parametrize("parameter", ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "bn.weight"])
def test_the_first_layer_that_is_not_finite_is_named(network, digits, parameter):
    if parameter.startswith("bn"):
        parameter = next(name for name in network.param_shapes if name.startswith("bn."))
    with pytest.raises(
        DivergedError, match=f"in epoch 1, step 9: .* is {parameter}; no checkpoint was saved"
    ):
        train(network, RECIPE, digits, callbacks=[Poison(network, parameter, chunks=2)])


@pytest.mark.fault(
    "training",
    "a parameter becomes NaN in a batch",
    "one line names step and layer, the last good checkpoint is kept",
)
@pytest.mark.parametrize("validated", [True, False])
def test_weights_that_are_not_finite_at_an_epochs_end_are_never_saved(
    network, digits, held_out, tmp_path, validated
):
    poison, validation = Poison(network, "fc2.bias", chunks=4), held_out if validated else None
    message = r"by the end of epoch 1: .* is fc2\.bias; no checkpoint was saved"
    with pytest.raises(DivergedError, match=message):
        train(network, RECIPE, digits, validation, out=tmp_path, callbacks=[poison])
    assert not (tmp_path / "checkpoints").exists()


def test_the_search_for_the_first_place_leaves_the_network_as_it_was(network, digits):
    network.initialise(0)
    own = network.params | network.state
    damaged = {name: array * np.nan for name, array in network.params.items()}
    assert first_non_finite(network, damaged, network.state, digits.images[:5]) == "fc1.weight"
    assert all((network.params | network.state)[name] is array for name, array in own.items())
    assert first_non_finite(network, network.params, network.state, digits.images[:5]) == "loss"


class FailAt(Callback):
    def __init__(self, moment, count):
        self.moment, self.left = moment, count

    def _count(self, moment):
        self.left -= moment == self.moment
        if self.left == 0:
            raise OSError("the printer is on fire")

    def on_chunk(self, progress):
        progress.memory(self)["chunks"] = progress.memory(self).get("chunks", 0) + 1
        self._count("on_chunk")

    def on_epoch_end(self, progress):
        progress.memory(self)["epochs"] = progress.memory(self).get("epochs", 0) + 1
        self._count("on_epoch_end")


@pytest.mark.fault("training", "a callback raises", "named, the run is saved, resumed with the same bits")
@pytest.mark.parametrize("moment", ["on_chunk", "on_epoch_end"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_callback_that_raises_costs_nothing(new_network, digits, held_out, bits, tmp_path, moment, count):
    whole, broken = new_network(), new_network()
    recipe = Recipe(3, 16, Adam(0.05), chunk_images=64, choose="best")
    history = train(whole, recipe, digits, held_out)
    with pytest.raises(
        CallbackError, match=r"callback FailAt failed in .*OSError: the printer is on fire"
    ) as raised:
        train(broken, recipe, digits, held_out, out=tmp_path, callbacks=[FailAt(moment, count)])
    assert f"the run is saved in {tmp_path}" in str(raised.value)
    again = train(broken, recipe, digits, held_out, out=tmp_path, resume=True, callbacks=[FailAt("never", 1)])
    assert bits(broken) == bits(whole)
    assert [row.validation_loss for row in again.rows] == [row.validation_loss for row in history.rows]
    state = load(max((tmp_path / "checkpoints").iterdir())).state
    assert state["progress"]["memories"]["FailAt"]["epochs"] == 3


@pytest.mark.fault("training", "a callback raises", "named, the run is saved, resumed with the same bits")
def test_a_callback_that_raises_without_a_folder_says_that_nothing_was_saved(network, digits):
    with pytest.raises(CallbackError, match="the printer is on fire; fix it, then resume; nothing was saved"):
        train(network, RECIPE, digits, callbacks=[FailAt("on_chunk", 1)])


@pytest.mark.fault("training", "the history cannot be written", "one line that names it")
def test_a_history_file_that_cannot_be_written_is_named(network, digits, tmp_path):
    with pytest.raises(StorageError, match=r"none/x.csv: expected a folder to write to, .*nothing was saved"):
        train(network, RECIPE, digits, callbacks=[HistoryCSV(tmp_path / "none" / "x.csv")])


@pytest.mark.fault(
    "checkpoints", "the disk is full while saving", "nothing partial, the last good checkpoint is kept"
)
def test_a_disk_that_fills_up_leaves_the_last_good_checkpoint(new_network, digits, bits, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    class FillsUp(Callback):
        def on_epoch_end(self, progress):
            if progress.epoch == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))

    network, whole = new_network(), new_network()
    try:
        with pytest.raises(
            StorageError, match=r"history.csv: expected room|step-00000026: expected room"
        ) as refused:
            train(network, RECIPE, digits, out=tmp_path, callbacks=[FillsUp()])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    left = [path.name for path in (tmp_path / "checkpoints").iterdir()]
    assert left == ["epoch-0001-step-00000013"]
    good = tmp_path / "checkpoints" / left[0]
    assert f"found file too large; the last good checkpoint is {good}; raise the limit" in str(refused.value)
    train(network, RECIPE, digits, out=tmp_path, resume=True)
    train(whole, RECIPE, digits)
    assert bits(network) == bits(whole)
