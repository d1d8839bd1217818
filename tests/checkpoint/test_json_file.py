"""JSON within bounds."""

import math

import pytest

from tenfold.checkpoint import dump_json, parse_json, read_json
from tenfold.errors import CheckpointError

REFUSED = {
    "empty": (b"", "Expecting value"),
    "cut short": (b'{"a": 1', "Expecting"),
    "a string without an end": (b'{"a": "' + b'\\"' * (2**19 - 4), "Unterminated string"),
    "a string that ends in an escape": (b'"' + b"\\" * (2**20 - 2), "Unterminated string"),
    "two values": (b"{} {}", "Extra data"),
    "NaN": (b"[NaN]", "NaN is not a JSON number"),
    "infinity": (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
    "1e999": (b"[1e999]", "1e999 is too large"),
    "a number of 5,000 digits": (b"9" * 5000, "4300"),
    "key twice": (b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate key 'c'"),
    "21 deep": (b"[" * 21 + b"]" * 21, "nested deeper than 20"),
    "a million deep": (b"[" * 10**6, "nested deeper than 20"),
    "no UTF-8": (b'"\xff"', "decode"),
    "too large": (b" " * (2**20 + 1), "at most 1048576 bytes"),
}


@pytest.mark.fault(
    "checkpoints", "JSON is too large, too deep, truncated, or has NaN or a key twice", "rejected by name"
)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    content, message = REFUSED[name]
    with pytest.raises(CheckpointError, match=message) as refused:
        parse_json(content, where="state.json")
    assert str(refused.value).startswith("state.json")
    assert len(str(refused.value)) < 300


def test_brackets_in_strings_and_20_levels_are_fine():
    assert parse_json(b'["[[[[[[[[[[[[[[[[[[[[[[\\"[", 1]', where="x") == ["[" * 22 + '"[', 1]
    assert parse_json(b"[" * 20 + b"]" * 20, where="x")


def test_floats_and_long_integers_come_back_exactly(tmp_path):
    value = {"b": [0.1, 1e-320, math.pi, -0.0], "a": 2**127 + 1, "text": "é\n<", "none": None}
    (tmp_path / "x.json").write_bytes(dump_json(value))
    assert read_json(tmp_path / "x.json") == value


def test_what_json_cannot_carry_is_not_written():
    for value in (math.nan, math.inf, {"a": object()}):
        with pytest.raises(CheckpointError, match="expected values that JSON can represent"):
            dump_json(value)


def test_equal_values_have_one_spelling():
    assert dump_json({"b": 1, "a": 2}) == dump_json({"a": 2, "b": 1})
