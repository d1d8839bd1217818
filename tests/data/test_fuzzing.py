"""The fuzzer's own few seconds: `make fuzz` runs it for a minute on each reader."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tenfold.data import find_digits, read_picture


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "fuzz.py"
    spec = importlib.util.spec_from_file_location("fuzz", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.fault("data", "sound files are changed at random", "a TenfoldError or a right value")
@pytest.mark.parametrize("name", ["picture", "idx"])
def test_mutations_of_sound_files_raise_nothing_else(fuzz: ModuleType, name: str) -> None:
    target, seeds = fuzz.TARGETS[name]
    rng = np.random.default_rng(0)
    for data in seeds():
        target(data)
        for _ in range(10):
            target(fuzz._mutated(data, rng))


def test_the_seeds_are_sound(fuzz: ModuleType) -> None:
    """Else their mutations would stop at the first byte."""
    pictures = [data[1:] for data in fuzz.picture_seeds() if data[:1] == b"\0"]
    assert len(pictures) >= 8
    for data in pictures:
        assert [len(line) for line in find_digits(read_picture(data)).lines] == [1]
    assert find_digits(read_picture(fuzz._png(fuzz.picture_seeds()[-2][1:]))).lines


def test_a_finding_is_kept(
    fuzz: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes) -> None:
        raise KeyError(len(data))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(fuzz.TARGETS, "idx", (broken, fuzz.idx_seeds))
    with pytest.raises(KeyError):
        fuzz.with_mutations("idx", 1, seed=0)
    [kept] = tmp_path.iterdir()
    assert kept.name.startswith("crash-idx-")
    assert kept.name in capsys.readouterr().err
