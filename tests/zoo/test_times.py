"""Times come from quiet runs in times/, and only those of the model as it is now count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenfold.errors import DataError
from tenfold.zoo import ENTRIES, Duration, digest, times
from tenfold.zoo.times import times_file

ENTRY = ENTRIES["nn1l"]


def record(**changes: Any) -> dict[str, Any]:
    return {
        "machine": "M, 2 cores",
        "others": 0.01,
        "date": "2026-01-02",
        "commit": "abc",
        "digest": digest(ENTRY),
        "train": {"seconds": [2.0, 1.0, 4.0], "epochs": 20, "images": 60_000},
        "predict": {"seconds": [0.2, 0.1], "images": 10_000},
    } | changes


def put(folder: Path, *records: Any) -> Path:
    path = times_file(folder, "nn1l")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"model": "nn1l", "times": records}))
    return path


def test_nothing_timed_is_none(tmp_path: Path) -> None:
    assert times(ENTRY, [tmp_path]) is None


def test_the_latest_counts(tmp_path: Path) -> None:
    put(tmp_path, record(machine="older"), record())
    found = times(ENTRY, [tmp_path / "elsewhere", tmp_path])
    assert found is not None
    assert (found.train, found.epochs, found.train_images) == (Duration(2.0, 1.0, 4.0, 3), 20, 60_000)
    assert (found.predict.median, found.predict.repeats) == (pytest.approx(0.15), 2)
    assert (found.machine, found.others, found.date) == ("M, 2 cores", 0.01, "2026-01-02")


def test_times_of_another_recipe_do_not_count(tmp_path: Path) -> None:
    put(tmp_path, record(digest="of another recipe"))
    assert times(ENTRY, [tmp_path]) is None
    put(tmp_path, record(), record(digest="of another recipe", machine="newer"))
    assert times(ENTRY, [tmp_path]).machine == "M, 2 cores"


@pytest.mark.fault("trials and reports", "a file of times is damaged", "rejected by name, with advice")
@pytest.mark.parametrize("key", ["machine", "others", "date", "commit", "digest", "train", "predict"])
def test_a_file_that_lacks_something(key: str, tmp_path: Path) -> None:
    lacking = record()
    del lacking[key]
    put(tmp_path, lacking)
    with pytest.raises(DataError, match=rf"nn1l\.json: expected the times .*{key}.* remove it"):
        times(ENTRY, [tmp_path])


@pytest.mark.fault("trials and reports", "a file of times is damaged", "rejected by name, with advice")
@pytest.mark.parametrize(
    "changes",
    [{"train": {"seconds": [], "epochs": 1, "images": 1}}, {"predict": None}, {"others": "much"}],
    ids=str,
)
def test_a_file_with_something_else(changes: dict[str, Any], tmp_path: Path) -> None:
    put(tmp_path, record(**changes))
    with pytest.raises(DataError, match=r"nn1l\.json: expected the times"):
        times(ENTRY, [tmp_path])


@pytest.mark.fault("trials and reports", "a file of times is damaged", "rejected by name, with advice")
@pytest.mark.parametrize("content", ["[]", '{"times": 3}', '{"times": [3]}'])
def test_a_file_of_another_kind(content: str, tmp_path: Path) -> None:
    put(tmp_path).write_text(content)
    with pytest.raises(DataError, match=r"nn1l\.json: expected the times"):
        times(ENTRY, [tmp_path])
