"""What the entries watch, under which protocol."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.errors import ConfigError
from tenfold.zoo import ENTRIES, entry, split_for_protocol, watch_rule, watched

LOOKED = {name for name, found in ENTRIES.items() if found.watched}
NETWORKS = [name for name, found in ENTRIES.items() if found.is_network]


def images(n: int, name: str) -> Dataset:
    numbers = np.arange(n, dtype=np.uint16).view(np.uint8).reshape(n, 1, 2)
    return Dataset(numbers, np.arange(n) % 10, name)


TRAIN, TEST = images(600, "train"), images(100, "test")


def test_one_author_looked_at_the_test_images_without_choosing_by_them() -> None:
    assert {"keras-lenet"} == LOOKED
    assert all(entry(name).selection_set != "test" for name in LOOKED)


@pytest.mark.parametrize("name", NETWORKS)
def test_by_default_the_published_protocol_watches_what_the_authors_did(name: str) -> None:
    assert watch_rule(entry(name), "honest") == "none"
    assert watch_rule(entry(name), "published") == ("test" if name in LOOKED else "none")
    assert watch_rule(entry(name), "published", "none") == "none"


@pytest.mark.parametrize("name", NETWORKS)
def test_the_honest_protocol_never_watches_the_test_images(name: str) -> None:
    with pytest.raises(ConfigError, match="the honest protocol uses the test images once"):
        watch_rule(entry(name), "honest", "test")


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("protocol", ["honest", "published"])
@pytest.mark.parametrize("wish", [None, "none", "validation", "test"])
def test_nothing_is_watched_twice_and_nothing_trained_on_is_held_out(name, protocol, wish) -> None:
    found = entry(name)
    try:
        what = watch_rule(found, protocol, wish)
    except ConfigError:
        assert (protocol, wish) in {("honest", "test"), ("published", "validation")}
        return
    parts = split_for_protocol(found.selection_set, protocol, TRAIN, TEST, seed=3)
    given, watch = watched(parts, what, TEST, seed=3)
    assert given[1:] == parts[1:]  # what choices are made on stays
    assert given.what not in watch or given.held_out is None
    assert len(watch) <= 1
    if what == "validation":
        [held] = watch.values()
        assert (len(given.train), len(held)) == (500, 100)
        taken = {tuple(image.ravel()) for image in held.images}
        assert not taken & {tuple(image.ravel()) for image in given.train.images}
    else:
        assert given.train is parts.train


def test_an_unknown_wish_is_refused() -> None:
    with pytest.raises(ConfigError, match="'tests'"):
        watch_rule(entry("nn1l"), "published", "tests")


def test_authors_who_held_out_nothing_are_not_improved_on() -> None:
    for name in ("keras-lenet", "lenet5", "scratch-12"):
        with pytest.raises(ConfigError, match=f"the authors of {name} held out no validation images"):
            watch_rule(entry(name), "published", "validation")
    assert watch_rule(entry("mlp-800"), "published", "validation") == "none"  # evaluated anyway
