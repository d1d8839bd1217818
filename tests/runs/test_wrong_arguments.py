"""Arguments of another type than expected: one line says what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold import nn
from tenfold.data import Dataset
from tenfold.errors import ConfigError, TenfoldError
from tenfold.runs.overrides import overridden
from tenfold.zoo import entry

X = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
Y = np.arange(30) % 3


def model(**options: Any) -> tenfold.Model:
    return tenfold.Model(nn.Sequential([nn.Flatten(), nn.Dense(64, 3)], input_shape=(8, 8, 1)), **options)


def fit(**options: Any) -> Any:
    return model().fit(X, Y, epochs=1, **options)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a number as name": (lambda: model(name=3), "name: expected letters, digits, _, . and -, got 3"),
    "no name": (lambda: model(name=None), "name: expected letters.*got None"),
    "a path as name": (lambda: model(name="../x"), "name: expected letters.*got '../x'"),
    "no recipe": (lambda: model(recipe=3), r"recipe: expected a Recipe, got 3; write recipe=tenfold"),
    "a function as callbacks": (
        lambda: fit(callbacks=print),
        r"callbacks: expected a list.*write callbacks=\[",
    ),
    "a number to watch": (lambda: fit(watch=3), "watch: expected data sets by name, got 3; write watch="),
    "a number to watch by name": (lambda: fit(watch={"a": 3}), "watch: expected data sets by name"),
    "a number as data": (lambda: tenfold.build("lenet5", data=3), "data: expected a Dataset, got int; write"),  # type: ignore[call-overload]
    "a recipe removed": (lambda: overridden(entry("nn1l"), ["recipe=false"]), "recipe: expected options by"),
    "an empty recipe": (lambda: overridden(entry("nn1l"), ["recipe={}"]), "recipe: expected options by name"),
    "an empty optimiser": (
        lambda: overridden(entry("nn1l"), ["recipe.optimizer={}"]),
        "recipe.optimizer: expected options by name",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_line_says_what_to_write(name: str) -> None:
    call, text = WRONG[name]
    with pytest.raises(TenfoldError, match=text) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", ["recipe.loss=mse", "recipe.loss={kind='mse'}"])
def test_a_loss_has_the_short_names_of_python(given: str) -> None:
    recipe = overridden(entry("nn1l"), [given]).recipe
    assert recipe is not None
    assert type(recipe().loss) is type(nn.as_loss("mse"))


def test_a_resumed_run_with_another_minibatch_names_the_option(tmp_path: Any) -> None:
    fit(out=tmp_path / "run", batch_size=10)
    with pytest.raises(ConfigError, match=r"batch_size = 10, got 5; resume with the same --batch-size \(in"):
        model().fit(X, Y, epochs=2, batch_size=5, out=tmp_path / "run", resume=True)


def test_sets_are_joined_by_the_names_of_their_classes() -> None:
    one = Dataset(X[:2], np.array([0, 1]), "one", 3, ["cat", "dog", "owl"])
    other = Dataset(X[2:4], np.array([0, 1]), "other", 2, ["owl", "cat"])
    joined = one.joined(other)
    assert [joined.class_names[label] for label in joined.labels] == ["cat", "dog", "owl", "cat"]
    with pytest.raises(TenfoldError, match="other: expected the classes of one, found hen; name them alike"):
        one.joined(Dataset(X[:1], np.array([0]), "other", 2, ["hen", "cat"]))
