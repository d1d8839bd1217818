"""Values in messages."""

from __future__ import annotations

import math
import os

import pytest

from tenfold.quoting import quoted

VALUES = [
    "adam",
    "a\nb\x1b[31m\ud800",
    "x" * 10_000,
    [10**400] * 1000,
    {"a": [None] * 1000},
    10**5000,
    math.nan,
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_is_one_short_printable_line(value: object) -> None:
    for most in (20, 60):
        text = quoted(value, most)
        assert len(text) <= max(most, 40)
        assert text.isprintable()
        assert os.fsencode(text).decode() == text


def test_a_short_value_is_as_python_writes_it() -> None:
    assert [quoted(value) for value in (1.5, "a", None, [1])] == ["1.5", "'a'", "None", "[1]"]
