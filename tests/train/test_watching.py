"""Images that are only watched: their figures after each epoch, and that nothing follows from them."""

from __future__ import annotations

import csv
import io
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from tenfold.errors import ConfigError, ShapeError
from tenfold.optim import Adam, Constant, EpochCorrectedAdam, Product, StepHalving
from tenfold.train import (
    Callback,
    DefinitionExecutor,
    EarlyStopping,
    EpochRow,
    Interrupted,
    PlainLines,
    Recipe,
    ReduceOnPlateau,
    epoch_evaluation,
    executor_for,
    fit,
)
from tenfold.zoo import build

EXECUTORS = {"definition": DefinitionExecutor, "engine": executor_for}
RECIPES = {
    "the last epoch": Recipe(3, 16, Adam(0.02)),
    "the best epoch": Recipe(3, 16, Adam(0.02), choose="best"),
    "the mean of epochs": Recipe(3, 16, Adam(0.02), choose="mean_of_last(2)"),
    "stopped early": Recipe(6, 16, Adam(0.02), early_stopping=EarlyStopping("validation_loss", patience=1)),
    "a falling rate": Recipe(4, 16, Adam(0.02), plateau=ReduceOnPlateau("train_loss", patience=1)),
}


@pytest.fixture(scope="module")
def others(new_digits):
    """Images that the run is neither trained nor chooses on."""
    return new_digits(50, seed=7)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_no_bit_of_the_run_follows_from_what_is_watched(
    recipe, executor, digits, held_out, others, new_network, bits
):
    runs = {}
    for watch, evaluate_train in [({}, False), ({"test": others, "hard-ones": others}, True)]:
        network = new_network()
        options = {"watch": watch, "evaluate_train": evaluate_train, "executor": EXECUTORS[executor]}
        history = fit(network, RECIPES[recipe], digits, held_out, **options)
        rows = [replace(row, watched={}, watch_seconds=0.0, train_seconds=0.0) for row in history.rows]
        runs[evaluate_train] = bits(network), rows, history.chosen_epoch, history.stopped
    assert runs[False] == runs[True]


@pytest.mark.parametrize("name", ["nn1l", "scratch-02", "scratch-08", "scratch-09"])
def test_entries_end_with_the_same_bits(name, bits):
    from tenfold.data import load_corpus

    corpus = load_corpus("mnist-5k")
    train, test = corpus.train.subset(slice(0, 200)), corpus.test.subset(slice(0, 50))
    ends = []
    for options in ({}, {"watch": {"test": test}, "evaluate_train": True}):
        model = build(name)
        model.recipe = replace(model.recipe, epochs=2)
        history = model.fit(train, seed=3, **options)
        ends.append(bits(model.network))
    assert ends[0] == ends[1]
    assert history.watched == ("train", "test")


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_figures_are_those_of_the_network_after_the_epoch(executor, digits, others, network):
    class Look(Callback):
        found: list[dict[str, float]] = []  # noqa: RUF012

        def on_epoch_end(self, progress):
            for name, data in {"train": digits, "test": others}.items():
                floats = (data.images / np.float32(255))[..., None]
                logits = network.infer(floats).astype(np.float64)
                loss, _ = Recipe(1).loss.forward(logits, data.labels)
                figures = progress.row.watched[name]
                assert figures.accuracy == np.mean(logits.argmax(axis=1) == data.labels)
                assert figures.loss == pytest.approx(float(loss), rel=1e-4)
                np.testing.assert_allclose(progress.watched_logits[name], logits, rtol=1e-3, atol=1e-4)

    options = {"watch": {"test": others}, "evaluate_train": True, "executor": EXECUTORS[executor]}
    history = fit(network, Recipe(2, 16), digits, callbacks=[Look()], **options)
    assert [set(row.watched) for row in history.rows] == [{"train", "test"}] * 2
    assert history.watch_seconds == sum(row.watch_seconds for row in history.rows) > 0


def test_no_figure_depends_on_how_many_images_are_judged_at_once(
    digits, held_out, others, new_network, monkeypatch
):
    found = []
    for at_once in (1, 7, 10_000):
        monkeypatch.setattr(epoch_evaluation, "_AT_ONCE", at_once)
        history = fit(new_network(), RECIPES["the best epoch"], digits, held_out, watch={"test": others})
        found.append([(row.validation_loss, row.validation_accuracy, row.watched) for row in history.rows])
    assert found[0] == found[1] == found[2]


def test_watched_figures_stand_in_the_line_and_in_the_file_after_the_others(
    digits, held_out, others, network, tmp_path
):
    stream = io.StringIO()
    options = {"watch": {"test": others}, "out": tmp_path, "progress": PlainLines(stream)}
    history = fit(network, Recipe(2, 16, protocol="published"), digits, held_out, **options)
    line = stream.getvalue().splitlines()[0]
    figures = history.rows[0].watched["test"]
    assert f"  watched test {figures.loss:.4f}, {figures.accuracy:.2%}  " in line
    assert "  rate 0.001  loss " in line
    plain = fit(network, Recipe(2, 16, protocol="published"), digits, held_out)
    old, new = plain.to_csv().splitlines()[0], (tmp_path / "history.csv").read_text().splitlines()[0]
    assert new == f"{old},watched_test_accuracy,watched_test_loss,watch_seconds"


def test_epochs_without_watching_have_empty_cells(digits, others, network, tmp_path):
    """Watching may begin, end and change with any resumption: it is not part of the run."""
    fit(network, Recipe(1, 16), digits, out=tmp_path)
    fit(network, Recipe(2, 16), digits, out=tmp_path, resume=True, watch={"test": others})
    fit(network, Recipe(3, 16), digits, out=tmp_path, resume=True, evaluate_train=True)
    with open(tmp_path / "history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shown = [(row["watched_test_loss"] != "", row["watched_train_loss"] != "") for row in rows]
    assert shown == [(False, False), (True, False), (False, True)]


def test_a_run_resumed_while_watching_ends_with_the_same_bits(
    digits, held_out, others, new_network, bits, tmp_path
):
    class Unplugged(Callback):
        def on_epoch_end(self, progress):
            if progress.epoch == 2:
                raise RuntimeError("unplugged")

    recipe, watch = RECIPES["the best epoch"], {"test": others}
    broken, whole = new_network(), new_network()
    with pytest.raises(RuntimeError):
        fit(broken, recipe, digits, held_out, out=tmp_path, watch=watch, callbacks=[Unplugged()])
    resumed = fit(broken, recipe, digits, held_out, out=tmp_path, watch=watch, resume=True)
    unbroken = fit(whole, recipe, digits, held_out, watch=watch)
    assert bits(broken) == bits(whole)
    assert [row.watched for row in resumed.rows] == [row.watched for row in unbroken.rows]


@pytest.mark.fault("training", "killed while an epoch is evaluated", "saved, and resumed with the same bits")
def test_a_signal_between_two_parts_ends_the_run_with_the_epoch_saved(
    digits, others, new_network, bits, tmp_path, monkeypatch
):
    monkeypatch.setattr(epoch_evaluation, "_AT_ONCE", 10)
    asked = []

    class Signals(DefinitionExecutor):
        def logits(self, images):
            if not asked:
                asked.append(os.kill(os.getpid(), signal.SIGINT))
            return super().logits(images)

    network, whole = new_network(), new_network()
    options = {"watch": {"test": others}, "out": tmp_path}
    with pytest.raises(Interrupted, match="in epoch 1, after step 13; saved"):
        fit(network, Recipe(2, 16), digits, executor=Signals, **options)
    history = fit(network, Recipe(2, 16), digits, executor=DefinitionExecutor, resume=True, **options)
    unbroken = fit(whole, Recipe(2, 16), digits, executor=DefinitionExecutor, watch={"test": others})
    assert bits(network) == bits(whole)
    assert [row.watched for row in history.rows] == [row.watched for row in unbroken.rows]


def test_a_row_of_an_older_run_has_no_watched_images():
    row = EpochRow(1, 0.5, 0.3, 0.9, None, None, 0.001, 32)
    old = {key: value for key, value in row.to_dict().items() if not key.startswith("watch")}
    assert EpochRow.from_dict(old) == EpochRow.from_dict(row.to_dict()) == row
    with pytest.raises(TypeError):
        EpochRow.from_dict(old | {"watched": {"test": 0.9}})


def test_test_images_under_the_honest_protocol_are_remarked_on(digits, others, network):
    for protocol, said in (("honest", 1), ("published", 0)):
        recipe = Recipe(1, 16, protocol=protocol)
        history = fit(network, recipe, digits, watch={"test": others})
        assert sum("not once at the end" in notice for notice in history.notices) == said
    assert not fit(network, Recipe(1, 16), digits, watch={"validation": others}).notices


def test_what_is_only_watched_chooses_nothing(digits, others, network):
    """Rules that look at validation figures are refused where the validation images are only watched."""
    for recipe in (RECIPES["the best epoch"], RECIPES["stopped early"]):
        with pytest.raises(ConfigError, match=r"no validation images|needs validation images"):
            fit(network, recipe, digits, watch={"validation": others})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("train", "expected a name other than 'train'; use evaluate_train=True instead"),
        ("Test", "expected names of small letters, digits and hyphens, got 'Test'; use one like test"),
        ("../x", "expected names of small letters"),
        (3, "expected names of small letters, digits and hyphens, got 3"),
        ("validation", "the name of the held-out images"),
    ],
)
def test_names_that_cannot_be(name, message, digits, held_out, others, network):
    with pytest.raises(ConfigError, match=message):
        fit(network, Recipe(1, 16), digits, held_out, watch={name: others})


def test_watched_images_must_fit_the_network(digits, network, new_digits):
    other = replace_images(new_digits(5), np.zeros((5, 3, 3), np.uint8))
    with pytest.raises(ShapeError, match="expected test images of shape"):
        fit(network, Recipe(1, 16), digits, watch={"test": other})


def replace_images(data, images):
    from tenfold.data import Dataset

    return Dataset(images, data.labels, data.name)


SCHEDULES = {
    "none": (None, [1.0, 1.0, 1.0]),
    "the correction alone": (EpochCorrectedAdam(), [1.0, 1.0, 1.0]),
    "halved": (StepHalving(1.0, 1), [1.0, 0.5, 0.25]),
    "halved, corrected": (Product(StepHalving(1.0, 1), EpochCorrectedAdam()), [1.0, 0.5, 0.25]),
    "corrected, twice": (
        Product(EpochCorrectedAdam(), Product(Constant(2.0), EpochCorrectedAdam())),
        [2.0, 2.0, 2.0],
    ),
}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_rate_that_is_shown_is_the_one_that_was_set(schedule, digits, network):
    rate, factors = SCHEDULES[schedule]
    history = fit(network, Recipe(3, 16, Adam(0.004), rate=rate), digits)
    assert [row.learning_rate for row in history.rows] == [0.004 * factor for factor in factors]
