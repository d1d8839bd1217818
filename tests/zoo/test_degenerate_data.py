"""Models that are fitted at once, and the classifier, on data that has next to nothing to learn from.

Each either answers, with probabilities that add up to 1, or says in one line what is wrong. Warnings are
errors here, scikit-learn's too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.errors import ConfigError, DataError, RangeError, ShapeError, TenfoldError
from tenfold.estimator import TenfoldClassifier
from tenfold.zoo import ClassicalModel, build, entry, split_for_protocol

MODELS = ("gaussian-nb", "ridge-linear", "elm-500", "knn", "logistic-regression")
MANY = 40


def noise(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, 28, 28), np.uint8)


def constant(level: int) -> np.ndarray:
    return np.full((MANY, 28, 28), level, np.uint8)


def one_pixel(level: int) -> np.ndarray:
    """Images that differ in one pixel, by one level."""
    images = constant(level)
    images[1::2, 3, 4] ^= 1
    return images


IN_TURN, SEVENS = np.arange(MANY) % 10, np.full(MANY, 7)
DATA: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "no image": (noise(0), IN_TURN[:0]),
    "one image": (noise(1), np.array([3])),
    "two images": (noise(2), np.array([3, 5])),
    "two images of one class": (noise(2), np.array([3, 3])),
    "three images": (noise(3), np.arange(3)),
    "fewer images than neighbours": (noise(4), np.arange(4)),
    "as many images as neighbours": (noise(5), np.arange(5)),
    "blank images": (constant(0), IN_TURN),
    "full images": (constant(255), IN_TURN),
    "grey images": (constant(77), IN_TURN),
    "equal images": (np.repeat(noise(1), MANY, axis=0), IN_TURN),
    "equal images of one class": (np.repeat(noise(1), MANY, axis=0), SEVENS),
    "images that differ in one level": (one_pixel(0), IN_TURN),
    "grey images that differ in one level": (one_pixel(77), IN_TURN),
    "one class": (noise(MANY), SEVENS),
    "a class missing": (noise(MANY), np.arange(MANY) % 9),
    "a class with one image": (noise(MANY + 1), np.append(np.arange(MANY) % 9, 9)),
    "a class of equal images": (np.concatenate([constant(0), noise(MANY)]), np.arange(2 * MANY) // MANY),
}
ASKED = np.concatenate([noise(6)[:3], constant(0)[:1], constant(255)[:1], one_pixel(77)[:2]])
REFUSED = {
    ("gaussian-nb", "no image"): "gaussian-nb: training: expected at least one image, got none; add some",
    ("gaussian-nb", "grey images"): "expected images that differ, got 40 without variance; pass others",
    (
        "ridge-linear",
        "two images",
    ): "expected enough training images to hold some out for choices, got 2; add more",
    ("knn", "fewer images than neighbours"): "knn: expected at least 5 images, got 4; add more",
    (
        "logistic-regression",
        "one class",
    ): "expected images of at least two classes, got only '7'; add more",
}


def sound(probabilities: np.ndarray) -> bool:
    sums = np.allclose(probabilities.sum(axis=1), 1, rtol=1e-9)
    return sums and bool(np.isfinite(probabilities).all() and (probabilities >= 0).all())


def refusal(act: Callable[[], object]) -> str | None:
    """Do it, and return in which line it was refused; None if it was not."""
    try:
        act()
    except TenfoldError as error:
        return str(error)
    return None


def one_line(text: str) -> bool:
    return "\n" not in text and "expected" in text and ";" in text


degenerate = pytest.mark.fault(
    "degenerate data", "constant, equal, few or one-sided images", "a valid answer, or rejected in one line"
)


@degenerate
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("name", MODELS)
def test_a_classical_model_answers_or_refuses(name: str, data: str) -> None:
    model = build(name)
    refused = refusal(lambda: model.fit(Dataset(*DATA[data], "degenerate"), seed=0))
    assert REFUSED.get((name, data), "") in (refused or "")
    assert sound(model.predict_proba(ASKED)) if refused is None else one_line(refused)


@degenerate
@pytest.mark.parametrize("data", [name for name in DATA if name != "no image"])  # which scikit-learn refuses
@pytest.mark.parametrize("fraction", [None, 0, 0.2])
def test_the_classifier_answers_or_refuses(fraction: float | None, data: str) -> None:
    classifier = TenfoldClassifier(
        "nn1l", epochs=1, batch_size=8, validation_fraction=fraction, random_state=0
    )
    refused = refusal(lambda: classifier.fit(*DATA[data]))
    assert sound(classifier.predict_proba(ASKED)) if refused is None else one_line(refused)


@degenerate
@pytest.mark.parametrize("protocol", ["honest", "published"])
@pytest.mark.parametrize("name", MODELS)
def test_too_few_images_to_divide(name: str, protocol: str) -> None:
    """What a run chooses on is never empty."""
    few = Dataset(*DATA["two images"], "few")
    chooses = entry(name).selection_set is not None
    refused = refusal(lambda: split_for_protocol(entry(name).selection_set, protocol, few, few, 0))
    message = "expected enough training images to hold some out for choices, got 2; add more"
    assert refused == (message if chooses else None)


STRANGE: dict[str, tuple[Callable[[], Dataset], type[Exception], str]] = {
    "labels that are no digits": (
        lambda: Dataset(noise(MANY), np.arange(MANY) % 12, "letters", 12),
        RangeError,
        ": validation: expected labels 0-9, got 11; correct them",
    ),
    "images of another size": (
        lambda: Dataset(noise(MANY)[:, :20, :20], IN_TURN, "small"),
        ShapeError,
        ": validation: expected images of 28 x 28, got 20 x 20; resize them first",
    ),
}


@pytest.mark.fault(
    "degenerate data", "labels out of range, or images of another size", "rejected in one line"
)
@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("name", MODELS)
def test_validation_images_of_another_kind_are_refused(name: str, strange: str, refused_in_one_line) -> None:
    make, error, message = STRANGE[strange]
    with refused_in_one_line(error, name + message):
        build(name).fit(Dataset(noise(MANY), IN_TURN, "noise"), validation=make())


@pytest.mark.fault("degenerate data", "no validation images to choose on", "rejected in one line")
@pytest.mark.parametrize("name", MODELS)
def test_no_validation_images_are_refused(name: str, refused_in_one_line) -> None:
    train, none = Dataset(noise(MANY), IN_TURN, "noise"), Dataset(noise(0), IN_TURN[:0], "none")
    with refused_in_one_line(DataError, f"{name}: validation: expected at least one image, got none"):
        build(name).fit(train, validation=none)


class Broken:
    """A method whose numbers are not finite."""

    def __init__(self, learned: float, said: float) -> None:
        self.learned, self.said = learned, said

    def prepare(self):
        pass

    def fit(self, train, validation, seed):
        return {"weights": np.array([self.learned])}

    def predict_proba(self, state, rows, classes):
        return np.full((len(rows), 10), self.said)


@pytest.mark.fault("degenerate data", "a model whose numbers are not finite", "rejected in one line")
def test_not_a_number_is_never_handed_out(refused_in_one_line) -> None:
    train = Dataset(noise(MANY), IN_TURN, "noise")
    with refused_in_one_line(DataError, "mine: expected finite weights from these images, got NaN"):
        ClassicalModel("mine", Broken(np.inf, 0.1)).fit(train)
    model = ClassicalModel("mine", Broken(1.0, np.nan))
    model.fit(train)
    with refused_in_one_line(RangeError, "mine: expected finite probabilities, got NaN"):
        model.predict_proba(ASKED)


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_not_ignored_by_a_method_without_weights(refused_in_one_line, name):
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    weighted = Dataset(images, np.arange(40) % 10, "noise", weights=np.ones(40))
    with refused_in_one_line(ConfigError, f"{name}: expected images without weights, .* got weights; leave"):
        build(name).fit(weighted)
