"""One interface for every model: fit, predict, save, load; what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from tenfold.checkpoint import load, save
from tenfold.data import Corpus, Dataset, as_float, load_corpus
from tenfold.errors import CheckpointError, ConfigError, DataError, DTypeError, RangeError, ShapeError
from tenfold.nn import Dense, Flatten, Sequential
from tenfold.zoo import Model, NetworkModel, build, entry, hold_out, load_model
from tenfold.zoo.open_set import OpenSetCalibration

CLASSICAL = ("gaussian-nb", "knn", "logistic-regression")
# One of every kind: the other networks are made of the same parts.
KINDS = (*CLASSICAL, "ridge-linear", "elm-500", "nn1l", "nn2l", "lenet5", "scratch-01", "cnn-dev")
FEW = 500


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus("mnist-5k")


@pytest.fixture(scope="module")
def fitted(corpus: Corpus) -> dict[str, Model]:
    """Models of every kind, fitted for a moment on a few images."""
    part = corpus.train.subset(slice(0, FEW))
    found = {}
    for name in KINDS:
        model = build(name)
        if isinstance(model, NetworkModel):
            model.recipe = replace(model.recipe, epochs=6, choose="last", early_stopping=None)
        model.fit(part, seed=0)
        found[name] = model
    return found


@pytest.mark.parametrize("name", KINDS)
def test_probabilities(name: str, fitted: dict[str, Model], corpus: Corpus) -> None:
    found = fitted[name].predict_proba(corpus.test.images[:200])
    assert found.shape == (200, 10)
    assert found.dtype == np.float64
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_array_equal(fitted[name].predict(corpus.test.images[:200]), found.argmax(axis=1))


@pytest.mark.parametrize("name", KINDS)
def test_it_has_learned(name: str, fitted: dict[str, Model], corpus: Corpus) -> None:
    accuracy = (fitted[name].predict(corpus.test.images) == corpus.test.labels).mean()
    assert accuracy > 0.5  # five times chance


@pytest.mark.parametrize("name", KINDS)
def test_floats_and_bytes_get_the_same_answer(name: str, fitted: dict[str, Model], corpus: Corpus) -> None:
    images = corpus.test.images[:50]
    want = fitted[name].predict_proba(images)
    for same in (as_float(images), as_float(images)[..., 0], as_float(images).astype(np.float64)):
        np.testing.assert_allclose(fitted[name].predict_proba(same), want, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", KINDS)
def test_save_and_load(name: str, fitted: dict[str, Model], corpus: Corpus, tmp_path: Path) -> None:
    folder = fitted[name].save(tmp_path / "model")
    again = load_model(folder)
    images = corpus.test.images[:100]
    assert type(again) is type(fitted[name])
    assert (again.name, again.n_parameters) == (name, fitted[name].n_parameters)
    np.testing.assert_array_equal(again.predict_proba(images), fitted[name].predict_proba(images))
    assert {path.suffix for path in folder.iterdir()} == {".safetensors", ".json"}


@pytest.mark.parametrize("name", KINDS)
def test_what_has_learned_nothing_is_not_saved(refused_in_one_line, name: str, tmp_path: Path) -> None:
    with refused_in_one_line(ConfigError, f"{name}: expected a .*; call fit first"):
        build(name).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("name", KINDS)
def test_no_images_no_rows(name: str, fitted: dict[str, Model]) -> None:
    assert fitted[name].predict_proba(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.parametrize("k", [3, 10])
def test_logits_of_no_images_are_as_wide_as_others(k: int, corpus: Corpus) -> None:
    network = Sequential({"flatten": Flatten(), "dense": Dense(784, k)}, (28, 28, 1))
    network.initialise(0)
    for calibration in (None, OpenSetCalibration(2.0, 0.5)):
        model = NetworkModel("mine", network, calibration=calibration)
        for n in (0, 2):
            assert model.logits(corpus.test.images[:n]).shape == (n, k)
            assert model.predict_proba(corpus.test.images[:n]).shape == (n, k)


REFUSED = {
    "one image": (
        lambda x: x[0],
        ShapeError,
        r"expected images \(n, 28, 28\), got \(28, 28\); for one image pass image\[None\]",
    ),
    "rows": (lambda x: x.reshape(-1, 784), ShapeError, r"got \(5, 784\); resize"),
    "int64": (lambda x: x.astype(np.int64), DTypeError, "expected images as uint8 or floats, got int64"),
    "not scaled": (lambda x: x.astype(np.float32), RangeError, "0 to 255; .*divide by 255"),
    "NaN": (lambda x: np.full(x.shape, np.nan, np.float32), RangeError, "NaN"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("name", KINDS)
def test_what_is_refused(name: str, case: str, fitted: dict[str, Model], corpus: Corpus) -> None:
    change, error, text = REFUSED[case]
    with pytest.raises(error, match=text):
        fitted[name].predict_proba(change(corpus.test.images[:5]))


# --- the classical models against scikit-learn as its users call it

REFEREES = {
    "gaussian-nb": GaussianNB,
    "logistic-regression": lambda: LogisticRegression(max_iter=100),
    "knn": KNeighborsClassifier,
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", CLASSICAL)
def test_as_scikit_learn(name: str, fitted: dict[str, Model], corpus: Corpus) -> None:
    part = corpus.train.subset(slice(0, FEW))
    referee = REFEREES[name]().fit(part.images.reshape(-1, 784) / 255.0, part.labels)
    want = referee.predict_proba(corpus.test.images.reshape(-1, 784) / 255.0)
    np.testing.assert_allclose(fitted[name].predict_proba(corpus.test.images), want, atol=1e-9)


@pytest.mark.parametrize("name", CLASSICAL)
def test_digits_that_were_never_seen_get_nothing(name: str, corpus: Corpus) -> None:
    few = corpus.train.subset(np.flatnonzero((corpus.train.labels == 3) | (corpus.train.labels == 7))[:200])
    model = build(name)
    model.fit(few)
    found = model.predict_proba(corpus.test.images[:50])
    assert found[:, [0, 1, 2, 4, 5, 6, 8, 9]].max() == 0
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_logistic_regression_refuses_a_single_digit(corpus: Corpus) -> None:
    ones = corpus.train.subset(np.flatnonzero(corpus.train.labels == 1)[:20])
    with pytest.raises(DataError, match="expected images of at least two classes, got only '1'; add more"):
        build("logistic-regression").fit(ones)


def test_knn_refuses_four_images(corpus: Corpus) -> None:
    with pytest.raises(DataError, match="knn: expected at least 5 images, got 4"):
        build("knn").fit(corpus.train.subset(slice(0, 4)))


@pytest.mark.parametrize("name", KINDS)
def test_unfitted(name: str) -> None:
    kind = f"{name}: expected a fitted model" if not entry(name).is_network else "expected a fitted network"
    with pytest.raises(ConfigError, match=f"{kind}, .* call fit first"):
        build(name).predict_proba(np.zeros((1, 28, 28), np.uint8))


def test_changes_to_the_images_after_fitting_do_not_matter(corpus: Corpus) -> None:
    images, labels = corpus.train.images[:200].copy(), corpus.train.labels[:200].copy()
    model = build("knn")
    model.fit(Dataset(images, labels, "mine"))
    want = model.predict_proba(corpus.test.images[:20])
    images[...] = 0
    labels[...] = 0
    np.testing.assert_array_equal(model.predict_proba(corpus.test.images[:20]), want)


# --- networks


def test_a_sixth_is_held_out_by_digit(corpus: Corpus) -> None:
    train, validation = hold_out(corpus.train, seed=5)
    assert (len(train), len(validation)) == (3333, 667)
    counts = np.bincount(validation.labels, minlength=10)
    assert set(counts.tolist()) <= {66, 67}
    again, _ = hold_out(corpus.train, seed=5)
    np.testing.assert_array_equal(again.images, train.images)
    other, _ = hold_out(corpus.train, seed=6)
    assert not np.array_equal(other.labels, train.labels)


def test_of_sixty_thousand_ten_thousand_are_held_out() -> None:
    blank = Dataset(np.zeros((60_000, 1, 1), np.uint8), np.arange(60_000) % 10, "blank")
    train, validation = hold_out(blank, seed=0)
    assert (len(train), len(validation)) == (50_000, 10_000)


def test_a_network_without_recipe_cannot_be_trained(corpus: Corpus) -> None:
    model = NetworkModel("mine", build("nn1l").network)
    with pytest.raises(ConfigError, match="mine: expected a recipe, found none"):
        model.fit(corpus.train)


def test_training_continues_to_the_same_bits(corpus: Corpus, tmp_path: Path) -> None:
    part = corpus.train.subset(slice(0, 300))
    whole, halves = build("nn1l"), build("nn1l")
    recipe = replace(whole.recipe, epochs=4)
    whole.recipe = recipe
    whole.fit(part, seed=1)
    for epochs in (2, 4):
        halves.recipe = replace(recipe, epochs=epochs)
        halves.fit(part, seed=1, out=tmp_path / "run", resume=True)
    for name, array in whole.network.params.items():
        np.testing.assert_array_equal(halves.network.params[name], array, err_msg=name)


# --- folders that hold something else


def resaved(folder: Path, target: Path, **changes: object) -> Path:
    saved = load(folder)
    return save(target, saved.tensors, saved.state | changes)


@pytest.mark.fault("checkpoints", "a model's header is changed", "rejected in one line")
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"format": 99}, "expected a model of format 1, found 99"),
        ({"family": "os.system"}, "unknown family of model 'os.system'"),
        ({"name": "knnn"}, "unknown classical model 'knnn'; did you mean 'knn'"),
        ({"name": "gaussian-nb"}, "expected the arrays digits, means, priors, variances, got"),
    ],
)
def test_a_header_that_is_not_ours(
    changes: dict[str, object], text: str, fitted: dict[str, Model], tmp_path: Path
) -> None:
    folder = fitted["logistic-regression"].save(tmp_path / "model")
    other = resaved(folder, tmp_path / "other", **changes)
    with pytest.raises(CheckpointError, match=text):
        load_model(other)


RELU = {"name": "a", "kind": "relu", "config": {}}


@pytest.mark.fault("checkpoints", "a model's header is changed", "rejected in one line")
@pytest.mark.parametrize(
    "changes",
    [
        {"calibration": {"temperature": "x", "threshold": 0.5}},
        {"calibration": 5},
        *({"network": {"input_shape": shape, "layers": [RELU]}} for shape in (["a"], [2.5], [0], 784, None)),
        *({"network": {"input_shape": [3], "layers": [RELU | {"name": name}]}} for name in (5, [], None)),
        {"network": {"input_shape": [3], "layers": [RELU | {"config": "x"}]}},
        {
            "network": {
                "input_shape": [3],
                "layers": [{"name": "a", "kind": "dropout", "config": {"rate": ""}}],
            }
        },
    ],
    ids=repr,
)
def test_a_header_of_anything(changes: dict[str, object], fitted: dict[str, Model], tmp_path: Path) -> None:
    folder = resaved(fitted["nn1l"].save(tmp_path / "model"), tmp_path / "other", **changes)
    with pytest.raises(
        CheckpointError, match=r"^.*other/state.json: expected a saved model, found something else: .*$"
    ):
        load_model(folder)


@pytest.mark.fault(
    "checkpoints",
    "a tensor is missing, added, of another shape or dtype, NaN or infinite",
    "rejected, with the tensor's name",
)
def test_weights_of_another_network(fitted: dict[str, Model], tmp_path: Path) -> None:
    nn1l, nn2l = (load(fitted[name].save(tmp_path / name)) for name in ("nn1l", "nn2l"))
    folder = save(tmp_path / "mixed", nn2l.tensors, nn1l.state)
    with pytest.raises(CheckpointError, match="fc"):
        load_model(folder)


@pytest.mark.fault(
    "checkpoints",
    "a tensor is missing, added, of another shape or dtype, NaN or infinite",
    "rejected, with the tensor's name",
)
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["nn1l", "gaussian-nb"])
def test_weights_that_are_not_finite(
    name: str, value: float, fitted: dict[str, Model], tmp_path: Path
) -> None:
    saved = load(fitted[name].save(tmp_path / "model"))
    array = max(saved.tensors["weights"].values(), key=lambda a: a.size)
    array.flat[7] = value
    with pytest.raises(CheckpointError, match="finite"):
        load_model(save(tmp_path / "bad", saved.tensors, saved.state))


@pytest.mark.fault("checkpoints", "a bit is flipped in any file", "rejected, with the file's name")
def test_a_flipped_bit(fitted: dict[str, Model], tmp_path: Path) -> None:
    folder = fitted["nn1l"].save(tmp_path / "model")
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors: .*SHA-256"):
        load_model(folder)


@pytest.mark.fault("checkpoints", "the model's folder is missing", "rejected by name")
def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a checkpoint folder, found none"):
        load_model(tmp_path / "nowhere")


def test_saved_header_names_no_code(fitted: dict[str, Model], tmp_path: Path) -> None:
    folder = fitted["lenet5"].save(tmp_path / "model")
    header = json.loads((folder / "state.json").read_text())
    assert header["family"] == "network"
    assert "tenfold." not in json.dumps(header)
