"""A training that is recorded and follows orders, and is the same training nevertheless."""

import json
import os
import stat
import threading
import time

import numpy as np
import pytest

from tenfold.errors import ConfigError, DivergedError, StorageError
from tenfold.optim import SGD, Adam
from tenfold.train import Callback, DefinitionExecutor, Interrupted, Recipe, executor_for, fit
from tenfold.train.live import DETAILS, EVENTS, EventLog, LiveRecorder, Order, details, give_order
from tenfold.train.live.control import CONTROL
from tenfold.train.live.pace import Pace

RECIPE = Recipe(3, 16, Adam(0.05), choose="best", chunk_images=64)  # 13 steps an epoch, 4 chunks


def events(folder):
    lines = (folder / EVENTS).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def of_kind(folder, kind):
    return [event for event in events(folder) if event["kind"] == kind]


def recorded(network, train, held_out, folder, recipe=RECIPE, **options):
    """Train with a recorder; return the history."""
    recorder = LiveRecorder(EventLog(folder), network, recipe, train, held_out)
    callbacks = [recorder, *options.pop("callbacks", ())]
    options = {"executor": DefinitionExecutor} | options
    return fit(network, recipe, train, held_out, callbacks=callbacks, **options)


@pytest.fixture
def steps_are_parts(monkeypatch):
    """Every step is a part, and every part is recorded."""
    monkeypatch.setattr("tenfold.train.chunk.PART_SECONDS", 0.0)
    monkeypatch.setattr("tenfold.train.live.pace.OFTEN", 0.0)
    monkeypatch.setattr("tenfold.train.live.recorder.OFTEN", 0.0)


@pytest.mark.parametrize("executor", [DefinitionExecutor, executor_for])
@pytest.mark.usefixtures("steps_are_parts")
def test_a_recorded_training_has_the_same_bits(new_network, digits, held_out, bits, tmp_path, executor):
    network, alone = new_network(), new_network()
    with_it = recorded(network, digits, held_out, tmp_path / "live", executor=executor)
    without = fit(alone, RECIPE, digits, held_out, executor=executor)
    assert bits(network) == bits(alone)
    for one, other in zip(with_it.rows, without.rows, strict=True):
        assert (one.train_loss, one.validation_loss) == (other.train_loss, other.validation_loss)


@pytest.mark.usefixtures("steps_are_parts")
def test_every_event_of_a_run_is_there(network, digits, held_out, tmp_path):
    history = recorded(network, digits, held_out, tmp_path / "live")
    found = events(tmp_path / "live")
    assert [event["kind"] for event in found if event["kind"] not in ("details", "notice")] == [
        "plan",
        *(["steps"] * 13 + ["epoch"]) * 3,
        "trained",
    ]
    [plan] = of_kind(tmp_path / "live", "plan")
    assert (plan["epochs"], plan["images"], plan["held_out"]) == (3, 200, "validation")
    assert [layer["name"] for layer in plan["layers"]] == list(network.layers)
    rows = of_kind(tmp_path / "live", "epoch")
    assert [row["accuracy"] for row in rows] == [row.validation_accuracy for row in history.rows]
    steps = of_kind(tmp_path / "live", "steps")
    for epoch, row in enumerate(history.rows):
        losses = [event["loss"] for event in steps if event["epoch"] == epoch]
        assert np.mean(losses) == pytest.approx(row.train_loss)  # minibatches of equal size
    assert steps[-1]["step"] == 39
    assert of_kind(tmp_path / "live", "trained")[0]["chosen"] == history.chosen_epoch


def test_the_details_are_those_of_the_network(network, digits, held_out, tmp_path):
    recorded(network, digits, held_out, tmp_path / "live")
    found = json.loads((tmp_path / "live" / DETAILS).read_text(encoding="utf-8"))
    assert found["version"] == of_kind(tmp_path / "live", "details")[-1]["version"]
    assert found["filters"]["layer"] == "fc1"
    assert found["filters"]["pictures"][0]["shape"] == [8, 8]
    assert [one["name"] for one in found["distributions"]] == list(network.params)
    weight = network.params["fc1.weight"]
    [shown] = [one["weights"] for one in found["distributions"] if one["name"] == "fc1.weight"]
    assert sum(shown["counts"]) == weight.size
    assert (shown["low"], shown["high"]) == pytest.approx((weight.min(), weight.max()))
    confusion = np.array(found["mistakes"]["confusion"])
    assert confusion.shape == (10, 10)
    assert confusion.sum() == len(held_out)
    wrong = len(held_out) - np.trace(confusion)
    assert len(found["mistakes"]["worst"]) == min(12, wrong)
    assert sum(found["activations"]["probabilities"]) == pytest.approx(1, abs=1e-3)


class AtStep(Callback):
    """Gives an order as soon as the run has done so many steps; before the recorder, which then obeys."""

    def __init__(self, folder, orders):
        self.folder, self.orders = folder, dict(orders)

    def on_part(self, progress):
        if progress.step in self.orders:
            give_order(self.folder, self.orders.pop(progress.step))

    def on_chunk(self, progress):
        self.on_part(progress)


def soon(folder, *orders):
    """Give orders from another thread, each when the training has paused."""

    def give():
        for count, order in enumerate(orders, start=1):
            while sum(event["paused"] for event in of_kind(folder, "state")) < count:
                time.sleep(0.01)
            give_order(folder, order)

    thread = threading.Thread(target=give, daemon=True)
    thread.start()
    return thread


@pytest.mark.usefixtures("steps_are_parts")
def test_it_pauses_takes_a_step_an_epoch_and_goes_on_to_the_same_bits(
    new_network, digits, held_out, bits, tmp_path
):
    network, alone, live = new_network(), new_network(), tmp_path / "live"
    log = EventLog(live)
    recorder = LiveRecorder(log, network, RECIPE, digits, held_out)
    thread = soon(live, Order("step"), Order("epoch"), Order("go"))
    callbacks = [AtStep(live, {4: Order("pause")}), recorder]
    fit(network, RECIPE, digits, held_out, executor=DefinitionExecutor, callbacks=callbacks)
    thread.join()
    fit(alone, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == bits(alone)
    paused = [event["step"] for event in of_kind(live, "state") if event["paused"]]
    assert paused == [4, 5, 13]  # where it was told to, a step later, at the end of the epoch


@pytest.mark.usefixtures("steps_are_parts")
def test_stop_saves_the_run_which_resumes_to_the_same_bits(new_network, digits, held_out, bits, tmp_path):
    network, alone, live = new_network(), new_network(), tmp_path / "live"
    callbacks = [AtStep(live, {6: Order("stop")}), LiveRecorder(EventLog(live), network, RECIPE, digits)]
    options = {"executor": DefinitionExecutor, "out": tmp_path / "run"}
    with pytest.raises(Interrupted, match="interrupted in epoch 1, after step 6; saved"):
        fit(network, RECIPE, digits, held_out, callbacks=callbacks, **options)
    again = LiveRecorder(EventLog(live), network, RECIPE, digits, held_out)  # the old order is no order to it
    fit(network, RECIPE, digits, held_out, callbacks=[again], resume=True, **options)
    fit(alone, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == bits(alone)
    assert [plan["step"] for plan in of_kind(live, "plan")] == [0, 6]


@pytest.mark.usefixtures("steps_are_parts")
def test_stop_after_an_epoch_trains_no_step_of_the_next(new_network, digits, held_out, bits, tmp_path):
    network, alone, live = new_network(), new_network(), tmp_path / "live"
    callbacks = [AtStep(live, {4: Order("epoch")}), LiveRecorder(EventLog(live), network, RECIPE, digits)]
    options = {"executor": DefinitionExecutor, "out": tmp_path / "run"}
    thread = soon(live, Order("stop"))
    with pytest.raises(Interrupted, match="interrupted after epoch 1; saved"):
        fit(network, RECIPE, digits, held_out, callbacks=callbacks, **options)
    thread.join()
    assert of_kind(live, "steps")[-1]["step"] == 13
    fit(network, RECIPE, digits, held_out, resume=True, **options)
    fit(alone, RECIPE, digits, held_out, executor=DefinitionExecutor)
    assert bits(network) == bits(alone)


@pytest.mark.usefixtures("steps_are_parts")
def test_a_chosen_image_is_followed(network, digits, held_out, tmp_path):
    live = tmp_path / "live"
    recorder = LiveRecorder(EventLog(live), network, RECIPE, digits, held_out)
    callbacks = [AtStep(live, {20: Order("look", 7)}), recorder]
    fit(network, RECIPE, digits, held_out, executor=DefinitionExecutor, callbacks=callbacks)
    shown = json.loads((live / DETAILS).read_text(encoding="utf-8"))["activations"]
    assert (shown["index"], shown["label"]) == (7, str(held_out.labels[7]))


@pytest.mark.usefixtures("steps_are_parts")
def test_a_rate_that_is_too_high_is_seen_to_diverge(network, digits, held_out, tmp_path):
    recipe = Recipe(3, 16, SGD(1e6), chunk_images=64)
    with pytest.raises(DivergedError):
        recorded(network, digits, held_out, tmp_path / "live", recipe)
    losses = [event["loss"] for event in of_kind(tmp_path / "live", "steps")]
    assert max(losses) > 10 * losses[0]


# what is in the file -> the notice
WRONG_ORDERS = {
    "no JSON": (b"{", "expected valid JSON"),
    "no object": (b"3", "order: expected do, and image if there is one, got 3"),
    "another key": (b'{"do": "go", "x": 1}', "order: expected do"),
    "an unknown one": (
        b'{"do": "jump"}',
        "do: expected one of pause, step, epoch, go, stop, look, got 'jump'",
    ),
    "a negative image": (
        b'{"do": "look", "image": -1}',
        "image: expected a whole number of at least 0, got -1",
    ),
    "a long one": (b'"' + b"x" * 5000 + b'"', "at most 1000 bytes"),
}


@pytest.mark.parametrize("name", WRONG_ORDERS)
@pytest.mark.usefixtures("steps_are_parts")
def test_a_wrong_order_is_a_notice_and_the_run_continues(network, digits, held_out, tmp_path, name):
    content, text = WRONG_ORDERS[name]
    live = tmp_path / "live"

    class Writes(Callback):
        def on_start(self, progress):
            (live / CONTROL).write_bytes(content)

    recorder = LiveRecorder(EventLog(live), network, RECIPE, digits, held_out)
    history = fit(
        network, RECIPE, digits, held_out, executor=DefinitionExecutor, callbacks=[recorder, Writes()]
    )
    assert len(history.rows) == 3
    [notice] = [event["text"] for event in of_kind(live, "notice") if CONTROL in event["text"]]
    assert text in notice
    assert notice.endswith("the run continues")


@pytest.mark.parametrize("do", ["", "Pause", None, 3, ["go"]])
def test_an_unknown_order_is_refused(do):
    with pytest.raises(ConfigError, match="do: expected one of pause, step, epoch, go, stop, look, got"):
        Order(do)


def test_a_long_run_has_a_bounded_number_of_events():
    pace, now, count = Pace(0.0), 0.0, 0
    while now < 86_400:
        now += 0.1
        count += pace.event_due(now)
    assert count < 40_000


def test_half_a_line_of_a_killed_process_does_not_spoil_the_next(tmp_path):
    EventLog(tmp_path / "live").add("start")
    with open(tmp_path / "live" / EVENTS, "ab") as file:
        file.write(b'{"kind": "ste')
    EventLog(tmp_path / "live").add("plan")
    lines = (tmp_path / "live" / EVENTS).read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["kind"] == "plan"


def test_numbers_that_json_does_not_have_become_null(tmp_path):
    EventLog(tmp_path / "live").add("steps", loss=float("nan"), nested=[{"high": float("-inf")}])
    [event] = events(tmp_path / "live")
    assert event["loss"] is None
    assert event["nested"] == [{"high": None}]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_file_of_events_is_no_program_and_no_link_is_followed(tmp_path):
    EventLog(tmp_path / "live")
    assert not stat.S_IMODE(os.stat(tmp_path / "live" / EVENTS).st_mode) & 0o111
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / EVENTS).symlink_to(tmp_path / "target")
    with pytest.raises(StorageError):
        EventLog(tmp_path / "other")
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    "values", [np.zeros((2, 2)), np.array([[np.nan, 1.0]]), np.array([[np.inf]]), np.zeros((0, 3))]
)
def test_any_array_becomes_a_picture(values):
    shown = details.picture(values)
    assert shown["shape"] == list(values.shape)
    assert json.dumps(shown, allow_nan=False)
