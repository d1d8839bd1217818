"""Users take turns, and each user's trainings begin in the order of asking."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tenfold.studio.turns import Entry, in_order


@pytest.mark.parametrize("seed", range(30))
def test_the_order_is_fair(seed):
    rng = np.random.default_rng(seed)
    users = ["anna", "bert", "carla", "dora"]
    waiting = [Entry(i, f"{rng.choice(users)}/run-{i}") for i in range(int(rng.integers(1, 25)))]
    served = {name: int(rng.integers(0, 9)) for name in users[: rng.integers(0, 5)]}
    order = in_order(rng.permutation(np.array(waiting, object)), served)
    assert sorted(entry.number for entry in order) == [entry.number for entry in waiting]
    for user in users:
        own = [i for i, entry in enumerate(order) if entry.user == user]
        assert [order[i].number for i in own] == sorted(order[i].number for i in own)
        for before, after in pairwise(own):  # everybody who waits then comes between two of one user
            between = {entry.user for entry in order[before + 1 : after]}
            assert between == {entry.user for entry in order[before + 1 :]} - {user}


def test_what_had_begun_before_it_was_killed_begins_first():
    waiting = [Entry(1, "anna/a", tries=1), Entry(2, "bert/b"), Entry(3, "carla/c", tries=2)]
    assert [entry.user for entry in in_order(waiting, {"anna": 5})] == ["anna", "carla", "bert"]


def test_who_was_served_longest_ago_is_next():
    waiting = [Entry(1, "anna/a"), Entry(2, "bert/b"), Entry(3, "carla/c")]
    order = in_order(waiting, {"anna": 5, "carla": 3})
    assert [entry.user for entry in order] == ["bert", "carla", "anna"]
