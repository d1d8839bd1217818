"""The gradient table: every layer and loss, float64, central differences in a random direction."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.errors import ConfigError, ShapeError
from tenfold.nn import (
    LAYERS,
    LOSSES,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    MeanSquaredError,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Tanh,
    gradcheck,
    gradient_table,
)
from tenfold.nn.examples import examples, layer_examples
from tenfold.nn.gradcheck import TOLERANCE, gradient_errors

EXAMPLES = examples()
seeds = st.integers(0, 2**32 - 1)


def test_every_layer_and_loss_is_in_the_table():
    assert {subject.kind for subject, _ in EXAMPLES.values()} == {*LAYERS, *LOSSES}


@pytest.mark.parametrize("name", EXAMPLES)
def test_backward_matches_central_differences(name):
    subject, shape = EXAMPLES[name]
    for what, error in gradient_errors(subject, shape, np.random.default_rng(0)):
        assert error < TOLERANCE, what


def test_the_table_has_a_row_for_every_input_and_parameter():
    expected = []
    for name, (subject, _) in EXAMPLES.items():
        expected.append((name, "x"))
        if isinstance(subject, Layer):
            expected += [(name, what) for what in subject.param_shapes()]
    assert [(row.name, row.what) for row in gradient_table()] == expected


def jump(name):
    """Return a layer and an input at which its gradient jumps, if there is one between two inputs.

    Of a hundred steps from one to the other the one with the largest change is halved until it is tiny.
    """
    layer, shape = layer_examples()[name]
    rng = np.random.default_rng(0)
    layer.initialise(rng, np.float64)
    first, last = 3 * rng.standard_normal((2, 3, *shape))
    dy = rng.standard_normal((3, *layer.output_shape(shape)))

    def gradient(t):
        return layer.forward((1 - t) * first + t * last, training=True, rng=np.random.default_rng(0))[1](dy)[
            0
        ]

    places = np.linspace(0, 1, 101)
    for _ in range(30):
        gradients = [gradient(t) for t in places]
        changes = [abs(b - a).max() for a, b in itertools.pairwise(gradients)]
        widest = int(np.argmax(changes))
        places = np.linspace(*places[widest : widest + 2], 3)
    return layer, (1 - places[0]) * first + places[0] * last if changes[widest] > 1e-3 else None


@pytest.mark.parametrize("name", layer_examples())
def test_a_derivative_jumps_only_where_the_layer_says(name):
    """`kinks` or `gaps` tells where; other tests compare derivatives in two precisions, away from there."""
    layer, x = jump(name)
    assert x is None or layer.gaps(x).min() < 1e-6


@pytest.mark.parametrize("name", ["relu", "leaky_relu, falling", "elu, alpha 0.3", "max_pool2d"])
def test_a_jump_is_found(name):
    assert jump(name)[1] is not None


@st.composite
def convolutions(draw):
    """A convolution, and an image that it can take."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    size = tuple(max(1, k - 2 * p) + draw(st.integers(0, 4)) for k, p in zip(kernel, padding, strict=True))
    c_in, c_out = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return Conv2d(c_in, c_out, kernel, stride=stride, padding=padding), (*size, c_in)


@st.composite
def poolings(draw):
    """A pooling layer, and an image that it can take."""
    window = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    size = tuple(k + draw(st.integers(0, 4)) for k in window)
    half = st.tuples(*(st.integers(0, k // 2) for k in window))
    layer = draw(st.sampled_from([MaxPool2d, AvgPool2d]))(
        window, stride, padding=draw(st.just(0) | st.just("same") | half)
    )
    return layer, (*size, draw(st.integers(1, 3)))


@st.composite
def elementwise(draw):
    """A layer that takes any shape, and a shape."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    pointwise = [
        layer for layer, _ in layer_examples().values() if layer.pointwise and not layer.param_shapes()
    ]
    layers = [*pointwise, Flatten(), Dropout(draw(st.floats(0, 0.9))), BatchNorm(shape[-1])]
    return draw(st.sampled_from(layers)), shape


@settings(max_examples=60, deadline=None)
@given(convolutions() | poolings() | elementwise(), seeds)
def test_backward_over_generated_shapes(case, seed):
    layer, shape = case
    assert gradcheck(layer, shape, np.random.default_rng(seed)) < TOLERANCE


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.floats(0, 0.9), seeds)
def test_losses_over_generated_numbers_of_classes(k, smoothing, seed):
    for loss in (SoftmaxCrossEntropy(smoothing), MeanSquaredError()):
        assert gradcheck(loss, (k,), np.random.default_rng(seed)) < TOLERANCE


def test_a_whole_network():
    network = Sequential(
        {
            "conv": Conv2d(1, 2, 3, padding=1),
            "norm": BatchNorm(2),
            "tanh": Tanh(),
            "pool": AvgPool2d(2),
            "flatten": Flatten(),
            "drop": Dropout(0.3),
            "fc": Dense(8, 4),
        },
        input_shape=(4, 4, 1),
    )
    assert gradcheck(network, (4, 4, 1), np.random.default_rng(0)) < TOLERANCE


class WrongBias(Dense):
    """Forgets one image of the minibatch."""

    def forward(self, x, *, training=False, rng=None):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0], {**right(dy)[1], "bias": dy[1:].sum(axis=0)})


class WrongInput(ReLU):
    """Lets a thousandth of the gradient through where it should not."""

    def forward(self, x, *, training=False, rng=None):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0] + 0.001 * dy, {})


class WrongShape(ReLU):
    def forward(self, x, *, training=False, rng=None):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0][:1], {})


class NotANumber(ReLU):
    """Right at prediction alone, where it is looked at first."""

    def forward(self, x, *, training=False, rng=None):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0] * (np.nan if training else 1), {})


class WrongInTraining(ReLU):
    """Right at prediction alone."""

    def forward(self, x, *, training=False, rng=None):
        y, right = super().forward(x)
        return y, lambda dy: (right(dy)[0] * (2 if training else 1), {})


class WrongLoss(MeanSquaredError):
    def forward(self, logits, labels):
        loss, right = super().forward(logits, labels)
        return loss, lambda: right() / 2


@pytest.mark.parametrize(
    "wrong",
    [WrongBias(3, 2), WrongInput(), NotANumber(), WrongInTraining(), WrongLoss()],
    ids=repr,
)
def test_a_wrong_derivative_is_found(wrong):
    assert not gradcheck(wrong, (3,), np.random.default_rng(0)) < TOLERANCE


def test_a_gradient_of_a_wrong_shape_is_named():
    with pytest.raises(ShapeError, match=r"WrongShape: backward: expected the shape \(2, 3\), got \(1, 3\)"):
        gradcheck(WrongShape(), (3,), np.random.default_rng(0))


def test_a_layer_may_depend_on_a_state_that_it_moves():
    class Counting(ReLU):
        """Twice as steep after every pass in training."""

        def state_shapes(self):
            return {"slope": (1,)}

        def initialise(self, rng, dtype=np.float32):
            self.state = {"slope": np.ones(1, dtype)}

        def forward(self, x, *, training=False, rng=None):
            slope = self.state["slope"]
            if training:
                self.state = {"slope": 2 * slope}
            return slope * x, lambda dy: (slope * dy, {})

    assert gradcheck(Counting(), (3,), np.random.default_rng(0)) < TOLERANCE


def test_a_missing_gradient_is_named():
    class Forgetful(Dense):
        def forward(self, x, *, training=False, rng=None):
            y, right = super().forward(x)
            return y, lambda dy: (right(dy)[0], {"weight": right(dy)[1]["weight"]})

    message = r"expected gradients of \['weight', 'bias'\], got \['weight'\]; name them as the params"
    with pytest.raises(ConfigError, match=message):
        gradcheck(Forgetful(3, 2), (3,), np.random.default_rng(0))


def test_the_layer_checked_stays_as_it_is():
    layer = BatchNorm(3)
    layer.initialise(np.random.default_rng(0))
    before = {name: array.copy() for name, array in (layer.params | layer.state).items()}
    gradcheck(layer, (3,), np.random.default_rng(0))
    for name, array in (layer.params | layer.state).items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, before[name])


def test_the_directions_are_random_and_the_seed_decides_them():
    errors = [gradcheck(Tanh(), (5,), np.random.default_rng(seed)) for seed in (*range(10), 0)]
    assert len(set(errors)) == 10
    assert errors[0] == errors[-1]
