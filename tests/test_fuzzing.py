"""The fuzzers' own few seconds: `make fuzz` runs each for a while."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import find_digits, read_picture
from tenfold.errors import ConfigError

sys.path.append(str(Path(__file__).parents[1] / "tools" / "fuzz"))
import alterations
import bounds
import engines
import pictures
from target import Target
from targets import TARGETS


@pytest.mark.fault("data", "valid files are changed at random", "a TenfoldError or a correct value")
@pytest.mark.parametrize("name", TARGETS)
def test_changes_of_sound_files_raise_nothing_else(name: str) -> None:
    rng = np.random.default_rng(0)
    call = bounds.bounded(TARGETS[name].call)
    for data in TARGETS[name].seeds():
        call(data)
        for _ in range(5):
            call(engines.mutated(data, rng))


def test_the_seeds_are_sound() -> None:
    """Else their mutations would stop at the first byte."""
    found = [data[1:] for data in TARGETS["picture"].seeds() if data[:1] == b"\0"]
    assert len(found) >= 8
    for data in found:
        [row] = find_digits(read_picture(data)).view(0).rows
        assert len(row.candidates) == 1
    assert find_digits(read_picture(pictures._png(TARGETS["picture"].seeds()[-2][1:]))).view(0).rows


@pytest.mark.parametrize("name", ["csv", "json", "safetensors"])
def test_sound_documents_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(text: str) -> None:
        pytest.fail(text)

    for module in (bounds, sys.modules["json_files"]):
        monkeypatch.setattr(module, "check_line", nothing)
    for data in TARGETS[name].seeds():
        if data[: 2 if name == "json" else 1].endswith(b"\0"):
            TARGETS[name].call(data)


def test_alterations_are_json_and_many() -> None:
    value, rng = {"a": [1, {"b": "c"}], "d": None}, np.random.default_rng(0)
    texts = {alterations.altered(value, rng.bytes(12)) for _ in range(500)}
    assert len(texts) > 300
    for text in texts:
        json.loads(text)
    assert value == {"a": [1, {"b": "c"}], "d": None}
    assert json.loads(alterations.altered(value, b"")) == value


def test_a_finding_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes) -> None:
        raise KeyError(len(data))

    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyError):
        engines.with_mutations("idx", Target(broken, TARGETS["idx"].seeds), engines.Extent(1), seed=0)
    [kept] = tmp_path.iterdir()
    assert kept.name.startswith("crash-idx-")
    assert kept.name in capsys.readouterr().err


class _Endless(ConfigError):
    def __str__(self) -> str:
        return "x" * 5000


def test_what_is_too_slow_or_no_line_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(data: bytes) -> None:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    def wordy(data: bytes) -> None:
        with bounds.refused_in_one_line():
            raise ConfigError(data.decode())

    def endless(data: bytes) -> None:
        with bounds.refused_in_one_line():
            raise _Endless

    monkeypatch.setattr(bounds, "MOST_SECONDS", 0.01)
    with pytest.raises(RuntimeError, match="an input took"):
        bounds.bounded(slow)(b"")
    for text in (b"", b"two\nlines"):
        with pytest.raises(RuntimeError, match="an error that is not one line"):
            wordy(text)
    with pytest.raises(RuntimeError, match="an error that is not one line"):
        endless(b"")
    wordy(b"one line")
    peaks = iter([3 << 30, (3 << 30) + (900 << 20), 5 << 30])
    monkeypatch.setattr(bounds, "peak_memory", lambda: next(peaks))
    target = bounds.bounded(lambda data: None)
    target(b"")
    with pytest.raises(RuntimeError, match=r"the inputs so far took 2048 MiB"):
        target(b"")


def test_so_many_inputs_are_the_same_ones_each_time() -> None:
    tried: list[list[bytes]] = [[], []]
    for inputs in tried:
        target = Target(inputs.append, TARGETS["idx"].seeds)
        assert engines.with_mutations("idx", target, engines.Extent(0, inputs=30), seed=1) == 30
    assert tried[0] == tried[1]
    assert len(tried[0]) == 30
