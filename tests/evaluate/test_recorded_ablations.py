"""Ablations as tables of the docs: the authors' accuracy of each step beside ours, where it is measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenfold.errors import DataError
from tenfold.evaluate.ablation import ablation_table, put_record, read_ablation
from tenfold.zoo import digest

LINKS = read_ablation("ghouzam").variants


def found(**changes: Any) -> dict[str, Any]:
    steps = [
        {"accuracies": [0.981, 0.983], "accuracy": {"given": 0.982}, "worth": None, "finding": "base"},
        {
            "accuracies": [0.996, 0.998],
            "accuracy": {"given": 0.997},
            "worth": {"difference": 0.015},
            "finding": "better",
        },
    ]
    digests = [digest(link.entry) for link in LINKS]
    return {"dataset": "mnist", "protocol": "published", "steps": steps, "digests": digests} | changes


def put(results: Path, record: Any) -> Path:
    folder = results / "ablations" / "ghouzam"
    folder.mkdir(parents=True)
    return put_record(folder, record)


def test_what_is_measured_stands_beside_what_is_published(tmp_path: Path) -> None:
    put(tmp_path, found())
    table = ablation_table("ghouzam", [tmp_path / "elsewhere", tmp_path])
    assert table.title == "Without augmentation and with it, published protocol"
    assert table.rows == (
        ("ghouzam-plain", "98.114 %", "98.200 %", "2", "-", "base"),
        ("augmentation", "99.67 %", "99.700 %", "2", "+1.500", "better"),
    )


NOT_THIS_ONE = {
    "nothing": None,
    "another recipe": found(digests=["a", "b"]),
    "another data set": found(dataset="mnist-5k"),
    "fewer epochs": found(digests=[digest(link.entry, 1) for link in LINKS]),
}


@pytest.mark.parametrize("name", NOT_THIS_ONE)
def test_what_is_not_measured_is_said_to_be(name: str, tmp_path: Path) -> None:
    if NOT_THIS_ONE[name] is not None:
        put(tmp_path, NOT_THIS_ONE[name])
    assert ablation_table("ghouzam", [tmp_path]).rows == (
        ("ghouzam-plain", "98.114 %", "not measured", "0", "-", "-"),
        ("augmentation", "99.67 %", "not measured", "0", "-", "-"),
    )


def test_a_step_that_failed(tmp_path: Path) -> None:
    record = found()
    record["steps"][1] = {"accuracies": [], "accuracy": None, "worth": None, "finding": "failed"}
    put(tmp_path, record)
    assert ablation_table("ghouzam", [tmp_path]).rows[1][2:] == ("not measured", "0", "-", "failed")


@pytest.mark.fault("trials and reports", "an ablation's record is damaged", "rejected by name, with advice")
@pytest.mark.parametrize(
    "content",
    ["[]", "{}", json.dumps(found(steps=[{}, {}])), json.dumps(found(steps=3))],
    ids=["a list", "empty", "empty steps", "a number"],
)
def test_a_record_of_something_else(content: str, tmp_path: Path) -> None:
    put(tmp_path, {}).write_text(content)
    with pytest.raises(
        DataError, match=r"ablation\.json: expected a file that `tenfold ablate ghouzam` wrote"
    ):
        ablation_table("ghouzam", [tmp_path])
