"""Weights of samples and classes, trainings call by call, callbacks of the classifier."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import NotFittedError

from tenfold import TenfoldClassifier
from tenfold.errors import TenfoldError
from tenfold.nn import BatchNorm, Dense, Flatten, Sequential
from tenfold.train import Progress, Recipe
from tenfold.zoo import NetworkModel

X, Y = load_digits(return_X_y=True)
X, Y = X[:300], Y[:300]
new = partial(TenfoldClassifier, "nn1l", epochs=2, random_state=0)


def weights_of(model: TenfoldClassifier) -> dict[str, Any]:
    return model.model_.network.params


def assert_equal(one: TenfoldClassifier, other: TenfoldClassifier) -> None:
    for name, array in weights_of(one).items():
        np.testing.assert_array_equal(array, weights_of(other)[name])


@pytest.mark.parametrize("factor", [1, 0.25, 8])
def test_only_the_ratios_of_weights_count(factor: float) -> None:
    assert_equal(new().fit(X, Y), new().fit(X, Y, sample_weight=np.full(len(Y), factor)))


def test_a_sample_of_weight_0_is_left_out() -> None:
    kept = Y != 3
    weighted = new().fit(X, Y, sample_weight=kept.astype(float))
    assert_equal(weighted, new().fit(X[kept], Y[kept]))
    assert 3 not in weighted.classes_


def test_class_weights_are_weights_of_samples() -> None:
    by_class = new(class_weight={0: 3, 1: 0.5}).fit(X, Y)
    by_sample = new().fit(X, Y, sample_weight=np.select([Y == 0, Y == 1], [3, 0.5], 1.0))
    assert_equal(by_class, by_sample)


@pytest.mark.parametrize(
    "labels", [Y * 10 + 3, np.array([f"n{y}" for y in Y]), Y], ids=["numbers", "names", "0 to 9"]
)
def test_the_model_knows_the_labels(labels: np.ndarray) -> None:
    model = new().fit(X, labels)
    assert model.model_.labels == tuple(map(str, model.classes_))
    again = new().partial_fit(X, labels, classes=np.unique(labels))
    assert again.model_.labels == model.model_.labels


def test_a_class_that_is_missing_may_have_a_weight() -> None:
    model = new(class_weight={0: 5.0, 1: 2.0}).partial_fit(X, Y, classes=np.arange(10))
    few = Y > 1
    assert model.partial_fit(X[few], Y[few]).n_iter_ == 2


def test_balanced_classes_count_the_same() -> None:
    few = np.flatnonzero((Y != 1) | (np.arange(len(Y)) % 5 == 0))
    x, y = X[few], Y[few]
    counts = np.bincount(y)
    balanced = new(class_weight="balanced").fit(x, y)
    assert_equal(balanced, new().fit(x, y, sample_weight=1 / counts[y]))


# how it is called -> the error
REFUSED = {
    "too few weights": (lambda: new().fit(X, Y, sample_weight=[1, 2]), "one number for each of 300 samples"),
    "a negative weight": (lambda: new().fit(X, Y, sample_weight=Y - 1.0), "numbers of at least 0.*got -1.0"),
    "no weight": (
        lambda: new().fit(X, Y, sample_weight=0 * Y),
        "a number above 0 for some samples, got only zeros",
    ),
    "texts": (lambda: new().fit(X, Y, sample_weight=["x"] * len(Y)), "sample_weight: expected numbers"),
    "class weights of another kind": (lambda: new(class_weight="even").fit(X, Y), "expected 'balanced' or"),
    "a text as class weight": (lambda: new(class_weight={0: "x"}).fit(X, Y), "got x for 0"),
    "a negative class weight": (lambda: new(class_weight={0: -1}).fit(X, Y), "got -1 for 0"),
    "no classes": (lambda: new().partial_fit(X, Y), "expected classes in the first call, got none"),
    "one class": (lambda: new().partial_fit(X, Y, classes=[0]), "expected at least 2 classes"),
    "a label that was not named": (
        lambda: new().partial_fit(X, Y, classes=range(9)),
        "expected labels among",
    ),
    "other classes": (
        lambda: new().partial_fit(X, Y, classes=range(10)).partial_fit(X, Y, classes=range(11)),
        "expected the classes of the first call",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_used_is_refused(fault: str, refused_in_one_line: Any) -> None:
    call, words = REFUSED[fault]
    with refused_in_one_line(TenfoldError, words):
        call()


def test_call_by_call_it_learns_and_remembers() -> None:
    model = new()
    scores = []
    for _ in range(6):
        for part in np.array_split(np.arange(len(Y)), 3):  # sorted: some lack classes
            model.partial_fit(X[part], Y[part], classes=np.arange(10))
        scores.append(model.score(X, Y))
    assert scores[-1] > 0.85
    assert scores[-1] > scores[0]
    assert model.n_iter_ == len(model.history_) == 18
    assert [row["epoch"] for row in model.history_] == list(range(1, 19))


def test_a_first_call_that_failed_leaves_nothing_behind() -> None:
    def fails(progress: Progress) -> None:
        raise RuntimeError("stop")

    model = new(callbacks=[fails])
    with pytest.raises(RuntimeError, match="stop"):
        model.partial_fit(X, Y, classes=np.arange(10))
    assert not hasattr(model, "classes_")
    with pytest.raises(NotFittedError):
        model.predict(X)
    model.set_params(callbacks=None).partial_fit(X[:, :49], Y, classes=np.arange(11))  # of another kind
    assert_equal(model, new().partial_fit(X[:, :49], Y, classes=np.arange(11)))


NETWORKS = {
    "keeps short minibatches": ("mlp-512", {}),
    "drops short minibatches": (lambda classes, input_shape: of_shape(input_shape, classes, "drop"), {}),
    "batch normalisation": (lambda classes, input_shape: of_shape(input_shape, classes, "keep"), {}),
    "large minibatches": ("nn1l", {"batch_size": 100}),
}


def of_shape(shape: tuple[int, ...], classes: int, short: Any) -> NetworkModel:
    n = int(np.prod(shape))
    layers = {"flatten": Flatten(), "bn": BatchNorm(n), "fc": Dense(n, classes)}
    return NetworkModel("own", Sequential(layers, shape), Recipe(1, 32, short_batch=short))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("n", [1, 2, 20])
def test_small_calls_train(name: str, n: int) -> None:
    given, options = NETWORKS[name]
    model = TenfoldClassifier(given, random_state=0, **options)
    for _ in range(2):
        model.partial_fit(X[:n], Y[:n], classes=np.arange(10))
    assert np.isfinite(model.predict_proba(X)).all()


def test_the_optimiser_keeps_its_state_also_when_pickled() -> None:
    model = new().partial_fit(X, Y, classes=np.arange(10))
    again = pickle.loads(pickle.dumps(model))
    forgetful = pickle.loads(pickle.dumps(model))
    forgetful._optimizer_state = None
    for one in (model, again, forgetful):
        one.partial_fit(X, Y)
    assert_equal(model, again)
    assert not np.array_equal(weights_of(model)["fc.weight"], weights_of(forgetful)["fc.weight"])


def test_after_fit_it_goes_on_call_by_call() -> None:
    model = new().fit(X, Y)
    before = {name: array.copy() for name, array in weights_of(model).items()}
    model.partial_fit(X, Y)
    assert model.n_iter_ == 3
    assert any(not np.array_equal(before[name], array) for name, array in weights_of(model).items())
    np.testing.assert_array_equal(model.predict(X[:5]), model.classes_[model.predict_proba(X[:5]).argmax(1)])


def test_callbacks_are_told_and_may_stop_it() -> None:
    epochs = []

    def stop_after_two(progress: Progress) -> None:
        epochs.append(progress.epoch)
        if progress.epoch == 2:
            progress.stop = "enough"

    model = new(epochs=9, callbacks=[stop_after_two]).fit(X, Y)
    assert (epochs, model.n_iter_) == ([1, 2], 2)


def test_boosting_uses_the_weights() -> None:
    boosted = AdaBoostClassifier(new(epochs=5), n_estimators=3, random_state=0).fit(X, Y)
    assert len(boosted.estimators_) == 3
    assert boosted.score(X, Y) > 0.8
