"""What else the bits of a run depend on, and how a change of it is said."""

from importlib import metadata

import pytest

from tenfold.machine import processor
from tenfold.train.versions import changes, versions


def test_everything_that_computes_is_there():
    found = versions()
    for package in ("numpy", "numba", "llvmlite"):
        assert found[package] == metadata.version(package)
    assert found["processor"] == processor()
    assert found.keys() == {"tenfold", "python", "processor", "numpy", "numba", "llvmlite"}


NOW = {"numba": "0.66", "processor": "B"}
CHANGES = {
    "nothing": (NOW, ""),
    "a version": ({**NOW, "numba": "0.65"}, "numba 0.65, now 0.66"),
    "the processor": ({**NOW, "processor": "A"}, "processor A, now B"),
    "something new": ({"processor": "B"}, "numba unknown, now 0.66"),
    "no versions at all": (None, "numba unknown, now 0.66; processor unknown, now B"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_named(name):
    saved, words = CHANGES[name]
    assert changes(saved, NOW) == words
