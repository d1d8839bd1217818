"""Dense layers on images that are mostly 0: the zeros are left out, and nobody can tell."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu.sparse import list_size, sparse_product
from tenfold.backend.cpu.tile import ACCUMULATE, RELU, STORE, product
from tenfold.nn import Dense, ReLU, Sequential, SoftmaxCrossEntropy, Tanh
from tenfold.optim import SGD, Adam
from tenfold.train import DefinitionExecutor
from tenfold.train.compiled import CompiledExecutor

PADDING = 128  # floats behind an array, where a product may read


@kernel
def both(m, n, k, a, a_row, a_k, b, plain, sparse, bias, finish, scratch):
    product(m, n, a, a_row, a_k, 0, 1, k, b, n, 0, plain, n, bias, finish)
    sparse_product(m, n, k, a, a_row, a_k, b, sparse, bias, finish, scratch)


def padded(array):
    """Return the array as float32 with room behind it."""
    room = np.zeros(array.size + PADDING, np.float32)
    room[: array.size] = array.ravel()
    return room


@pytest.mark.parametrize("finish", [STORE, RELU, ACCUMULATE])
@pytest.mark.parametrize("lit", [0.0, 0.02, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("turned", [False, True], ids=["rows", "columns"])
@pytest.mark.parametrize(
    ("m", "n", "k"), [(1, 1, 1), (1, 300, 784), (7, 33, 15), (13, 65, 100), (27, 70, 32)]
)
def test_a_sum_without_its_zeros_has_the_same_bits(m, n, k, turned, lit, finish):
    rng = np.random.default_rng([m, n, k])
    a = rng.standard_normal((m, k)) * (rng.random((m, k)) < lit)
    b, bias, plain = (padded(rng.standard_normal(shape)) for shape in ((k, n), n, (m, n)))
    sparse, scratch = plain.copy(), np.zeros(list_size(k), np.float32)
    a_row, a_k = (1, m) if turned else (k, 1)
    held = padded(a.T if turned else a)
    start = 0 if finish == ACCUMULATE else bias.ctypes.data
    places = [array.ctypes.data for array in (b, plain, sparse)]
    both(m, n, k, held.ctypes.data, a_row, a_k, *places, start, finish, scratch.ctypes.data)
    np.testing.assert_array_equal(sparse, plain)


@pytest.mark.parametrize("n", [1, 2, 7, 33, 1030])  # the last in three pieces
@pytest.mark.parametrize("lit", [0.0, 0.2, 1.0])
@pytest.mark.parametrize(("c_in", "c_out"), [(784, 70), (50, 33), (1100, 40)])
def test_gradients_and_outputs_are_the_definitions(twins, c_in, c_out, lit, n):
    pair = twins({"first": Dense(c_in, c_out), "tanh": Tanh(), "fc": Dense(c_out, 10)}, (c_in,), n=n)
    pair.x *= pair.rng.random(pair.x.shape) < lit
    for threads, deterministic in ((1, False), (2, False), (2, True)):
        pair.check_step(threads=threads, deterministic=deterministic)
    want = pair.double.infer(pair.x.astype(float))
    np.testing.assert_allclose(pair.engine(threads=2).logits(pair.x), want, rtol=1e-5, atol=1e-5)


# -- what is not finite ---------------------------------------------------------------------------

N, DARK = 8, 20  # images of a minibatch; a pixel that is 0 in all of them


@pytest.fixture
def digits():
    rng = np.random.default_rng(3)
    images = rng.random((6 * N, 36), np.float32) * (rng.random((6 * N, 36)) < 0.3)
    images[:, DARK] = 0
    return images.astype(np.float32), rng.integers(0, 10, 6 * N)


@pytest.fixture
def network():
    network = Sequential({"first": Dense(36, 40), "relu": ReLU(), "fc": Dense(40, 10)}, (36,))
    network.initialise(0)
    return network


def steps(executor, digits, count, rate=0.01):
    rates = np.full(count, rate)
    return executor.train(*digits, np.arange(count * N), N, rates, np.random.default_rng(0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("pixel", [0, DARK])
def test_a_bad_weight_of_a_dark_pixel_is_noticed(network, digits, pixel, bad):
    """Where the definition has 0 * infinity, which is NaN, so has the engine."""
    healthy = {name: array.copy() for name, array in network.params.items()}
    network.params["first.weight"][pixel, 3] = bad
    executor = CompiledExecutor(network, SoftmaxCrossEntropy(), SGD(0.01), threads=2)
    definition = DefinitionExecutor(network, SoftmaxCrossEntropy(), SGD(0.01))
    want = definition.logits(digits[0])
    np.testing.assert_allclose(executor.logits(digits[0]), want, rtol=1e-5, atol=1e-5)
    assert not np.isfinite(want).all()
    assert not np.isfinite(steps(executor, digits, 1).losses[0])
    state = executor.export()
    executor.restore(healthy, state.state, state.optimizer)  # mended, all is well again
    assert np.isfinite(executor.logits(digits[0])).all()
    assert np.isfinite(steps(executor, digits, 3).losses).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_weight_that_goes_bad_on_the_way_is_noticed(network, digits, threads):
    """The decay alone carries the weights of a dark pixel to infinity, and nothing else."""
    network.params["first.weight"][:] = 0
    network.params["first.weight"][DARK] = 1e30
    optimizer = SGD(1.0, weight_decay=1e6)
    taken = steps(
        CompiledExecutor(network, SoftmaxCrossEntropy(), optimizer, threads=threads), digits, 6, 1.0
    )
    want = steps(DefinitionExecutor(network, SoftmaxCrossEntropy(), optimizer), digits, 6, 1.0)
    assert len(taken.losses) == len(want.losses) < 6
    assert not np.isfinite(taken.losses[-1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_pixel_among_dark_ones_spoils_its_own_outputs_only(network, digits, bad):
    images, _ = digits
    executor = CompiledExecutor(network, SoftmaxCrossEntropy(), Adam(0.01))
    want = executor.logits(images)
    images[7, DARK] = bad
    got = executor.logits(images)
    assert not np.isfinite(got[7]).all()
    np.testing.assert_array_equal(np.delete(got, 7, axis=0), np.delete(want, 7, axis=0))
    assert not np.isfinite(steps(executor, digits, 1).losses[0])
