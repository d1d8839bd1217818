"""A data set that can be learned in a moment, and networks to learn it."""

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.nn import BatchNorm, Dense, Dropout, Flatten, ReLU, Sequential
from tenfold.train import DefinitionExecutor

SIDE = 8


def make_digits(n, seed=0, classes=10):
    """Noise with a bright stroke whose place tells the class: (n, 8, 8) and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    images = rng.integers(0, 80, (n, SIDE, SIDE), dtype=np.uint8)
    for place in range(3):
        images[np.arange(n), (labels + place) % SIDE, labels // 2 + place] += 150
    return Dataset(images, labels, "strokes")


def make_network(hidden=12, rate=0.2, k=10):
    layers = {
        "flatten": Flatten(),
        "fc1": Dense(SIDE * SIDE, hidden),
        "bn": BatchNorm(hidden),
        "relu": ReLU(),
        "drop": Dropout(rate),
        "fc2": Dense(hidden, k),
    }
    return Sequential(layers, (SIDE, SIDE, 1))


@pytest.fixture(scope="module", autouse=True)
def _no_clock():
    """However slow a machine is, a chunk is trained at once, and no slow validation makes a run save more.

    What depends on the clock has tests of its own, which set it.
    """
    with pytest.MonkeyPatch.context() as patched:
        for module in ("chunk", "loop"):
            patched.setattr(f"tenfold.train.{module}.PART_SECONDS", 1e9)
        yield


@pytest.fixture(scope="session")
def digits():
    return make_digits(200)


@pytest.fixture(scope="session")
def held_out():
    return make_digits(80, seed=1)


@pytest.fixture
def network():
    return make_network()


@pytest.fixture(scope="session")
def new_network():
    """Build networks: `new_network(hidden=12, rate=0.2, k=10)`."""
    return make_network


@pytest.fixture(scope="session")
def new_digits():
    """Build data sets: `new_digits(n, seed=0, classes=10)`."""
    return make_digits


@pytest.fixture(scope="session")
def bits():
    """Return everything that a network has learned, as bytes by name."""
    return lambda network: {name: a.tobytes() for name, a in (network.params | network.state).items()}


@pytest.fixture(scope="session")
def scripted(digits, held_out):
    """Build executors whose held-out figures are given: `scripted(right, base=DefinitionExecutor)`.

    They train as the base does, so that weights are real, but after epoch ``e`` they recognise
    ``right[e - 1]`` of the images held out, at a loss that falls with this number. Which epoch is best,
    and when a run stops, then does not depend on how a processor rounds. For minibatches of 16.
    """
    steps = -(-len(digits) // 16)

    def executor(right, base=DefinitionExecutor):
        class Scripted(base):
            def logits(self, images):
                epoch = self.optimizer_state.step // steps
                known = np.arange(len(images)) < right[epoch - 1]
                answers = np.where(known, held_out.labels, (held_out.labels + 1) % 10)
                return np.eye(10, dtype=np.float32)[answers]

        return Scripted

    return executor
