"""Which predictions are shown, in which order, and what a filter leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.evaluate import KINDS, examples, mistakes


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_and_right_ones_are_all_there_once(case, kind):
    labels, p = case.data.labels, case.probabilities
    index = examples(kind, labels, p)
    wanted = (p.argmax(axis=1) == labels) == (kind != "wrong")
    assert sorted(index) == np.flatnonzero(wanted).tolist()


def test_the_wrong_ones_are_the_mistakes_in_their_order(case):
    labels, p = case.data.labels, case.probabilities
    assert examples("wrong", labels, p).tolist() == mistakes(labels, p).tolist()


def test_the_least_certain_come_first(case):
    labels, p = case.data.labels, case.probabilities
    assert np.all(np.diff(p.max(axis=1)[examples("uncertain", labels, p)]) >= 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("true", "predicted"), [([4, 9], None), (None, [3]), ([2], []), ([0, 1], [1, 2])])
def test_a_filter_leaves_out_and_keeps_the_order(case, kind, true, predicted):
    labels, p = case.data.labels, case.probabilities
    want = [
        i
        for i in examples(kind, labels, p)
        if (true is None or labels[i] in true) and (predicted is None or p[i].argmax() in predicted)
    ]
    assert examples(kind, labels, p, true=true, predicted=predicted).tolist() == want


def test_the_seed_decides_the_order_at_random(typical):
    labels, p = typical.data.labels, typical.probabilities
    first, again, other = (examples("right", labels, p, seed=seed).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first != sorted(first)
    assert sorted(first) == sorted(other)


def test_another_kind_is_refused(typical):
    with pytest.raises(ConfigError, match="kind: expected one of wrong, right, uncertain, got 'odd'; choose"):
        examples("odd", typical.data.labels, typical.probabilities)
