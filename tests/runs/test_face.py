"""The face to Python: what a user types works, or the answer says what to type instead."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold import nn
from tenfold.cli import main
from tenfold.data import write_idx
from tenfold.errors import ConfigError
from tenfold.nn import Elementwise
from tenfold.train import EarlyStopping, PlainLines

BLOCK = """
import tenfold
from tenfold import nn

corpus = tenfold.load_corpus("fashion-mnist")  # a name, a path, or arrays
network = nn.Sequential(  # a list (names come from the kinds) or a dict
    [nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dense(2704, 10)],
    input_shape=(28, 28, 1),
)
model = tenfold.Model(network, optimizer="adam", learning_rate=1e-3)

run = model.fit(corpus, epochs=5, batch_size=64, out="runs/mine")
run.history.plot(); run.history.to_frame()
run.evaluate(corpus.test).accuracy
run.report()

again = tenfold.Run.open("runs/mine", layers=[Swish])
again.model.predict(images)
tenfold.compare(run, "lenet5")
"""


class Swish(Elementwise):
    @staticmethod
    def function(x: Any) -> Any:
        return x / (1 + np.exp(-x))

    @staticmethod
    def derivative(x: Any, y: Any) -> Any:
        return y + (1 - y) / (1 + np.exp(-x))


def clothes(n: int, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return bright bars whose place tells the class: uint8 (n, 28, 28), and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 10)
    images = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
    for row in (4, 5, 6):
        images[np.arange(n), labels * 2 + row] = 220
    return images, labels


X, y = clothes(200)
NAMES = np.array(["bag", "boot", "coat", "dress", "hat", "sandal", "shirt", "skirt", "sock", "tie"])


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tenfold.evaluate.figures.png", lambda figure: b"a picture")


def model(**given: Any) -> tenfold.Model:
    network = nn.Sequential([nn.Flatten(), nn.Dense(784, 10)], input_shape=(28, 28, 1))
    return tenfold.Model(network, **{"learning_rate": 0.01, "epochs": 2, "batch_size": 16} | given)


@pytest.fixture(scope="module")
def run() -> tenfold.Run:
    """A run on a corpus of arrays; not to be changed."""
    return model().fit(tenfold.load_corpus((X, y, *clothes(60, seed=1))))


@pytest.mark.parametrize("activation", ["nn.ReLU()", "Swish()"])
def test_the_first_page_of_python_runs_as_written(
    activation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clothes"
    folder.mkdir()
    for part, (images, labels) in {"train": clothes(320), "t10k": clothes(60, seed=1)}.items():
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels.astype(np.uint8))
    command = [
        "trials",
        "lenet5",
        "--data",
        str(folder),
        "--epochs",
        "1",
        "--seeds",
        "0",
        "--results",
        "results",
    ]
    assert main(command) == 0
    monkeypatch.setattr(sys.modules["tenfold.zoo.measured"], "PLACES", (Path("results"),))
    read = tenfold.load_corpus
    monkeypatch.setattr(
        tenfold, "load_corpus", lambda name: read(folder if name == "fashion-mnist" else name)
    )
    names: dict[str, Any] = {"Swish": Swish, "images": X[:3]}
    exec(BLOCK.replace("nn.ReLU()", activation), names)
    assert Path("runs/mine/report.html").is_file()
    assert names["run"].evaluate(names["corpus"].test).accuracy > 0.9
    assert names["again"].model.predict(X[:50]).tolist() == names["model"].predict(X[:50]).tolist()


# --- what fit takes


ARRAYS: dict[str, tuple[Any, Any]] = {
    "bytes": (X, y),
    "floats from 0 to 1": (X / 255, y),
    "floats from 0 to 255": (X.astype(np.float32), y),
    "with a channel": (X[..., None], y),
    "rows of pixels": (X.reshape(200, 784), y),
    "lists": (X.tolist(), y.tolist()),
    "labels in a column": (X, y[:, None]),
    "labels as floats": (X, y.astype(float)),
    "names": (X, NAMES[y]),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_of_every_form_train_the_same_network(kind: str) -> None:
    ours, expected = model(), model()
    images, labels = ARRAYS[kind]
    ours.fit(images, labels)
    expected.fit(X, y)
    np.testing.assert_array_equal(
        ours.network.params["dense_1.weight"], expected.network.params["dense_1.weight"]
    )
    assert ours.score(images, labels) == expected.score(X, y) > 0.9
    assert ours.predict(images).tolist() == expected.predict(X).tolist()


def test_data_frames_are_arrays() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame, series = pandas.DataFrame(X.reshape(200, 784)), pandas.Series(NAMES[y])
    ours = model()
    run = ours.fit(frame, series)
    assert ours.class_names == tuple(NAMES)
    assert run.corpus is not None
    assert run.corpus.train.class_names == tuple(NAMES)
    assert ours.score(frame, series) > 0.9


@pytest.mark.parametrize(
    ("validation", "images"),
    [(0.25, 50), ((X[:40], y[:40]), 40), (tenfold.data.from_arrays(X[:30], y[:30]), 30)],
    ids=["a fraction", "arrays", "a data set"],
)
def test_validation_in_every_form(validation: Any, images: int) -> None:
    run = model().fit(X, y, validation=validation)
    assert run.record.choice is not None
    assert run.record.choice.images == images
    assert all(row.validation_accuracy is not None for row in run.rows)


def test_validation_takes_the_names_of_the_training_labels() -> None:
    some = np.flatnonzero(y > 4)  # so the numbers would be others
    run = model(epochs=5).fit(X, NAMES[y], validation=(X[some], NAMES[y[some]]))
    assert run.rows[-1].validation_accuracy is not None
    assert run.rows[-1].validation_accuracy > 0.9


def test_epochs_and_batch_size_are_those_of_the_recipe_afterwards() -> None:
    ours = model()
    run = ours.fit(X, y, epochs=3, batch_size=32)
    assert (len(run), run.rows[0].batch_size) == (3, 32)
    assert ours.recipe is not None
    assert run.record.recipe == ours.recipe.config()


def test_a_report_does_not_say_that_a_call_repeats_it_if_images_were_held_out_by_fraction() -> None:
    corpus = tenfold.load_corpus("mnist-5k")
    small = tenfold.data.Corpus(
        "mnist-5k", corpus.train, corpus.test.subset(slice(50)), "mnist-5k", corpus.sha256
    )
    run = model(epochs=1, batch_size=500).fit(small, validation=0.5, out="mine")
    page = run.report("page").read_text(encoding="utf-8")
    assert "Trained in Python on 2,000 images" in page


REFUSED: dict[str, tuple[Callable[[tenfold.Model], object], str]] = {
    "verbose": (lambda m: m.fit(X, y, verbose=1), "unknown option 'verbose'; write progress=True"),
    "validation_data": (
        lambda m: m.fit(X, y, validation_data=(X, y)),
        "write validation=(X_validation, y_val",
    ),
    "a misspelt option": (
        lambda m: m.fit(X, y, epoch=3),
        "unknown option of fit: 'epoch'; did you mean 'epochs'",
    ),
    "images alone": (lambda m: m.fit(X), "expected images with labels, got ndarray alone; write fit(X, y)"),
    "a large minibatch": (
        lambda m: m.fit(X, y, batch_size=100_000),
        "expected at most 200, the number of tr",
    ),
    "a number for validation": (lambda m: m.fit(X, y, validation=50), "a fraction such as 0.1, got 50"),
    "progress": (lambda m: m.fit(X, y, progress=2), "progress: expected True, False or a display"),
    "labels that are there": (
        lambda m: m.fit(tenfold.data.from_arrays(X, y), y),
        "labels: expected none with data",
    ),
    "no network": (lambda m: tenfold.Model([nn.Flatten()]), "Model: expected a network, got list; write"),
    "two rates": (
        lambda m: tenfold.Model(m.network, optimizer=tenfold.optim.Adam(1e-3), learning_rate=1e-4),
        "write optimizer=Adam(0.0001)",
    ),
    "metrics": (
        lambda m: tenfold.Model(m.network, metrics=["accuracy"]),
        "accuracy and loss are always there",
    ),
    "a report without a run": (lambda m: m.report(), "expected a run to report on, got none; call fit first"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_answer_says_what_to_write(name: str) -> None:
    call, text = REFUSED[name]
    with pytest.raises(ConfigError) as refused:
        call(model())
    assert text in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compile", "give it to the model: tenfold.Model(network, optimizer='adam'"),
        ("train", "write model.fit(images, labels"),
        ("state_dict", "write model.network.params"),
        ("wieghts", "'Model' object has no attribute 'wieghts'"),
    ],
)
def test_methods_of_other_libraries_are_answered(name: str, text: str) -> None:
    with pytest.raises(AttributeError, match=text.replace("(", r"\(")):
        getattr(model(), name)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "from tenfold.nn import Linear",
            "cannot import name 'Linear' from 'tenfold.nn'; write Dense(784, 10)",
        ),
        ("from tenfold.nn import Dense, Conv2D", "'Conv2D' from 'tenfold.nn'; write Conv2d(1, 8, 3)"),
        ("from tenfold.optim import SGDD", "'SGDD' from 'tenfold.optim'; did you mean 'SGD'?"),
        ("from tenfold import Linear", "'Linear' from 'tenfold'; in tenfold.nn, write Dense(784, 10)"),
        ("from tenfold import Dense", "'Dense' from 'tenfold'; write tenfold.nn.Dense"),
        ("from tenfold import locks, list_models", "'list_models' from 'tenfold'; write tenfold.models()"),
    ],
)
def test_an_import_of_other_libraries_names_is_answered(line: str, text: str) -> None:
    with pytest.raises(ImportError) as refused:
        exec(line)
    assert text in str(refused.value)


def test_a_name_that_is_asked_for_is_missing_in_the_usual_way() -> None:
    assert not hasattr(tenfold, "Linear")
    assert getattr(tenfold.nn, "Linear", None) is None
    for cls, name in ((tenfold.Run, "load"), (tenfold.Model, "load"), (tenfold.Dataset, "from_csv")):
        assert not hasattr(cls, name)


@pytest.mark.parametrize(
    ("cls", "name", "text"),
    [
        (tenfold.Run, "load", "type object 'Run' has no attribute 'load'; write tenfold.Run.open(folder)"),
        (
            tenfold.Model,
            "load",
            "type object 'Model' has no attribute 'load'; write tenfold.load_model(folder)",
        ),
        (
            tenfold.Model,
            "open",
            "type object 'Model' has no attribute 'open'; write tenfold.load_model(folder)",
        ),
        (tenfold.Dataset, "load", "no attribute 'load'; write tenfold.load_corpus(path), which has .train"),
    ],
)
def test_constructors_of_other_libraries_are_answered(cls: type, name: str, text: str) -> None:
    with pytest.raises(AttributeError) as refused:
        getattr(cls, name)
    assert text in str(refused.value)


def test_a_network_alone_says_who_trains_it() -> None:
    with pytest.raises(AttributeError, match=r"a model trains it: model = tenfold.Model\(network\)"):
        _ = model().network.fit  # type: ignore[attr-defined]


# --- what is shown


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_in_a_terminal_and_not_when_it_is_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, progress, shown in [
        (Terminal(), None, True),
        (Terminal(), False, False),
        (StringIO(), None, False),
        (StringIO(), True, True),
    ]:
        monkeypatch.setattr(sys, "stderr", stream)
        model().fit(X, y, progress=progress)
        assert ("epoch 2/2" in stream.getvalue()) == shown


def test_a_display_can_be_given() -> None:
    stream = StringIO()
    model().fit(X, y, progress=PlainLines(stream))
    assert stream.getvalue().count("epoch ") == 2


def test_in_a_notebook_one_output_becomes_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    shown: list[str] = []

    class Output:
        def update(self, html: Any) -> None:
            shown.append(html.data)

    monkeypatch.setattr("tenfold.train.shown.in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda html, display_id: Output())
    model().fit(X, y)
    assert "<progress" in shown[0]
    assert "<progress" not in shown[-1]
    assert shown[-1].count("<tr") == 1 + 2


def test_objects_show_themselves_in_a_notebook(run: tenfold.Run) -> None:
    assert run.corpus is not None
    strip = run.corpus.train._repr_html_()
    assert strip.count("<img") == 10
    assert "&lt;b&gt;" in tenfold.data.from_arrays(X[:1], ["<b>"])._repr_html_()
    assert run._repr_html_().count("<tr") == 1 + len(run)
    assert run.corpus._repr_html_().count("<img") == 20
    assert "dense_1" in run.model._repr_html_()  # type: ignore[attr-defined]
    assert "7,850 parameters" in model().network._repr_html_()
    assert run.examples(n=3)._repr_html_().count("<img") == 3
    page = np.full((60, 60), 255, np.uint8)
    page[15:45, 28:32] = 0
    assert "<img" in tenfold.read(page)._repr_html_()


def test_the_history_as_a_frame_and_as_a_figure(run: tenfold.Run) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = run.history.to_frame()
    assert frame.index.tolist() == [1, 2]
    assert frame["train_loss"].tolist() == [row.train_loss for row in run.rows]
    assert [axes.get_title(loc="left") for axes in run.history.plot().axes] == ["Accuracy", "Loss, nats"]


def test_without_pandas_a_frame_says_how(run: tenfold.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ConfigError, match=r"expected pandas to be installed, found nothing; pip install pandas"
    ):
        run.to_frame()


def test_examples_are_the_worst_the_best_and_the_least_certain(run: tenfold.Run) -> None:
    assert run.corpus is not None
    test = run.corpus.test
    probabilities = run.model.predict_proba(test.images)
    of_true = probabilities[np.arange(60), test.labels]
    worst, best = run.examples("worst", n=5), run.examples("best", n=60)
    assert of_true[worst.index].tolist() == sorted(of_true)[:5]
    assert of_true[best.index].tolist() == sorted(of_true, reverse=True)
    doubtful = run.examples("least certain", test.images, test.labels, n=1)
    assert probabilities[doubtful.index[0]].max() == probabilities.max(axis=1).min()
    np.testing.assert_array_equal(worst.images, test.images[worst.index])
    assert len(worst.plot().axes) == 5
    with pytest.raises(ConfigError, match="unknown choice of examples 'wurst'; did you mean 'worst'"):
        run.examples("wurst")  # type: ignore[arg-type]


def test_the_summary_prints_itself() -> None:
    lines = str(model().summary()).splitlines()
    assert lines[0] == "model"
    assert lines[1].split() == ["layer", "kind", "output", "parameters", "FLOPs", "compiled"]
    assert lines[-1] == "7,850 parameters; 15,680 floating-point operations for one image, forward"


# --- callbacks


def test_callbacks_see_the_network_and_the_model() -> None:
    seen: list[Any] = []

    def look(progress: tenfold.train.Progress) -> None:
        network, fitted = progress.network, progress.model
        assert network is not None
        assert fitted is not None
        right = fitted.predict(X) == y
        seen.append((fitted.name, network.n_parameters, right.mean()))

    ours = model(epochs=3)
    ours.fit(X, y, callbacks=[look])
    assert [one[:2] for one in seen] == [("model", 7850)] * 3
    assert seen[-1][2] == ours.score(X, y)


def test_two_callbacks_of_one_class() -> None:
    first, second = (EarlyStopping("train_loss", patience=n, restore_best=False) for n in (50, 60))
    assert len(model().fit(X, y, callbacks=[first, second])) == 2


class Pruned(Exception):
    pass


def test_an_exception_for_stopping_leaves_a_run_that_can_be_resumed() -> None:
    def prune(progress: tenfold.train.Progress) -> None:
        if progress.epoch == 2:
            raise Pruned("enough")

    with pytest.raises(Pruned, match="enough") as pruned:
        model(epochs=3).fit(X, y, out="mine", callbacks=[prune])
    assert "the run is saved in mine" in pruned.value.__notes__[0]
    run = model(epochs=3).fit(X, y, out="mine", resume=True)
    assert [row.epoch for row in run.rows] == [1, 2, 3]


def test_optunas_pruning_ends_a_trial_and_not_the_study() -> None:
    optuna = pytest.importorskip("optuna", reason="the extra 'tune' is not installed")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: Any) -> float:
        def report(progress: tenfold.train.Progress) -> None:
            trial.report(progress.row.train_accuracy, progress.epoch)
            if trial.number > 0:
                raise optuna.TrialPruned()

        rate = trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True)
        return model(learning_rate=rate).fit(X, y, callbacks=[report]).rows[-1].train_accuracy

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=3)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED", "PRUNED"]


def test_a_saved_model_of_another_kind_is_named() -> None:
    ours = model()
    ours.fit(X, y)
    folder = ours.save("saved")
    assert tenfold.load_model(folder).predict(X).tolist() == ours.predict(X).tolist()
    with pytest.raises(tenfold.TenfoldError, match="expected Ensemble, found NetworkModel"):
        tenfold.load_model(folder, kind=tenfold.Ensemble)


# --- the learning-rate finder


def test_a_range_test_suggests_a_rate_that_trains_and_leaves_the_model_as_it_was() -> None:
    ours = model(optimizer="sgd", learning_rate=None)
    ours.network.initialise(3)
    before = ours.network.params["dense_1.weight"].copy()
    found = tenfold.find_learning_rate(ours, X, y, lowest=1e-5, highest=100.0, steps=120)
    np.testing.assert_array_equal(ours.network.params["dense_1.weight"], before)
    assert 1e-5 < found.suggestion < 100.0
    assert len(found.rates) == len(found.losses)
    (axes,) = found.plot().axes
    assert axes.get_xscale() == "log"
    good, small = (
        model(optimizer="sgd", learning_rate=r).fit(X, y) for r in (found.suggestion, found.suggestion / 1000)
    )
    assert good.rows[-1].train_loss < 0.5 * small.rows[-1].train_loss


@pytest.mark.parametrize("wrong", [{"lowest": 0.0}, {"lowest": 2.0}, {"steps": 3}])
def test_a_range_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(tenfold.TenfoldError, match="expected 0 < lowest < highest and at least 10 steps"):
        tenfold.find_learning_rate(model(), X, y, **wrong)


def test_every_model_of_the_zoo_has_the_type_that_build_says() -> None:
    from typing import get_args

    from tenfold.runs.opening import Classical, Ensembles

    families = {name: tenfold.zoo.entry(name) for name in tenfold.models()}
    networks = {name for name, one in families.items() if one.is_network}
    assert networks == set(families) - {*get_args(Classical), *get_args(Ensembles)}
    assert {name for name, one in families.items() if one.members} == set(get_args(Ensembles))
