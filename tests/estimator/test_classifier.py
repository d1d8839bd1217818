"""The scikit-learn face: what goes in, what comes out, what it works with, what it refuses."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tenfold import Corpus, Dataset, TenfoldClassifier, as_float, build, load_corpus
from tenfold.errors import ConfigError, RangeError, ShapeError, TenfoldError
from tenfold.estimator.image_canvas import as_images, on_canvas, size_of_row
from tenfold.estimator.pixel_scale import UNIT, Bytes, Range, learn_scale
from tenfold.estimator.zoo_network import held_out

FEW = 400


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


@pytest.fixture(scope="module")
def images(corpus: Corpus) -> np.ndarray:
    return corpus.train.images[:FEW]


@pytest.fixture(scope="module")
def labels(corpus: Corpus) -> np.ndarray:
    return corpus.train.labels[:FEW]


def quick(**parameters: Any) -> TenfoldClassifier:
    """A classifier that learns in a few milliseconds."""
    given = {"network": "nn2l", "epochs": 4, "batch_size": 16, "random_state": 0} | parameters
    return TenfoldClassifier(**given)


@pytest.fixture(scope="module")
def fitted(images: np.ndarray, labels: np.ndarray) -> TenfoldClassifier:
    return quick().fit(images, labels)


# --- what goes in

FORMS = {
    "images": lambda x: x,
    "images with a channel": lambda x: x[..., np.newaxis],
    "rows": lambda x: x.reshape(-1, 784),
    "floats": lambda x: as_float(x)[..., 0],
    "floats with a channel": as_float,
    "rows of float64": lambda x: x.reshape(-1, 784) / 255,
    "whole numbers": lambda x: x.reshape(-1, 784).astype(np.int64),
    "floats to 255": lambda x: x.astype(np.float64),
    "lists": lambda x: x.reshape(-1, 784).tolist(),
    "a list of arrays": list,
    "pictures": lambda x: [Image.fromarray(image) for image in x],
    "a data frame": lambda x: pd.DataFrame(x.reshape(-1, 784)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_images_gives_the_same_bits(
    form: str, fitted: TenfoldClassifier, images: np.ndarray, labels: np.ndarray
) -> None:
    given = FORMS[form](images)
    again = quick().fit(given, labels)
    assert again.n_features_in_ == 784
    np.testing.assert_array_equal(again.predict_proba(given), fitted.predict_proba(images))


@pytest.mark.parametrize("form", ["rows", "floats", "rows of float64", "pictures"])
def test_one_form_may_be_learned_from_and_another_read(
    form: str, fitted: TenfoldClassifier, images: np.ndarray, labels: np.ndarray
) -> None:
    want = fitted.predict_proba(images)
    np.testing.assert_array_equal(fitted.predict_proba(FORMS[form](images)), want)
    np.testing.assert_array_equal(quick().fit(FORMS[form](images), labels).predict_proba(images), want)


def test_a_polars_frame(images: np.ndarray, labels: np.ndarray, fitted: TenfoldClassifier) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(images.reshape(-1, 784), schema=[f"pixel{i}" for i in range(784)])
    found = quick().fit(frame, labels)
    assert found.feature_names_in_[783] == "pixel783"
    np.testing.assert_array_equal(found.predict_proba(frame), fitted.predict_proba(images))


def test_a_frame_with_named_columns(images: np.ndarray, labels: np.ndarray) -> None:
    frame = pd.DataFrame(images.reshape(-1, 784)).add_prefix("pixel")
    found = quick().fit(frame, pd.Series(labels))
    assert found.feature_names_in_[0] == "pixel0"
    with pytest.raises(ValueError, match="feature names should match"):
        found.predict(frame.rename(columns={"pixel0": "first"}))


SCALES = {
    "bytes": (np.array([[0, 7]], np.uint8), Bytes()),
    "shares of ink": (np.array([[0.0, 0.9]]), UNIT),
    "sixteen levels": (np.array([[0, 16], [3, 4]]), Range(np.array(0.0), np.array(16.0))),
    "below zero": (np.array([[-1, 5], [1, 6]]), Range(np.array([-1.0, 5.0]), np.array([1.0, 6.0]))),
    "beyond 255": (np.array([[0, 5], [0, 600]]), Range(np.array([0.0, 5.0]), np.array([0.0, 600.0]))),
}


@pytest.mark.parametrize("case", SCALES)
def test_scales(case: str) -> None:
    rows, want = SCALES[case]
    assert learn_scale(rows) == want


def test_numbers_become_levels() -> None:
    scale = Range(np.array([0.0, -1.0, 3.0, 0.0]), np.array([10.0, 1.0, 3.0, 0.1]))
    rows = np.array([[0.0, 0.0, 3.0, 0.1], [10.0, -9.0, 3.0, 0.0], [99.0, 1.0, 2.0, 0.02]])
    before = rows.copy()
    found = scale.pixels(rows)
    np.testing.assert_array_equal(found, [[0, 128, 0, 255], [255, 0, 0, 0], [255, 255, 0, 51]])
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(rows, before)


def test_small_images_are_enlarged_and_centred() -> None:
    rows = np.arange(1, 65, dtype=np.uint8)[np.newaxis]
    [image] = on_canvas(as_images(rows, (8, 8)))
    np.testing.assert_array_equal(image[2:26:3, 2:26:3].ravel(), rows[0])
    np.testing.assert_array_equal(image[4:28:3, 4:28:3].ravel(), [*rows[0]])
    assert int(image.sum(dtype=np.int64)) == 9 * int(rows.sum())


@pytest.mark.parametrize(
    ("features", "size"), [(1, (1, 1)), (2, (2, 2)), (4, (2, 2)), (5, (3, 3)), (64, (8, 8)), (784, (28, 28))]
)
def test_a_row_is_the_smallest_square(features: int, size: tuple[int, int]) -> None:
    assert size_of_row(features) == size
    image = on_canvas(as_images(np.full((1, features), 255, np.uint8), size))
    assert image.shape == (1, 28, 28)
    assert (image > 0).sum() == features * (28 // size[0]) ** 2


# --- what comes out


def test_it_reads_digits(corpus: Corpus) -> None:
    found = TenfoldClassifier(epochs=3, random_state=0).fit(corpus.train.images, corpus.train.labels)
    assert found.score(corpus.test.images, corpus.test.labels) > 0.85
    assert found.classes_.tolist() == list(range(10))
    assert (found.n_iter_, len(found.history_)) == (3, 3)
    assert found.history_[-1]["validation_accuracy"] > 0.85


def test_scikit_learns_digits_of_8_by_8() -> None:
    rows, labels = load_digits(return_X_y=True)
    found = TenfoldClassifier(epochs=6, batch_size=32, random_state=0).fit(rows[:1200], labels[:1200])
    assert found.score(rows[1200:], labels[1200:]) > 0.75


def test_any_labels(images: np.ndarray, labels: np.ndarray) -> None:
    names = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
    found = quick().fit(images, names[labels])
    assert found.classes_.tolist() == sorted(names)
    assert (found.predict(images) == names[labels]).mean() > 0.8


def test_more_than_ten_classes(images: np.ndarray, labels: np.ndarray) -> None:
    turned = np.concatenate([images, images.transpose(0, 2, 1)])
    found = quick(epochs=15).fit(turned, np.concatenate([labels, labels + 10]))
    assert found.predict_proba(turned[:3]).shape == (3, 20)
    assert found.score(turned, np.concatenate([labels, labels + 10])) > 0.7


def test_two_classes(images: np.ndarray, labels: np.ndarray) -> None:
    even = labels % 2 == 0
    found = quick().fit(images, even)
    assert found.predict_proba(images[:5]).shape == (5, 2)
    assert found.predict(images).dtype == bool
    np.testing.assert_allclose(
        np.exp(found.predict_log_proba(images)), found.predict_proba(images), rtol=1e-12
    )


@pytest.mark.parametrize("network", ["nn1l", "lenet5", "scratch-01", "scratch-wide", "mlp-512"])
def test_the_same_number_gives_the_same_bits(
    network: str, images: np.ndarray, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weights(random_state: int) -> bytes:
        found = quick(network=network, epochs=1, random_state=random_state).fit(images[:24], labels[:24])
        return b"".join(array.tobytes() for array in found.model_.network.params.values())

    want = weights(5)
    assert weights(6) != want
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert weights(5) == want


def test_without_validation_all_is_learned_from_in_all_epochs(images: np.ndarray, labels: np.ndarray) -> None:
    few = images[:120], labels[:120]
    stopping = quick(network="mlp-800", epochs=12, learning_rate=0.0)  # nothing moves, nothing gets better
    assert clone(stopping).fit(*few).n_iter_ == 1 + 10  # its patience
    whole = stopping.set_params(validation_fraction=0).fit(*few)
    assert whole.n_iter_ == 12
    assert whole.history_[-1]["validation_loss"] is None
    assert quick(validation_fraction=0.25).fit(images, labels).history_[0]["validation_loss"] > 0


def test_warm_start_goes_on(images: np.ndarray, labels: np.ndarray) -> None:
    found = quick(epochs=1, warm_start=True, validation_fraction=0).fit(images, labels)
    first = found.history_[0]["train_loss"]
    found.fit(images, labels)
    assert found.history_[0]["train_loss"] < 0.7 * first
    cold = quick(epochs=1, validation_fraction=0).fit(images, labels)
    assert cold.fit(images, labels).history_[0]["train_loss"] == pytest.approx(first, rel=1e-12)


def test_warm_start_keeps_the_scale(images: np.ndarray, labels: np.ndarray) -> None:
    rows = images.reshape(-1, 784) / 255 - 1  # from -1 to 0
    found = quick(epochs=1, warm_start=True).fit(rows, labels)
    scale = found.scale_
    found.fit(rows / 2, labels)
    assert found.scale_ is scale
    with pytest.raises(ValueError, match="X has 700 features, but TenfoldClassifier is expecting 784"):
        found.fit(rows[:, :700], labels)


def test_warm_start_keeps_the_layout(images: np.ndarray, labels: np.ndarray) -> None:
    """Rows are the images of the first fit, not squares; images of another size are refused."""
    tall = images[:, ::2, :18].copy()  # 14 x 18: as many numbers as 12 x 21
    first, again = (
        quick(epochs=1, warm_start=True, validation_fraction=0).fit(tall, labels) for _ in range(2)
    )
    first.fit(tall, labels)
    again.fit(tall.reshape(-1, 252), labels)
    assert again.image_size_ == (14, 18)
    np.testing.assert_array_equal(again.predict_proba(tall), first.predict_proba(tall))
    with pytest.raises(ShapeError, match=r"expected images of \(14, 18\), as in fit, got \(12, 21\); resize"):
        again.fit(tall.reshape(-1, 12, 21), labels)
    assert again.image_size_ == (14, 18)


def test_what_is_held_out_follows_from_the_seed(images: np.ndarray, labels: np.ndarray) -> None:
    data, recipe = Dataset(images, labels, "some"), build("lenet5").recipe
    first, again, other = (held_out(data, recipe, None, seed)[1].images for seed in (3, 3, 4))
    assert len(first) == round(FEW / 6)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_verbose(images: np.ndarray, labels: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    quick(epochs=2, verbose=True).fit(images, labels)
    shown = capsys.readouterr()
    assert "epoch 2/2" in shown.err
    assert shown.out == ""
    quick(epochs=2).fit(images, labels)
    assert capsys.readouterr().err == ""


# --- what it works with


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()], ids=["standard", "min-max"])
def test_in_a_pipeline(scaler: Any, corpus: Corpus) -> None:
    rows = corpus.train.images.reshape(-1, 784)[:2000]
    pipeline = make_pipeline(scaler, quick(epochs=8)).fit(rows, corpus.train.labels[:2000])
    assert pipeline.score(corpus.test.images.reshape(-1, 784), corpus.test.labels) > 0.8


def test_in_a_grid_search(images: np.ndarray, labels: np.ndarray) -> None:
    grid = {"network": ["nn1l", "nn2l"], "learning_rate": [1e-6, 1e-2]}
    search = GridSearchCV(quick(), grid, cv=2, error_score="raise").fit(images, labels)
    assert search.best_params_["learning_rate"] == 1e-2
    assert search.best_score_ > 0.6
    assert search.best_estimator_.model_.name == search.best_params_["network"]


def test_in_cross_validation(images: np.ndarray, labels: np.ndarray) -> None:
    scores = cross_val_score(quick(), images, labels, cv=3, scoring="neg_log_loss", error_score="raise")
    assert scores.shape == (3,)
    assert (scores > -1.5).all()  # chance is -2.3


def test_clone_and_pickle(fitted: TenfoldClassifier, images: np.ndarray) -> None:
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "model_")
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(images), fitted.predict_proba(images))


@pytest.mark.parametrize("network", ["scratch-01", "scratch-wide", "ghouzam"])
def test_a_network_of_any_kind_can_be_pickled(network: str) -> None:
    model = build(network)
    model.network.initialise(0)
    again = pickle.loads(pickle.dumps(model))
    assert again.network.config() == model.network.config()
    assert again.recipe == model.recipe


# --- what is refused

REFUSED = {
    "no such network": (
        {"network": "lenet"},
        lambda x, y: (x, y),
        ConfigError,
        "unknown model 'lenet'; did you mean 'lenet5'",
    ),
    "a classical model": (
        {"network": "knn"},
        lambda x, y: (x, y),
        ConfigError,
        r"network: expected one of our own networks, got 'knn', .*; see tenfold.models\(\)",
    ),
    "no epochs": (
        {"epochs": 0},
        lambda x, y: (x, y),
        RangeError,
        "epochs: expected a whole number of at least 1, got 0",
    ),
    "a negative rate": (
        {"learning_rate": -1.0},
        lambda x, y: (x, y),
        TenfoldError,
        "learning_rate: expected .*-1",
    ),
    "all held out": (
        {"validation_fraction": 1.0},
        lambda x, y: (x, y),
        RangeError,
        "validation_fraction: expected a number from 0 to below 1, got 1.0",
    ),
    "too many axes": (
        {},
        lambda x, y: (np.stack([x] * 3, axis=-1)[..., np.newaxis], y),
        ShapeError,
        r"expected rows \(n, features\) or images .* got \(400, 28, 28, 3, 1\); reshape them",
    ),
    "images smaller than the kernels": (
        {"network": "lenet5"},
        lambda x, y: (np.stack([x[:, :6, :6]] * 3, axis=-1), y),
        ShapeError,
        "lenet5: expected images of at least 12 x 12, got 6 x 6; enlarge them",
    ),
    "images of two sizes": (
        {},
        lambda x, y: ([x[0], x[1][:20]], y[:2]),
        ShapeError,
        r"expected images of one size, got \(20, 28\) and \(28, 28\)",
    ),
    "one class": (
        {},
        lambda x, y: (x, y * 0),
        ConfigError,
        "expected at least 2 classes, got 1 class, .*; add samples of another",
    ),
    "nothing to hold out": (
        {},
        lambda x, y: (x[:2], [0, 1]),
        ConfigError,
        "expected enough samples to hold some out, got 2; pass more, or validation_fraction=0",
    ),
    "too few for a minibatch": (
        {"network": "ghouzam", "batch_size": None},
        lambda x, y: (x[:50], y[:50]),
        ConfigError,
        "expected minibatches of at most 42 images, .* got 86; use a smaller batch_size",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_fit_refuses(case: str, images: np.ndarray, labels: np.ndarray) -> None:
    parameters, change, error, text = REFUSED[case]
    with pytest.raises(error, match=text) as caught:
        quick(**parameters).fit(*change(images, labels))
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_what_predict_refuses(fitted: TenfoldClassifier, images: np.ndarray) -> None:
    with pytest.raises(RangeError, match=r"expected pixels from 0 to 1, got 0 to 255; .* divide by 255"):
        fitted.predict(images.astype(np.float64))
    with pytest.raises(ValueError, match="X has 64 features, but TenfoldClassifier is expecting 784"):
        fitted.predict(np.zeros((1, 8, 8)))
    with pytest.raises(ShapeError, match=r"expected images of \(28, 28\), as in fit, got \(14, 56\)"):
        fitted.predict(np.zeros((1, 14, 56)))


def test_warm_start_refuses_other_classes(images: np.ndarray, labels: np.ndarray) -> None:
    found = quick(epochs=1, warm_start=True).fit(images, labels)
    with pytest.raises(ConfigError, match="warm_start: expected the network 'nn2l' and the classes of the"):
        found.fit(images, labels + 1)
    with pytest.raises(ConfigError, match=r"got 'nn1l' and .*; set warm_start=False"):
        found.set_params(network="nn1l").fit(images, labels)
