"""Callbacks, each on a made-up run."""

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.train import (
    Callback,
    CallbackError,
    EarlyStopping,
    EpochRow,
    HistoryCSV,
    Progress,
    ReduceOnPlateau,
    StopTraining,
    StuckAtChance,
    UnscaledInput,
    WindowStopping,
)
from tenfold.train.callbacks import Callbacks


def epochs(callback, figures, column="validation_loss", rate=0.1):
    """Tell a callback of epochs with these figures until it stops the run; return the progress."""
    progress = Progress(epochs=len(figures), images_per_epoch=1000)
    for epoch, figure in enumerate(figures, start=1):
        columns = {
            "train_loss": 1.0,
            "train_accuracy": 0.5,
            "validation_accuracy": 0.5,
            "validation_loss": 1.0,
        }
        rate_now = rate * progress.rate_scale
        row = EpochRow(epoch, 1.0, learning_rate=rate_now, batch_size=32, **columns | {column: figure})
        progress.history.rows.append(row)
        progress.epoch, progress.step, progress.learning_rate = epoch, 300 * epoch, rate_now
        callback.on_epoch_end(progress)
        if progress.stop:
            break
    return progress


# settings, figures, the epoch after which the run stops (None: it does not)
STOPPING = {
    "after patience": ({"patience": 2}, [3, 2, 1, 1, 1, 1], 5),
    "not while it improves": ({"patience": 1}, [5, 4, 3, 2, 1], None),
    "patience begins anew": ({"patience": 2}, [3, 4, 2, 3, 1, 2, 2], 7),
    "too small a change is none": ({"patience": 2, "min_change": 0.005}, [1, 0.996, 0.9955, 0.994], 3),
    "small changes add up": ({"patience": 2, "min_change": 0.005}, [1, 0.996, 0.99, 0.986, 0.98], None),
    "patience of one": ({"patience": 1}, [1, 1], 2),
}


@pytest.mark.parametrize("name", STOPPING)
def test_early_stopping(name):
    settings, figures, last = STOPPING[name]
    progress = epochs(EarlyStopping("validation_loss", **settings), figures)
    assert progress.epoch == (last or len(figures))
    assert (progress.stop is not None) == (last is not None)


# settings, figures, the epoch after which the run stops (None: it does not)
WINDOWS = {
    "the first of three is not beaten": ({"patience": 3}, [3, 1, 1, 1, 0], 4),
    "while one later is better": ({"patience": 3}, [5, 6, 4, 5, 3, 4, 2], None),
    "not before there are as many": ({"patience": 4}, [1, 2, 3], None),
    "what came earlier is forgotten": ({"patience": 3}, [1, 9, 8, 7, 6, 5], 3),
    "forgotten after a better one": ({"patience": 3}, [9, 1, 5, 4, 3, 2], 4),
    "too small a change is none": ({"patience": 2, "min_change": 0.005}, [1, 0.99, 0.9851], 3),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_stopping_in_a_window(name):
    settings, figures, last = WINDOWS[name]
    progress = epochs(WindowStopping("train_loss", **settings), figures, "train_loss")
    assert progress.epoch == (last or len(figures))
    assert (progress.stop is not None) == (last is not None)


def test_a_window_counts_one_epoch_less_than_patience_from_the_best():
    figures = [3, 2, 1] + [1] * 9
    since_best = epochs(EarlyStopping("train_loss", 5), figures, "train_loss")
    window = epochs(WindowStopping("train_loss", 5), figures, "train_loss")
    assert (since_best.epoch, window.epoch) == (3 + 5, 3 + 4)
    assert window.stop == "train_loss has not improved since epoch 3 (the last 5 compared)"


# monitor -> a run that gets better, as that monitor sees it
BETTER = {
    "validation_loss": ("validation_loss", [3, 2, 1]),
    "validation_accuracy": ("validation_accuracy", [0.1, 0.2, 0.3]),
    "validation_error": ("validation_accuracy", [0.1, 0.2, 0.3]),
    "train_loss": ("train_loss", [3, 2, 1]),
    "train_accuracy": ("train_accuracy", [0.1, 0.2, 0.3]),
    "train_error": ("train_accuracy", [0.1, 0.2, 0.3]),
}


@pytest.mark.parametrize("monitor", BETTER)
def test_every_monitor_knows_what_is_better(monitor):
    column, figures = BETTER[monitor]
    stopping = EarlyStopping(monitor, patience=1)
    assert epochs(stopping, figures, column).stop is None
    worse = epochs(stopping, figures[::-1], column)
    assert worse.stop == f"{monitor} has not improved since epoch 1 (patience 1)"


def test_the_relative_change_of_an_error_is_not_that_of_an_accuracy():
    figures = [0.9900, 0.9901, 0.9902]  # 1 % of the error, 0.01 % of the accuracy
    assert epochs(EarlyStopping("train_error", 1, 0.005), figures, "train_accuracy").stop is None
    assert epochs(EarlyStopping("train_accuracy", 1, 0.005), figures, "train_accuracy").epoch == 2


def test_a_plateau_lowers_the_rate_step_by_step_to_its_least():
    plateau = ReduceOnPlateau("validation_accuracy", factor=0.5, patience=2, min_rate=0.02)
    progress = epochs(plateau, [0.9] * 12, "validation_accuracy")
    rates = [row.learning_rate for row in progress.history.rows]
    np.testing.assert_allclose(rates, [0.1] * 3 + [0.05] * 2 + [0.025] * 2 + [0.02] * 5)
    assert [notice.split(": ")[1] for notice in progress.history.notices] == [
        "learning rate 0.1 -> 0.05",
        "learning rate 0.05 -> 0.025",
        "learning rate 0.025 -> 0.02",
    ]


def test_a_plateau_leaves_the_rate_while_it_improves():
    progress = epochs(ReduceOnPlateau(patience=1), [0.1, 0.2, 0.3, 0.4], "validation_accuracy")
    assert progress.rate_scale == 1.0


def test_the_history_is_a_whole_file_after_every_epoch(tmp_path):
    path = tmp_path / "history.csv"
    epochs(HistoryCSV(path), [3, 2])
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("2,")


# labels, training accuracy, whether it is remarked on
CHANCE = {
    "at chance": (np.arange(1000) % 10, 0.105, True),
    "better than chance": (np.arange(1000) % 10, 0.2, False),
    "always the most frequent": (np.repeat([0, 1], [700, 300]), 0.7, True),
    "one class": (np.zeros(1000, np.int64), 1.0, False),
}


@pytest.mark.parametrize("name", CHANCE)
def test_accuracy_at_chance_is_remarked_on_once(name):
    labels, accuracy, said = CHANCE[name]
    progress = epochs(StuckAtChance.of(labels), [accuracy] * 3, "train_accuracy")
    assert len(progress.history.notices) == said
    assert all("no better than guessing" in notice for notice in progress.history.notices)


def test_accuracy_at_chance_is_no_matter_in_the_first_steps():
    progress = Progress(epochs=1, epoch=1, step=5, images_per_epoch=100)
    progress.history.rows.append(EpochRow(1, 1.0, 1.0, 0.1, None, None, 0.1, 32))
    StuckAtChance(0.1).on_epoch_end(progress)
    assert progress.history.notices == []


def test_labels_that_are_all_the_same_are_remarked_on():
    progress = Progress(epochs=1)
    StuckAtChance.of(np.full(9, 3)).on_start(progress)
    assert "all training labels are the same" in progress.history.notices[0]


# images, what is said of them
SCALES = {
    "bytes": (np.array([0, 255], np.uint8), None),
    "bytes scaled before": (np.array([0, 1], np.uint8), "look scaled already"),
}


@pytest.mark.parametrize("name", SCALES)
def test_images_of_the_wrong_scale_are_remarked_on(name):
    images, said = SCALES[name]
    progress = Progress(epochs=1)
    UnscaledInput.of(images).on_start(progress)
    assert len(progress.history.notices) == (said is not None)
    assert (said or "") in " ".join(progress.history.notices)


def test_one_callback_twice_is_refused():
    stopping = EarlyStopping()
    with pytest.raises(ConfigError, match="expected each once, got EarlyStopping twice; remove one"):
        Callbacks([stopping, stopping])


def test_callbacks_of_one_class_have_memories_of_their_own():
    patient, hasty = EarlyStopping(patience=3), EarlyStopping(patience=1)
    progress = Progress(epochs=9, keys=Callbacks([patient, hasty]).keys)
    progress.memory(patient)["waited"] = 2
    progress.memory(hasty)["waited"] = 0
    assert progress.memories == {"EarlyStopping": {"waited": 2}, "EarlyStopping 2": {"waited": 0}}


class Failing(Callback):
    def on_chunk(self, progress):
        raise ValueError("one\nline")


def test_a_callback_that_raises_is_named():
    with pytest.raises(
        CallbackError, match=r"callback Failing failed in on_chunk .*ValueError: one line"
    ) as raised:
        Callbacks([Callback(), Failing()]).tell("on_chunk", Progress(epochs=1))
    assert isinstance(raised.value.__cause__, ValueError)


class TrialPruned(Exception):
    """As Optuna's: an exception that is not called an error."""


@pytest.mark.parametrize("kind", [TrialPruned, StopTraining])
def test_an_exception_made_for_stopping_comes_out_as_it_is(kind):
    def prune(progress):
        raise kind("enough")

    with pytest.raises(kind, match="enough"):
        Callbacks([prune]).tell("on_epoch_end", Progress(epochs=1))


@pytest.mark.parametrize("kind", [StopIteration, Exception, ConfigError, UserWarning])
def test_other_exceptions_are_errors_of_the_callback(kind):
    def fail(progress):
        raise kind("oops")

    with pytest.raises(CallbackError, match=f"callback .*fail failed in on_epoch_end .*{kind.__name__}"):
        Callbacks([fail]).tell("on_epoch_end", Progress(epochs=1))


def test_a_function_is_called_after_each_epoch():
    seen = []
    callbacks = Callbacks([seen.append])
    for moment in ("on_start", "on_chunk", "on_epoch_end", "on_end"):
        callbacks.tell(moment, Progress(epochs=1))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (EarlyStopping, r"got the class EarlyStopping; write EarlyStopping\(\)"),
        (3, "expected a Callback or a function of the progress, got 3"),
        (type("Own", (), {"on_epoch_end": print})(), r"class Own\(tenfold.train.Callback\)"),
    ],
)
def test_what_is_not_a_callback_is_refused(given, text):
    with pytest.raises(ConfigError, match=text):
        Callbacks([given])


@pytest.mark.parametrize(
    ("hook", "here"),
    [("on_train_batch_end", "on_chunk"), ("on_epoch_ended", "on_epoch_end"), ("on_whatever", None)],
)
def test_a_hook_that_does_not_exist_is_refused_and_the_hooks_are_named(hook, here):
    with pytest.raises(ConfigError) as refused:
        type("Own", (Callback,), {hook: lambda self, progress: None})
    advice = "choose from on_start, on_part, on_chunk, on_epoch_end, on_notice, on_end"
    here = f"; here {here}" if here else ""
    assert str(refused.value) == f"Own.{hook}: this hook does not exist; {advice}{here}"


def test_a_remark_is_made_once():
    said = []
    progress = Progress(epochs=1, on_notice=said.append)
    progress.notice("a")
    progress.notice("a")
    assert said == progress.history.notices == ["a"]
