"""Large files stay on disk, and a change of one that is in use is noticed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import Dataset, read_idx_images, write_idx
from tenfold.data.mapping import MappedFile
from tenfold.errors import DataError
from tenfold.nn import Dense, Flatten, Sequential
from tenfold.train import Recipe, fit

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.arange(40) % 10


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tenfold.data.idx.MAPPED_FROM", 1)
    write_idx(tmp_path / "images", PIXELS)
    return tmp_path / "images"


def owner(array: object) -> object:
    while isinstance(array, np.ndarray):
        array = array.base
    return array.obj if isinstance(array, memoryview) else array


def test_a_plain_file_is_mapped_and_shared(path: Path) -> None:
    images = read_idx_images(path)
    assert isinstance(owner(images), MappedFile)
    np.testing.assert_array_equal(images, PIXELS)
    assert not images.flags.writeable
    assert np.shares_memory(Dataset(images, LABELS, "mapped").images, images)


def test_a_gzipped_or_small_file_is_read(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(tmp_path / "images.gz", PIXELS)
    assert not isinstance(owner(read_idx_images(tmp_path / "images.gz")), MappedFile)
    monkeypatch.undo()
    assert not isinstance(owner(read_idx_images(path)), MappedFile)


def trained(images: np.ndarray) -> dict[str, np.ndarray]:
    network = Sequential({"flatten": Flatten(), "fc": Dense(784, 10)}, (28, 28, 1))
    data = Dataset(images, LABELS, "some")
    fit(network, Recipe(epochs=2, batch_size=8), data.subset(np.arange(30)), data.subset(np.arange(30, 40)))
    return network.params


def test_a_mapped_set_gives_the_same_bits_as_one_in_memory(path: Path) -> None:
    mapped, in_memory = trained(read_idx_images(path)), trained(PIXELS)
    for name, array in in_memory.items():
        np.testing.assert_array_equal(mapped[name], array)


@pytest.mark.fault("data", "a large file is changed while it is trained on", "one line before the next epoch")
@pytest.mark.parametrize("change", ["written to", "cut short", "made longer"])
def test_a_change_is_noticed(path: Path, change: str) -> None:
    data = Dataset(read_idx_images(path), LABELS, "mapped")
    data.subset([1, 2]).check_unchanged()
    match change:
        case "written to":
            with path.open("r+b") as stream:
                stream.write(b"\1")
            os.utime(path, ns=(0, 0))  # a clock may be too coarse to show it
        case "cut short":
            os.truncate(path, 100)
        case "made longer":
            os.truncate(path, 10**6)
    with pytest.raises(DataError, match=r"found it changed; leave it alone while it is in use"):
        data.subset([1, 2]).check_unchanged()


def test_a_new_file_in_its_place_does_no_harm(path: Path) -> None:
    data = Dataset(read_idx_images(path), LABELS, "mapped")
    write_idx(path, PIXELS[:5])  # written beside it and renamed
    data.check_unchanged()
    np.testing.assert_array_equal(data.images, PIXELS)
