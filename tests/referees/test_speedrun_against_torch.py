"""The peer of the speed runs trains the same network on the same images, in the same order and manner."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import Dataset, RandomAffine
from tenfold.nn import Sequential
from tenfold.train import Recipe, fit, generator
from tenfold.zoo import NetworkModel
from tenfold.zoo.speedruns import SPEEDRUNS, Block, convolutions, one_cycle

torch = pytest.importorskip("torch", reason="PyTorch is the referee")

for _folder in ("benchmarks/contestants", "benchmarks"):
    sys.path.append(str(Path(__file__).parents[2] / _folder))
import field  # noqa: E402
import pytorch_recipe  # noqa: E402
import serve  # noqa: E402

SEED = 3
N = 96
NETWORKS = {
    "strided, pooled, dense": lambda: convolutions(Block(4, 5, stride=2), Block(6, 3, pooled=True), dense=8),
    "halved": lambda: convolutions(Block(4, 3, pooled=True), halved=True),
}
RECIPES = {
    "one cycle": one_cycle(2, 16, 1e-3),
    "augmentation": one_cycle(2, 16, 1e-3, augmentation=RandomAffine(shift=0.07, chance=0.9)),
    "mean of weights": one_cycle(3, 16, 1e-3, choose="mean_of_last(2)"),
}


@pytest.fixture
def images() -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset(rng.integers(0, 256, (N, 28, 28), np.uint8), rng.integers(0, 10, N), "noise")


def digits_of(images: Dataset) -> serve.Digits:
    """Return the images as the processes of the benchmark have them: PyTorch wants arrays to write in."""
    return serve.Digits(images.images.copy(), images.labels.copy(), images.images.copy())


def peer(network: Sequential, recipe: Recipe, images: Dataset, folder: Path, way: str) -> np.ndarray:
    """Return the logits after PyTorch's training."""
    network.initialise(generator(SEED, 0, "initialisation"))
    field.write_network(folder / "network", network)
    server = pytorch_recipe.Server(digits_of(images))
    began = server.begin(str(folder / "network"), recipe.config(), SEED, 1, way)
    took = [server.epoch(epoch)["seconds"] for epoch in range(recipe.epochs)]
    ended = server.finish()
    assert min(took) > 0
    assert began["seconds"] > 0
    training = server.training
    with torch.inference_mode():
        logits = training.model(training.tensor(server.digits.test_floats)).numpy()
    assert ended["answers"] == logits.argmax(axis=1).tolist()
    return logits


@pytest.mark.parametrize("way", ["NCHW", "channels last"])
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("network", NETWORKS)
def test_both_end_with_the_same_network(
    network: str, recipe: str, way: str, images: Dataset, tmp_path: Path
) -> None:
    ours = NETWORKS[network]()
    fit(ours, RECIPES[recipe], images, seed=SEED)
    want = NetworkModel("ours", ours).logits(images.images)
    got = peer(NETWORKS[network](), RECIPES[recipe], images, tmp_path, way)
    np.testing.assert_allclose(got, want, atol=0.05 * np.abs(want).max())
    assert np.corrcoef(got.ravel(), want.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("target", SPEEDRUNS)
def test_the_peer_can_build_every_speed_run(target: str, images: Dataset, tmp_path: Path) -> None:
    entry = SPEEDRUNS[target]
    network = entry.build()
    network.initialise(generator(SEED, 0, "initialisation"))
    field.write_network(tmp_path / "network", network)
    digits = digits_of(images)
    job = serve.Job.load(tmp_path / "network", 8, 1, "NCHW")
    recipe = Recipe.from_config(entry.recipe.config())
    training = pytorch_recipe.Trained(digits, job, recipe, SEED)
    training.model.eval()
    with torch.inference_mode():
        got = training.model(training.tensor(digits.test_floats)).numpy()
    np.testing.assert_allclose(got, NetworkModel("ours", network).logits(images.images), atol=1e-4)
