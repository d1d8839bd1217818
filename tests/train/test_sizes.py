"""Numbers and sizes that cannot be: refused in one line before the first step, or worked with at once."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import numpy as np
import pytest

from tenfold.backend import memory_limit
from tenfold.backend.memory_limit import check_memory
from tenfold.data import Dataset, RandomAffine, epoch_order
from tenfold.errors import ConfigError, DivergedError, OutOfMemoryError, TenfoldError
from tenfold.estimator import TenfoldClassifier
from tenfold.nn import BatchNorm, Conv2d, Dense, Flatten, MaxPool2d, Sequential
from tenfold.optim import (
    SGD,
    Adam,
    CosineDecay,
    Doubling,
    LinearWarmup,
    RampThenHalving,
    StepHalving,
    Tunable,
)
from tenfold.train import Callback, DefinitionExecutor, Recipe, executor_for, fit

HUGE, LONG = 10**12, 10**400
RNG = np.random.default_rng(0)
DIGITS = Dataset(RNG.integers(0, 256, (40, 28, 28), np.uint8), np.arange(40) % 10, "noise")


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch):
    """The same refusals on every machine."""
    monkeypatch.setattr(memory_limit, "_machine", lambda: 8 * 10**9)


def linear(units=10):
    return Sequential({"flatten": Flatten(), "fc": Dense(784, units)}, (28, 28, 1))


def convolution(channels=2, kernel=3, padding=0):
    layers = {"conv": Conv2d(1, channels, kernel, padding=padding), "flatten": Flatten()}
    return Sequential(layers, (28, 28, 1))


class Once(Callback):
    """Ends the run after its first chunk."""

    def on_chunk(self, progress):
        progress.stop = "one is enough"


def begin(recipe, network=None, executor=executor_for):
    return fit(network or linear(), recipe, DIGITS, executor=executor, callbacks=[Once()]).stopped


MUCH = "expected at most 8 GB, all the memory there is, got "
REFUSED = {
    "a minibatch of 10**12": (
        lambda: begin(Recipe(1, HUGE)),
        OutOfMemoryError,
        f"batch_size: .*{MUCH}3.19 PB",
    ),
    "a minibatch of 10**9": (
        lambda: begin(Recipe(1, 10**9)),
        OutOfMemoryError,
        f"batch_size: .*{MUCH}3.19 TB",
    ),
    "whole minibatches of 10**12 alone": (
        lambda: begin(Recipe(1, HUGE, short_batch="drop")),
        ConfigError,
        "expected minibatches of at most 40 images",
    ),
    "minibatches that double on and on": (
        lambda: begin(Recipe(10**9, Doubling(32, every=1))),
        OutOfMemoryError,
        f"batch_size: .* in a minibatch of epoch 18: {MUCH}.* fewer epochs if it grows",
    ),
    "a classifier's minibatch": (
        lambda: TenfoldClassifier("nn1l", batch_size=HUGE).fit(DIGITS.images, DIGITS.labels),
        OutOfMemoryError,
        f"batch_size: .*{MUCH}3.19 PB",
    ),
    "an order": (lambda: epoch_order(HUGE, 10, RNG), OutOfMemoryError, f"an epoch of .*{MUCH}16 TB"),
    "units": (lambda: Dense(784, HUGE), ConfigError, "c_out: expected a whole number of at most 2147483647"),
    "10**9 units": (
        lambda: begin(Recipe(1), linear(10**9)),
        OutOfMemoryError,
        f"training 785,000,000,000 parameters: {MUCH}15.7 TB; use fewer units or channels",
    ),
    "a network with 10**9 units": (
        lambda: linear(10**9).initialise(0),
        OutOfMemoryError,
        rf"fc \(dense\): the network has 785,000,000,000 parameters: {MUCH}3.14 TB",
    ),
    "a layer of 10**9 units": (
        lambda: Dense(784, 10**9).initialise(RNG),
        OutOfMemoryError,
        rf"an array of shape \(784, 1000000000\): {MUCH}6.27 TB",
    ),
    "10**9 filters": (
        lambda: begin(Recipe(1), convolution(10**9)),
        OutOfMemoryError,
        f"training 10,000,000,000 parameters: {MUCH}200 GB",
    ),
    "images that grow too large on the way": (
        lambda: begin(Recipe(1), convolution(padding=10**9)),
        OutOfMemoryError,
        "a network of .* images on .* threads: .* take smaller minibatches",
    ),
    "a kernel beyond 64 bits": (lambda: Conv2d(1, 1, 2**70), ConfigError, "kernel: .* at most 2147483647"),
    "a window beyond 64 bits": (lambda: MaxPool2d(2**70), ConfigError, "size: .* at most 2147483647"),
    "channels": (lambda: BatchNorm(HUGE), ConfigError, "c: .* at most 2147483647"),
    "images": (
        lambda: Sequential({"conv": Conv2d(1, 1, 3)}, (HUGE, HUGE, 1)),
        ConfigError,
        "input_shape: .* at most 2147483647",
    ),
    "an initialiser": (
        lambda: Dense(2, 2, bias_init="uniform(" + "9" * 400 + ")"),
        ConfigError,
        "at most 1e",
    ),
    "threads": (
        lambda: RandomAffine(rotation=5)(DIGITS.images, RNG, threads=10**6),
        ConfigError,
        "threads: expected at most 1024, got 1000000; leave it out",
    ),
    "half a thread": (
        lambda: executor_for(ready(linear()), Recipe(1).loss, SGD(0.1), threads=2.5),
        ConfigError,
        "threads: expected at least 1, got 2.5",
    ),
    "a negative rate": (lambda: SGD(-1), ConfigError, "learning_rate: .* at least 0, got -1"),
    "a rate that is no number": (lambda: Adam(np.nan), ConfigError, "learning_rate: .*finite.* got nan"),
    "a rate of 400 digits": (lambda: Adam(LONG), ConfigError, "learning_rate: .*finite.* got 1000"),
    "a start of 400 digits": (lambda: StepHalving(LONG, 2), ConfigError, "start: .*finite.* got 1000"),
    "a warm-up of 400 digits": (lambda: LinearWarmup(1.0, LONG), ConfigError, "epochs: .*finite.* got 1000"),
    "a rate of 1e300": (
        lambda: begin(Recipe(1, 8, SGD(1e300))),
        DivergedError,
        "expected finite numbers, the loss became nan in epoch 1, step 2",
    ),
    "a rate of 1e300, by the definition": (
        lambda: begin(Recipe(1, 8, Adam(1e300)), executor=DefinitionExecutor),
        DivergedError,
        "expected finite numbers, the loss became nan in epoch 1, step 2",
    ),
}


def ready(network):
    network.initialise(0)
    return network


@pytest.mark.fault("sizes", "a number or size that does not fit any machine", "rejected in one line, at once")
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused(what, refused_in_one_line):
    act, error, message = REFUSED[what]
    with refused_in_one_line(error, message):
        act()


WORKS = {
    "10**9 epochs": Recipe(10**9),
    "10**30 epochs": Recipe(10**30),
    "10**9 epochs of a growing minibatch": Recipe(10**9, Doubling(8, every=10**6)),
    "10**9 epochs of a falling rate": Recipe(10**9, rate=CosineDecay(1.0, 10**9)),
    "10**9 epochs of a made rate": Recipe(10**9, rate=Tunable(1.0)),
    "a schedule of 400 digits": Recipe(1, rate=StepHalving(1.0, LONG)),
    "a chunk of 10**30": Recipe(1, chunk_images=10**30),
    "a minibatch larger than the data, kept": Recipe(1, HUGE, short_batch="keep"),
    "a minibatch of 10**30, kept": Recipe(1, 10**30, short_batch="keep"),
    "a rate of 0": Recipe(1, optimizer=SGD(0)),
}


@pytest.mark.fault("sizes", "huge numbers that need little work", "the first step starts at once")
@pytest.mark.parametrize("executor", [executor_for, DefinitionExecutor])
@pytest.mark.parametrize("what", WORKS)
def test_what_can_be_begins_at_once(what, executor):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert begin(WORKS[what], executor=executor) == "one is enough"
    # what grows with the epochs would take minutes; compiling may come in between
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 200


@pytest.mark.fault("sizes", "a schedule is evaluated at its millionth epoch", "a number, without a loop")
@pytest.mark.parametrize("epoch", [10**6, 10**9, LONG])
def test_schedules_go_on_for_ever(epoch):
    for schedule in (StepHalving(1.0, 3), RampThenHalving(8.0, ramp=4, every=2), Tunable(1.0, later=7)):
        assert schedule(epoch) == 0.0
    assert Tunable(1.0)(epoch) == 0.625
    assert Doubling(1.0, every=1)(epoch) == 2.0**1023
    assert Doubling(32, every=4)(epoch) > 2**63


def by_the_definition(schedule, epoch):
    """The rate of `Tunable` as its text says: made from that of the epoch before."""
    rate = schedule.start
    for e in range(1, epoch + 1):
        later = schedule.later is not None and e % schedule.later == 0
        if e < schedule.every:
            rate += rate / e
        elif e <= schedule.until and e > schedule.every and e % schedule.every == 0:
            rate /= 2
        elif e > schedule.until and later:
            rate /= 2
    return rate


@pytest.mark.parametrize("later", [None, 1, 3, 8])
@pytest.mark.parametrize("until", [1, 4, 9, 20])
@pytest.mark.parametrize("every", [1, 2, 5, 11])
def test_counted_halvings_are_those_made_one_by_one(every, until, later):
    schedule = Tunable(0.7, every, until, later)
    assert [schedule(e) for e in range(60)] == [by_the_definition(schedule, e) for e in range(60)]


@pytest.mark.fault("sizes", "no images to predict", "no outputs, of the right shape")
@pytest.mark.parametrize("executor", [executor_for, DefinitionExecutor])
def test_no_images_have_no_outputs(executor):
    runner = executor(ready(linear()), Recipe(1).loss, SGD(0.1))
    assert runner.logits(DIGITS.images[:0]).shape == (0, 10)


def test_the_least_of_the_limits_counts(monkeypatch, tmp_path):
    outer, container = tmp_path, tmp_path / "job" / "memory.max"
    container.parent.mkdir()
    monkeypatch.setattr(memory_limit, "own_groups", lambda controller: [container.parent, outer])
    monkeypatch.setattr(memory_limit, "_process", lambda: None)
    for written, limit in (("max\n", 8 * 10**9), ("2000000000\n", 2 * 10**9), (f"{2**63}\n", 8 * 10**9)):
        container.write_text(written)
        assert memory_limit.memory_limit() == limit
    monkeypatch.setattr(memory_limit, "_process", lambda: 1000)
    with pytest.raises(OutOfMemoryError, match=r"^a thing: expected at most 1 kB, .* got 2 kB; take less$"):
        check_memory("a thing", 2000, "take less")
    monkeypatch.setattr(memory_limit, "memory_limit", lambda: None)
    check_memory("a thing", LONG, "where the system does not say, it is tried")


class Exhausted(DefinitionExecutor):
    def train(self, *arguments):
        raise MemoryError("Unable to allocate 806. GiB")


@pytest.mark.fault("sizes", "memory runs out in the middle of training", "one line with the requested amount")
def test_memory_that_runs_out_is_told_in_one_line(refused_in_one_line):
    with refused_in_one_line(OutOfMemoryError, r"got none \(Unable to allocate 806. GiB\); use a smaller"):
        begin(Recipe(1), executor=Exhausted)


@pytest.mark.fault("sizes", "strange values of NUMBA_NUM_THREADS", "all cores are used, without a warning")
@pytest.mark.parametrize("told", ["0", "many", "9" * 5000, "1000000"])
def test_odd_numbers_of_threads_in_the_environment(told):
    """Numba itself refuses some when it is imported, and warns of others."""
    code = (
        "import numba\nfrom tenfold.backend.cpu.threads import available, checked\n"
        "print(checked(None) == min(available(), 1024))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import tenfold.backend.cpu\n" + code],
        env={**os.environ, "NUMBA_NUM_THREADS": told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout) == ("", "True\n")


def test_every_refusal_is_ours():
    assert issubclass(OutOfMemoryError, TenfoldError)
    assert issubclass(OutOfMemoryError, MemoryError)
