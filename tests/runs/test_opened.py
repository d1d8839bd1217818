"""A run whose recipe has parts of the user's own: it predicts without them, and says what is missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import tenfold
from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.nn import Dense, Flatten, Sequential, SoftmaxCrossEntropy
from tenfold.optim import OptimizerState
from tenfold.train import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::tenfold.errors.SlowerWarning")


class Doubled(SoftmaxCrossEntropy):
    kind = "doubled"


@dataclass(frozen=True)
class Signs:
    """Moves every parameter by the same amount."""

    kind: ClassVar[str] = "signs"
    learning_rate: float = 0.001
    weight_decay: ClassVar[float] = 0.0

    def config(self) -> dict[str, Any]:
        return asdict(self)

    def init(self, params: Any) -> OptimizerState:
        return OptimizerState()

    def update(self, params: Any, grads: Any, state: OptimizerState, rate: float) -> Any:
        moved = {name: p - rate * np.sign(grads[name]) for name, p in params.items()}
        return moved, OptimizerState(state.step + 1)


@dataclass(frozen=True)
class Saw:
    kind: ClassVar[str] = "saw"
    every: int = 2

    def config(self) -> dict[str, Any]:
        return asdict(self)

    def __call__(self, epoch: int, step: int = 0, steps_per_epoch: int = 1) -> float:
        return 1 - epoch % self.every / self.every


def darker(images: Any, rng: Any) -> Any:
    return images * np.float32(0.9)


OWN = (Doubled, Signs, Saw, darker)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose loss, optimiser, schedule and augmentation are the user's own."""
    out = tmp_path_factory.mktemp("runs") / "own"
    network = Sequential({"flatten": Flatten(), "fc": Dense(784, 10)}, (28, 28, 1))
    recipe = Recipe(2, 64, Signs(), rate=Saw(), loss=Doubled(), augmentation=darker)
    corpus = load_corpus("mnist-5k")
    tenfold.NetworkModel("mine", network, recipe).fit(corpus.train.subset(slice(256)), out=out)
    return out


def test_with_its_parts_the_run_has_its_recipe(folder: Path) -> None:
    model = tenfold.Run.open(folder, layers=OWN).model
    assert model.recipe is not None
    parts = [model.recipe.loss, model.recipe.optimizer, model.recipe.rate]
    assert [type(part) for part in parts] == [Doubled, Signs, Saw]
    assert model.recipe.augmentation is darker


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((), "unknown loss 'doubled'"),
        ((Doubled,), "unknown optimizer 'signs'"),
        ((Doubled, Signs), "unknown schedule 'saw'"),
        ((Signs, Saw, Doubled), "expected the augmentation .*'darker'"),
    ],
)
def test_without_one_it_predicts_and_says_what_is_missing(folder: Path, given: Any, text: str) -> None:
    model = tenfold.Run.open(folder, layers=given).model
    assert model.predict(load_corpus("mnist-5k").test.images[:3]).shape == (3,)
    with pytest.raises(ConfigError, match=text):
        model.fit(load_corpus("mnist-5k"))


def test_what_is_missing_is_asked_for(folder: Path) -> None:
    model = tenfold.Run.open(folder).model
    text = r"which is not tenfold's; add --network FILE.py .*, in Python layers=\[\.\.\.\]"
    with pytest.raises(ConfigError, match=text):
        model.known_recipe()
