"""The training loop on PyTorch tensors gives what it gives on NumPy arrays, and resumes there too."""

import numpy as np
import pytest
import torch

from tenfold.data import Dataset
from tenfold.nn import BatchNorm, Dense, Dropout, Flatten, ReLU, Sequential
from tenfold.optim import Adam
from tenfold.train import DefinitionExecutor, Recipe, fit

RECIPE = Recipe(2, 16, Adam(0.01), chunk_images=64)


@pytest.fixture
def digits():
    rng = np.random.default_rng(0)
    return Dataset(rng.integers(0, 256, (100, 8, 8), dtype=np.uint8), rng.integers(0, 10, 100), "noise")


def network(asarray):
    layers = {
        "flatten": Flatten(),
        "fc1": Dense(64, 12),
        "bn": BatchNorm(12),
        "relu": ReLU(),
        "drop": Dropout(0.2),
    }
    net = Sequential({**layers, "fc2": Dense(12, 10)}, (8, 8, 1))
    net.initialise(0, np.float64)
    net.assign(*({name: asarray(a) for name, a in arrays.items()} for arrays in (net.params, net.state)))
    return net


def run(net, digits, **options):
    return fit(net, RECIPE, digits, digits, initialise=False, executor=DefinitionExecutor, **options)


def test_torch_gives_what_numpy_gives_and_saves_what_numpy_reads(digits, tmp_path):
    # before batch normalisation a bias has no gradient but rounding, which Adam makes steps of: hence atol
    ours, theirs, read = network(np.asarray), network(torch.asarray), network(np.asarray)
    expected, history = run(ours, digits), run(theirs, digits, out=tmp_path)
    assert all(isinstance(tensor, torch.Tensor) for tensor in (theirs.params | theirs.state).values())
    run(read, digits, out=tmp_path, resume=True)
    for name, array in (ours.params | ours.state).items():
        np.testing.assert_allclose((theirs.params | theirs.state)[name].numpy(), array, rtol=1e-8, atol=1e-8)
        np.testing.assert_array_equal(
            (read.params | read.state)[name], (theirs.params | theirs.state)[name].numpy()
        )
    assert history.rows[-1].train_loss == pytest.approx(expected.rows[-1].train_loss, rel=1e-10)
