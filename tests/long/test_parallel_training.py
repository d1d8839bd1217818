"""The widest network of the zoo on two workers: an epoch with augmentation, batch normalisation and Adam."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold

IMAGES = 1600


def epoch(folder: Path, workers: int | None) -> tenfold.Run:
    train = tenfold.load_corpus("mnist-5k").train.subset(slice(IMAGES))
    return tenfold.build("scratch-wide").fit(train, epochs=1, out=folder, workers=workers, seed=1)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tenfold.Run]:
    folder = tmp_path_factory.mktemp("runs")
    workers = {"two": 2, "again": 2, "one": None}
    return {name: epoch(folder / name, count) for name, count in workers.items()}


def weights(run: tenfold.Run) -> dict[str, np.ndarray]:
    return run.model.network.params | run.model.network.state


def test_a_rerun_has_the_same_bits(runs: dict[str, tenfold.Run]) -> None:
    again = weights(runs["again"])
    for name, array in weights(runs["two"]).items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_an_epoch_agrees_with_one_worker_to_float32(runs: dict[str, tenfold.Run]) -> None:
    """But for biases whose gradient is only rounding, since batch normalisation follows: Adam enlarges it."""
    several, one = weights(runs["two"]), weights(runs["one"])
    assert runs["two"].rows[0].train_loss == pytest.approx(runs["one"].rows[0].train_loss, rel=1e-4)
    for name, array in one.items():
        if name not in ("fc1.bias", "norm.running_mean"):
            distance = np.linalg.norm(several[name] - array) / np.linalg.norm(array)
            assert distance < 1e-3, f"{name}: {distance}"
