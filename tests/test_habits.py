"""What users of other libraries type by habit is answered with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold import nn
from tenfold.data import Dataset
from tenfold.errors import TenfoldError
from tenfold.optim import SGD, Adam
from tenfold.registry import own_classes
from tenfold.train import Recipe

IMAGES = np.zeros((4, 28, 28), np.uint8)
any_of: Any = None  # a type checker refuses these calls too


def made(cls: Any, *args: Any, **options: Any) -> Callable[[], object]:
    return lambda: cls(*args, **options)


class Swish(nn.ReLU):
    """A layer of a user's own."""


TYPED: dict[str, tuple[Callable[[], object], str]] = {
    "Conv2d(in_channels)": (made(nn.Conv2d, in_channels=1, kernel_size=3), "Conv2d: .*; write c_in=1"),
    "Conv2d(kernel_size)": (made(nn.Conv2d, 1, 8, kernel_size=3), "'kernel_size'; write kernel=3"),
    "Dense(activation)": (made(nn.Dense, 784, 10, activation="relu"), "add a layer after it, such as ReLU"),
    "Dropout(p)": (made(nn.Dropout, p=0.5), "'p'; write rate=0.5"),
    "MaxPool2d(pool_size)": (made(nn.MaxPool2d, pool_size=2), "'pool_size'; write size=2"),
    "MaxPool2d(ceil_mode)": (
        made(nn.MaxPool2d, 2, ceil_mode=True),
        "'ceil_mode'; write padding='same', which",
    ),
    "Adam(lr)": (made(Adam, lr=1e-3), "Adam: unknown option 'lr'; write learning_rate=1e-3"),
    "SGD(lr)": (made(SGD, lr=0.1), "SGD: unknown option 'lr'; write learning_rate=0.1"),
    "Recipe(learning_rate)": (made(Recipe, learning_rate=0.01), r"Recipe: .*; write optimizer=Adam\(1e-3\)"),
    "Recipe(epoch)": (made(Recipe, epoch=3), "unknown option of Recipe: 'epoch'; did you mean 'epochs'"),
    "more classes": (
        made(Dataset, IMAGES, [0, 12, 3, 9]),
        "expected 0-9, found 12 at position 1; of 13 classes, write classes=13; otherwise correct its label",
    ),
    "load_model(custom_objects)": (
        made(tenfold.load_model, "m", custom_objects={}),
        r"load_model: unknown option 'custom_objects'; write layers=\[MyLayer\]",
    ),
    "load_model(layers=Swish)": (
        made(tenfold.load_model, "m", layers=Swish),
        r"layers: expected a list of classes, got .*Swish.*; write layers=\[Swish\]",
    ),
    "load_model(layers={...})": (
        made(tenfold.load_model, "m", layers={"swish": Swish}),
        r"layers: expected a list of classes, got their names too; write layers=\[Swish\]",
    ),
    "Run.open(layers='swish')": (made(tenfold.Run.open, "m", layers=["swish"]), r"layers: .*got 'swish'"),
    "build(resnet50)": (
        made(tenfold.build, "resnet50"),
        "did you mean 'resnet-cifar10', 'resnet-fashion' or 'resnet-letters'",
    ),
    "load_corpus(emnist)": (
        made(tenfold.load_corpus, "emnist"),
        "did you mean emnist-digits or emnist-letters or emnist-balanced",
    ),
}


@pytest.mark.parametrize("typed", TYPED)
def test_habits_are_answered(typed: str) -> None:
    call, advice = TYPED[typed]
    with pytest.raises(TenfoldError, match=advice):
        call()


def test_a_data_set_needs_no_name() -> None:
    assert repr(Dataset(IMAGES, [0, 1, 2, 3])) == "Dataset('arrays', 4 images of 28 x 28)"


def test_a_list_of_classes_is_taken_as_it_is() -> None:
    assert own_classes([Swish]) == own_classes((Swish,)) == (Swish,)


def test_an_evaluation_shows_itself_in_one_line() -> None:
    model = tenfold.build("nn1l")
    model.network.initialise(0)
    shown = repr(model.evaluate(IMAGES, np.arange(4)))
    assert shown == "Evaluation('nn1l' on 'arrays': 1 of 4 test images right, 25.00%)"
