"""Schedules, each by the table of its values."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.errors import ConfigError
from tenfold.optim import (
    SCHEDULES,
    Constant,
    CosineDecay,
    Doubling,
    EpochCorrectedAdam,
    ExponentialAfter,
    LinearWarmup,
    PiecewiseConstant,
    Product,
    RampThenHalving,
    StepHalving,
    Tunable,
    schedule_from_config,
)

# schedule, values in the epochs 0, 1, 2, ...
BY_EPOCH = [
    (Constant(0.1), [0.1] * 4),
    (Doubling(32, every=4), [32] * 4 + [64] * 4 + [128] * 4 + [256] * 4 + [512] * 4),
    (Doubling(0.5, every=1), [0.5, 1, 2, 4]),
    (StepHalving(8, every=2), [8, 8, 4, 4, 2, 2, 1, 1, 0.5]),
    (ExponentialAfter(5e-4, after=3, decay=0.1), [5e-4] * 4 + [5e-4 * math.exp(-0.1), 5e-4 * math.exp(-0.2)]),
    (ExponentialAfter(1, after=0, decay=1), [1, math.exp(-1), math.exp(-2)]),
    (PiecewiseConstant((1, 3), (3, 2, 1)), [3, 2, 2, 1, 1]),
    (PiecewiseConstant((), (7,)), [7, 7]),
    (PiecewiseConstant((0,), (9, 1)), [1, 1]),
    (CosineDecay(1, epochs=4), [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2, 0, 0]),
    (CosineDecay(1, epochs=2, end=0.5), [1, 0.75, 0.5, 0.5]),
    (LinearWarmup(1, epochs=4), [0.25, 0.5, 0.75, 1, 1]),
    (Product(StepHalving(8, 1), Constant(0.5)), [4, 2, 1]),
    (
        RampThenHalving(5e-4, ramp=5, every=5),
        [1e-4, 2e-4, 3e-4, 4e-4] + [5e-4] * 6 + [2.5e-4] * 5 + [1.25e-4],
    ),
    (RampThenHalving(1, ramp=1, every=2), [1, 1, 1, 0.5, 0.5, 0.25]),
    # of the twelfth network from scratch: each value made from the one before
    (
        Tunable(1e-3, later=3),
        [1e-3, 2e-3, 3e-3, 4e-3]
        + [5e-3] * 6  # epochs 4 to 9: the 5th is not halved
        + [2.5e-3] * 5
        + [1.25e-3] * 5
        + [0.625e-3]  # epoch 20
        + [0.3125e-3] * 3  # epochs 21 to 23
        + [0.15625e-3] * 3
        + [0.078125e-3] * 3
        + [0.0390625e-3],
    ),
    # of the ninth to eleventh: halved every five epochs to the end
    (Tunable(1.0, later=5), [1, 2, 3, 4] + [5] * 6 + [5 / 2**n for n in range(1, 29) for _ in range(5)]),
    # without ``later``: no more halvings
    (Tunable(1e-3), [1e-3, 2e-3, 3e-3, 4e-3] + [5e-3] * 6 + [2.5e-3] * 5 + [1.25e-3] * 5 + [0.625e-3] * 80),
    (Tunable(1, every=2, until=7, later=4), [1, 2, 2, 2, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125]),
    (EpochCorrectedAdam(0.5, 0.75), [1.0] * 4),  # epochs of one step: the standard one
]

# schedule, steps in an epoch, values step by step
BY_STEP = [
    (LinearWarmup(10, epochs=2), 5, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]),
    (LinearWarmup(1, epochs=0.5), 4, [0.5, 1, 1, 1, 1]),
    (CosineDecay(2, epochs=1), 4, [2, 1 + math.sqrt(0.5), 1, 1 - math.sqrt(0.5), 0]),
    (CosineDecay(2, epochs=2), 2, [2, 1 + math.sqrt(0.5), 1, 1 - math.sqrt(0.5), 0]),
    (Product(LinearWarmup(1, 1), CosineDecay(2, 1)), 2, [1, 1, 0]),
    (StepHalving(8, 1), 2, [8, 8, 4, 4]),
    (
        EpochCorrectedAdam(0.5, 0.75),
        2,
        [
            *(1, 0.75 / 0.5 * math.sqrt(0.25 / (1 - 0.75**2))),
            *(0.875 / 0.75 * math.sqrt((1 - 0.75**2) / (1 - 0.75**3)), (1 - 0.5**4) / 0.75 * 0.8),
        ],
    ),
]
EACH = [row[0] for row in BY_EPOCH]


@pytest.mark.parametrize(("schedule", "values"), BY_EPOCH, ids=repr)
def test_values_by_epoch(schedule, values):
    assert [schedule(epoch) for epoch in range(len(values))] == pytest.approx(values, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("schedule", "steps", "values"), BY_STEP, ids=repr)
def test_values_by_step(schedule, steps, values):
    got = [schedule(at // steps, at % steps, steps) for at in range(len(values))]
    assert got == pytest.approx(values, rel=1e-12, abs=1e-12)


@given(st.integers(1, 512), st.integers(1, 9), st.integers(0, 40))
def test_a_minibatch_stays_a_whole_number(start, every, epoch):
    size = Doubling(start, every)(epoch)
    assert type(size) is int
    assert size == start * 2 ** (epoch // every)


@pytest.mark.parametrize("junk", ["x", math.nan, True, -1, [["x"]]], ids=repr)
@pytest.mark.parametrize("schedule", EACH, ids=repr)
def test_junk_in_an_option_is_refused(schedule, junk):
    for name in schedule.config():
        with pytest.raises(ConfigError, match=r"^(\w+: expected|\w+ of a product: )"):
            schedule_from_config(schedule.kind, schedule.config() | {name: junk})


@pytest.mark.parametrize("schedule", EACH, ids=repr)
def test_config_round_trip_through_json(schedule):
    again = schedule_from_config(schedule.kind, json.loads(json.dumps(schedule.config())))
    assert again == schedule
    assert hash(again) == hash(schedule)


def test_every_schedule_is_in_the_table_and_the_registry():
    assert {type(schedule) for schedule in EACH} == set(SCHEDULES.values())
    assert all(cls.kind == kind for kind, cls in SCHEDULES.items())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Constant(0), "value: expected a finite number above 0, got 0"),
        (lambda: Doubling(32, every=0), "every: expected a whole number of epochs, at least 1, got 0"),
        (lambda: StepHalving(1, every=0.5), "every: expected a whole number of epochs, at least 1, got 0.5"),
        (
            lambda: ExponentialAfter(1, after=-1, decay=1),
            "after: expected a finite number of at least 0, got -1",
        ),
        (
            lambda: ExponentialAfter(1, after=1, decay=math.inf),
            "decay: expected a finite number above 0, got inf",
        ),
        (lambda: PiecewiseConstant((1,), (1,)), "values: expected 2, one more than boundaries, got 1"),
        (
            lambda: PiecewiseConstant((2, 1), (1, 2, 3)),
            "boundaries: expected increasing epochs, got (2, 1); sort them",
        ),
        (
            lambda: PiecewiseConstant((1, 1), (1, 2, 3)),
            "boundaries: expected increasing epochs, got (1, 1); sort them",
        ),
        (lambda: PiecewiseConstant((2,), (1, -1)), "values: expected a finite number above 0, got -1"),
        (lambda: Tunable(1, later=0), "later: expected a whole number of epochs, at least 1, got 0"),
        (lambda: RampThenHalving(1, 0, 5), "ramp: expected a whole number of epochs, at least 1, got 0"),
        (lambda: EpochCorrectedAdam(beta2=1), "beta2: expected a number from 0 to below 1, got 1"),
        (lambda: LinearWarmup(1, epochs=0), "epochs: expected a finite number above 0, got 0"),
        (lambda: CosineDecay(1, epochs=2, end=-1), "end: expected a finite number of at least 0, got -1"),
        (lambda: schedule_from_config("dubling", {}), "unknown schedule 'dubling'; did you mean 'doubling'?"),
        (
            lambda: schedule_from_config("doubling", {"start": 32, "evry": 4}),
            "unknown option of schedule 'doubling': 'evry'; did you mean 'every'?",
        ),
        (
            lambda: schedule_from_config("product", {"first": 3}),
            "product: expected two schedules, each with kind and config, got {'first': 3}",
        ),
    ],
)
def test_options_refused(build, message):
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("epoch", "step", "factor"),
    [(0, 1, 1), (0, 10, 2.06), (0, 100, 1.02), (0, 1000, 0.40), (0, 3750, 0.32), (9, 3750, 0.15)],
)
def test_factor_of_epochs_counted_in_adams_correction(epoch, step, factor):
    assert EpochCorrectedAdam()(epoch, step - 1, 3750) == pytest.approx(factor, abs=0.005)


@given(st.floats(0, 0.99), st.floats(0, 0.9999), st.integers(0, 200), st.integers(1, 4000))
def test_the_factor_is_that_of_the_two_corrections(beta1, beta2, epoch, steps):
    """It turns the standard step m / c1(k) / sqrt(v / c2(k)) into m / c1(e) / sqrt(v / c2(e))."""
    step = steps // 2
    e, k = epoch + 1, epoch * steps + step + 1
    standard = 1 / (1 - beta1**k) / math.sqrt(1 / (1 - beta2**k))
    theirs = 1 / (1 - beta1**e) / math.sqrt(1 / (1 - beta2**e))
    assert EpochCorrectedAdam(beta1, beta2)(epoch, step, steps) * standard == pytest.approx(theirs)
