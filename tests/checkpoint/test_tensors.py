"""Safetensors files: what was written comes back, what is malformed is refused by name."""

import json
import os
import pickle
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from tenfold.checkpoint import parse_tensors
from tenfold.checkpoint.tensors import pack_tensors
from tenfold.errors import CheckpointError

TENSORS = {
    "conv.weight": np.arange(12, dtype=np.float32).reshape(2, 3, 2),
    "fc.bias": np.array([1.5, -0.0], np.float64),
    "count": np.array(7, np.int64),
    "nothing": np.zeros((0, 4), np.float32),
    "images": np.arange(255, dtype=np.uint8).reshape(3, 85),
}


def packed(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


MALFORMED = {
    "empty": (b"", "expected a safetensors file"),
    "seven bytes": (b"1234567", "at least 8 bytes, found 7"),
    "header length 2**60": (struct.pack("<Q", 2**60) + b"{}", f"found a length of {2**60}"),
    "header longer than the file": (struct.pack("<Q", 3) + b"{}", "at most 2 bytes, found a length of 3"),
    "header no JSON": (packed(b"{'a'}"), "expected valid JSON"),
    "header no UTF-8": (packed(b"\xff\xfe"), "expected valid JSON"),
    "header a list": (packed([]), "expected a header of named tensors, got a list"),
    "name twice": (packed(b'{"a": {}, "a": {}}'), "duplicate key 'a'"),
    "no offsets": (packed({"a": {"dtype": "F32", "shape": [2]}}), "expected dtype, shape, data_offsets"),
    "entry a string": (packed({"a": "F32"}), "expected dtype, shape, data_offsets"),
    "half precision": (packed({"a": entry("F16")}, bytes(8)), "expected dtype F32, F64, I64, U8, got 'F16'"),
    "dtype a list": (packed({"a": entry([])}, bytes(8)), "expected dtype"),
    "negative size": (packed({"a": entry(shape=[-2])}, bytes(8)), "in whole numbers"),
    "size a float": (packed({"a": entry(shape=[2.0])}, bytes(8)), "in whole numbers"),
    "size true": (packed({"a": entry(shape=[True])}, bytes(8)), "in whole numbers"),
    "three offsets": (packed({"a": entry(offsets=[0, 4, 8])}, bytes(8)), "in whole numbers"),
    "nine dimensions": (packed({"a": entry(shape=[1] * 9)}, bytes(4)), "in whole numbers"),
    "overflowing shape": (packed({"a": entry(shape=[2**40, 2**40])}, bytes(8)), f"expected {2**82} bytes"),
    "shape too large": (packed({"a": entry(shape=[3])}, bytes(8)), "expected 12 bytes"),
    "end before begin": (packed({"a": entry(offsets=[8, 0])}, bytes(8)), "got bytes 8 to 0 of 8"),
    "beyond the end": (packed({"a": entry(offsets=[4, 12])}, bytes(8)), "got bytes 4 to 12 of 8"),
    "overlap": (packed({"a": entry(), "b": entry(offsets=[4, 12])}, bytes(12)), "an overlap in bytes 4 to 8"),
    "hole": (packed({"a": entry(), "b": entry(offsets=[12, 20])}, bytes(20)), "a gap in bytes 8 to 12"),
    "hole at the start": (packed({"a": entry(offsets=[4, 12])}, bytes(12)), "a gap in bytes 0 to 4"),
    "bytes left over": (packed({"a": entry()}, bytes(9)), "a gap in bytes 8 to 9"),
    "signed bytes": (packed({"a": entry("I8")}, bytes(8)), "expected dtype F32, F64, I64, U8, got 'I8'"),
    "bytes too few": (packed({"a": entry("U8", [9])}, bytes(8)), "expected 9 bytes .* 0 to 8 of 8"),
    "bytes of four each": (packed({"a": entry("U8", [2])}, bytes(8)), "expected 2 bytes"),
    "bytes beyond the end": (packed({"a": entry("U8", [9], (0, 9))}, bytes(8)), "bytes 0 to 9 of 8"),
    "bytes overflowing": (packed({"a": entry("U8", [2**40, 2**40])}, bytes(8)), f"expected {2**80} bytes"),
    "bytes overlapping": (
        packed({"a": entry("U8", [5], (0, 5)), "b": entry("U8", [4], (4, 8))}, bytes(8)),
        "an overlap in bytes 4 to 5",
    ),
    "a hole of one byte": (
        packed({"a": entry("U8", [3], (0, 3)), "b": entry("U8", [4], (4, 8))}, bytes(8)),
        "a gap in bytes 3 to 4",
    ),
    "empty beyond 64 bits": (
        packed({"a": entry(shape=[0, 2**62, 2**62], offsets=[0, 0])}),
        "sizes that an array",
    ),
    "empty and too long": (packed({"a": entry(shape=[0, 2**63 - 1], offsets=[0, 0])}), "sizes that an array"),
    "sizes beyond 64 bits": (packed({"a": entry(shape=[10**4000] * 2)}, bytes(8)), "in whole numbers"),
    "offsets beyond 64 bits": (
        packed({"a": entry(offsets=[2**64, 2**64 + 8])}, bytes(8)),
        "in whole numbers",
    ),
    "a long name": (packed({"a" * 5000: entry("F16")}, bytes(8)), r"tensor 'a{56}\.\.\.: expected dtype"),
    "a long dtype": (packed({"a": entry("F" * 5000)}, bytes(8)), r"got 'F{56}\.\.\.; convert it$"),
    "deep": (packed(b'{"a":' + b"[" * 30 + b"]" * 30 + b"}"), "nested deeper than 20"),
}


def test_arrays_come_back_as_they_were():
    found = parse_tensors(pack_tensors(TENSORS), where="x")
    assert found.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
        assert found[name].flags.writeable


def test_an_array_that_is_not_contiguous_is_saved_in_its_own_order():
    array = np.arange(6, dtype=np.float32).reshape(2, 3).T
    np.testing.assert_array_equal(parse_tensors(pack_tensors({"a": array}), where="x")["a"], array)


def test_the_safetensors_library_reads_our_files_and_we_read_its():
    theirs = safetensors.numpy.load(pack_tensors(TENSORS))
    ours = parse_tensors(safetensors.numpy.save(TENSORS, metadata={"made by": "them"}), where="x")
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(theirs[name], array)
        np.testing.assert_array_equal(ours[name], array)


def test_numbers_behind_an_odd_number_of_bytes():
    numbers = np.array([1.5, -2.0], "<f4")
    header = {"images": entry("U8", [3], (0, 3)), "weights": entry("F32", [2], (3, 11))}
    found = parse_tensors(packed(header, bytes([0, 127, 255]) + numbers.tobytes()), where="x")
    np.testing.assert_array_equal(found["images"], np.array([0, 127, 255], np.uint8), strict=True)
    np.testing.assert_array_equal(found["weights"], numbers.astype(np.float32), strict=True)


def test_other_dtypes_are_not_written():
    with pytest.raises(CheckpointError, match="expected float32, float64, int64 or uint8, got float16"):
        pack_tensors({"a": np.zeros(2, np.float16)})


@pytest.mark.fault(
    "checkpoints",
    "a safetensors file is empty, truncated, promises 2**60 bytes, overlaps or leaves holes",
    "rejected by name",
)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files_are_refused_by_name(name):
    content, message = MALFORMED[name]
    with pytest.raises(CheckpointError, match=message) as refused:
        parse_tensors(content, where="run/weights.safetensors")
    assert str(refused.value).startswith("run/weights.safetensors")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


class _Runs:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (self.marker,)


@pytest.mark.fault("checkpoints", "a pickle is renamed .safetensors", "rejected, and does not run")
def test_a_pickle_under_another_name_is_refused_and_does_not_run(tmp_path):
    marker = str(tmp_path / "executed")
    pickled = pickle.dumps(_Runs(marker))
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        parse_tensors(pickled, where="weights.safetensors")
    assert not os.path.exists(marker)
    pickle.loads(pickled)
    assert os.path.exists(marker)  # it would have


@pytest.mark.fault(
    "checkpoints",
    "bytes of a safetensors file are changed at random",
    "one line, or arrays no larger than the file",
)
@given(st.data())
def test_no_damage_raises_anything_but_the_one_error(data):
    content = bytearray(pack_tensors(TENSORS))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        tensors = parse_tensors(content, where="x")
    except CheckpointError:
        tensors = {}
    assert sum(array.nbytes for array in tensors.values()) <= len(content)
