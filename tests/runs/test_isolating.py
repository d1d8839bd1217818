"""Images that end their process, found by halving: whatever they are, each image has exactly one row."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.data.parts import find_parts
from tenfold.errors import DataError, StorageError
from tenfold.runs.answers import identity
from tenfold.runs.picture_answers import Way
from tenfold.runs.sharded import isolating
from tenfold.runs.sharded.isolating import Isolating
from tenfold.runs.sharded.manifest import Manifest, Shard
from tenfold.runs.sharded.prediction import Shards, Source
from tenfold.runs.sharded.shard_reader import ShardReader

N = 200


class Mortal:
    """A worker that ends at some images, and at its first questions; it computes in this process."""

    def __init__(self, reader: ShardReader, deadly: set[int], unlucky: int = 0) -> None:
        self.reader, self.deadly, self.unlucky, self.deaths = reader, deadly, unlucky, 0

    def ask(self, question: Any) -> dict[str, Any] | None:
        piece, path, error = Shard(**question["piece"]), Path(question["path"]), question["error"]
        if error is not None:
            self.reader.write_error(path, piece, DataError(error))
            return {}
        if self.unlucky or self.deadly.intersection(range(piece.start, piece.stop)):
            self.unlucky, self.deaths = max(self.unlucky - 1, 0), self.deaths + 1
            return None
        self.reader.write(path, piece)
        return {}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    path = tmp_path_factory.mktemp("source") / "a.npy"
    np.save(path, np.random.default_rng(0).integers(0, 256, (N, 28, 28)).astype(np.uint8))
    network = identity(None, "shipped")
    way = {"single": False, "digits_only": False, "max_megapixels": 16.0}
    told = {"run": None, "networks": [], "model": "shipped", "network": network, "way": way}
    assert Way(**way).label == ""
    return Shards(N).manifest(Source(parts=find_parts([str(path)]) or []), told)


@pytest.fixture(scope="module")
def reader(manifest: Manifest) -> ShardReader:
    return ShardReader(Path(), manifest)


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.fault(
    "many images", "images end their process each time", "found by halving, marked; others read"
)
@settings(max_examples=6)
@given(deadly=st.sets(st.integers(0, N - 1), max_size=4), unlucky=st.integers(0, 2))
def test_whatever_kills_each_image_has_one_row(
    manifest: Manifest, reader: ShardReader, deadly: set[int], unlucky: int
) -> None:
    [shard] = manifest.shards()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        worker = Mortal(reader, deadly, unlucky)
        guarded = Isolating(folder, manifest, worker)
        guarded.write(shard)
        found = rows(folder / "part-000000.csv")
        left = [path.name for path in folder.rglob("*") if path.is_file()]
    assert left == ["part-000000.csv"]
    assert [int(row["index"]) for row in found] == list(range(N))
    assert {int(row["row"]) for row in found if row["error"]} == deadly
    assert all(bool(row["predicted"]) != bool(row["error"]) for row in found)
    assert guarded.marked == len(deadly)
    assert worker.deaths <= 2 + unlucky + len(deadly) * 5


@pytest.mark.fault("many images", "a machine ends every process", "the command stops, and says so")
def test_too_many_deaths_are_the_machine_s(
    manifest: Manifest, reader: ShardReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolating, "MOST_MARKED", 3)
    [shard] = manifest.shards()
    with pytest.raises(StorageError, match="expected at most 3 images that end the process that reads them"):
        Isolating(tmp_path, manifest, Mortal(reader, set(range(N)))).write(shard)
    assert not list(tmp_path.glob("part*"))


def test_pieces_of_parquet_become_one_file(manifest: Manifest, tmp_path: Path) -> None:
    from dataclasses import replace

    import pyarrow.parquet as pq

    parquet = replace(manifest, form="parquet", probabilities=True)
    reader = ShardReader(tmp_path, parquet)
    [shard] = parquet.shards()
    Isolating(tmp_path, parquet, Mortal(reader, {0, N - 1})).write(shard)
    table = pq.read_table(tmp_path / "part-000000.parquet").to_pydict()
    assert table["index"] == list(range(N))
    assert [row for row, error in enumerate(table["error"]) if error] == [0, N - 1]
    assert table["p_0"][0] is None
    assert 0 <= table["p_0"][1] <= 1
