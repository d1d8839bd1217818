"""The widest network of the zoo on two workers: an epoch with augmentation and batch normalisation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tenfold
from tenfold.optim import SGD

IMAGES = 640


def epoch(workers: int | None, optimizer: SGD | None = None) -> tenfold.Run:
    model = tenfold.build("scratch-wide")
    if optimizer is not None:
        model.recipe = replace(model.recipe, optimizer=optimizer)
    train = tenfold.load_corpus("mnist-5k").train.subset(slice(IMAGES))
    return model.fit(train, epochs=1, workers=workers, seed=1)


def weights(run: tenfold.Run) -> dict[str, np.ndarray]:
    return run.model.network.params | run.model.network.state


def test_a_rerun_has_the_same_bits() -> None:
    """With Adam, as its recipe says."""
    first, again = (weights(epoch(2)) for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_an_epoch_agrees_with_one_worker_to_float32() -> None:
    """At a small rate: at the recipe's, rounding grows tenfold a step, between numbers of threads as well."""
    several, one = epoch(2, SGD(1e-4)), epoch(None, SGD(1e-4))
    assert several.rows[0].train_loss == pytest.approx(one.rows[0].train_loss, rel=1e-5)
    got = weights(several)
    for name, array in weights(one).items():
        np.testing.assert_allclose(got[name], array, rtol=1e-3, atol=1e-5, err_msg=name)
