"""What a run says of itself: written, read again, and refused in one line where it is damaged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tenfold.checkpoint import dump_json
from tenfold.errors import CheckpointError
from tenfold.runs.record import Choice, Figures, Identity, Record, read_record, write_record
from tenfold.train import EpochRow
from tenfold.train.history import EpochMetrics
from tenfold.zoo import trained, trained_run

ROWS = tuple(
    EpochRow(epoch, 1.5, 0.3, 0.9, 0.91, 0.29, 1e-3, 32, {"test": EpochMetrics(0.9, 0.3)}, 0.1)
    for epoch in (1, 2)
)
RECORD = Record(
    model="mine",
    dataset="digits",
    dataset_sha256="ab" * 32,
    seed=7,
    protocol="honest",
    start="shipped",
    watch="validation",
    dataset_origin="/data/digits",
    train_images=400,
    train_first=500,
    choice=Choice("validation", 80),
    watched={"test": 60},
    watch_seconds=0.2,
    parameters=7850,
    epochs=ROWS,
    train_seconds=3.0,
    chosen_epoch=2,
    stopped="early stopping",
    notices=("a remark",),
    recipe={"epochs": 2},
    network={"input_shape": [28, 28, 1], "layers": []},
    members=({"member": "one"},),
    test=Figures("test", 60, 0.9, (0.8, 0.95), 0.3, 0.01),
    run="runs/mine",
    report="runs/mine/report.html",
    commit="0123456789ab",
    machine="a machine, 2 cores",
    system="Linux",
    versions={"numpy": "2.0"},
    made_by="python",
    device="cuda:0 (a GPU), PyTorch 2.13.0",
    workers=2,
    source={"file": "net.py", "function": "build", "sha256": "ab" * 32},
)
LEAST = {
    "format": 1,
    "model": "mine",
    "dataset": "digits",
    "dataset_sha256": "ab",
    "dataset_origin": "digits",
    "train_images": 400,
    "seed": 0,
    "protocol": "honest",
    "epochs": [],
    "train_seconds": 0,
    "recipe": {},
}
"""What every record has had."""


def written(values: Mapping[str, Any], folder: Path) -> Path:
    (folder / "run.json").write_bytes(dump_json(dict(values)))
    return folder


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(RECORD, id="everything"),
        pytest.param(replace(RECORD, test=None, choice=None, chosen_epoch=None, network=None), id="less"),
        pytest.param(Record.from_json(LEAST, "here"), id="the least"),
    ],
)
def test_what_is_written_is_read(record: Record, tmp_path: Path) -> None:
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def test_every_field_has_a_value_of_its_own_in_these_tests() -> None:
    assert [one.name for one in fields(Record) if getattr(RECORD, one.name) is None] == ["train_on"]


def test_a_record_without_what_came_later_is_read() -> None:
    record = Record.from_json(LEAST, "here")
    assert (record.train_on, record.choice, record.test, record.members, record.watched) == (
        None,
        None,
        None,
        (),
        {},
    )


@pytest.mark.parametrize("name", trained())
def test_the_records_that_come_with_tenfold_keep_every_value(name: str, tmp_path: Path) -> None:
    there, record = json.loads((trained_run(name) / "run.json").read_bytes()), read_record(trained_run(name))
    again = json.loads(dump_json(record.to_json()))
    assert there.keys() <= again.keys()
    for key in there.keys() - {"epochs", "recipe", "test"}:  # whose losses had another name
        assert again[key] == there[key], key
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def test_only_what_few_runs_have_is_left_out() -> None:
    assert Record.from_json(LEAST, "here").to_json().keys() == {"format"} | {
        one.name for one in fields(Record)
    } - {"network", "members", "run", "report", "made_by", "device", "class_names", "workers", "source"}


@pytest.mark.fault(
    "run folder", "a value in a run's record is of another kind", "one line names file and value"
)
@pytest.mark.parametrize("name", [one.name for one in fields(Record)])
@pytest.mark.parametrize("value", [{"a": [None]}, [["a"]], [7], "text", -1.5, True], ids=str)
def test_a_value_of_another_kind_is_refused_by_name(name: str, value: object, tmp_path: Path) -> None:
    folder = written(RECORD.to_json() | {name: value}, tmp_path)
    try:
        record = read_record(folder)
    except CheckpointError as error:
        said = str(error)
    else:
        assert json.loads(dump_json(record.to_json()))[name] == value  # it is of the right kind
        return
    assert said.startswith(f"{tmp_path}/run.json: expected {name}, found ")
    assert said.endswith("; train it again")
    assert "\n" not in said


@pytest.mark.fault("run folder", "a value in a run's record is missing", "one line names file and value")
@pytest.mark.parametrize("name", sorted(LEAST))
def test_what_every_record_has_is_required(name: str, tmp_path: Path) -> None:
    values = {key: value for key, value in LEAST.items() if key != name}
    what = "a record of format 1" if name == "format" else name
    with pytest.raises(CheckpointError, match=f"expected {what}, found .*; train it again"):
        read_record(written(values, tmp_path))


@pytest.mark.fault(
    "run folder", "a value in a run's record is of another kind", "one line names file and value"
)
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"chosen_epoch": 3}, "expected chosen_epoch from 1 to 2, found 3"),
        ({"chosen_epoch": 0}, "expected chosen_epoch from 1 to 2, found 0"),
        ({"epochs": [{"epoch": 1}], "chosen_epoch": None}, "expected epochs, found"),
        ({"epochs": [ROWS[0].to_dict() | {"train_accuracy": "high"}]}, "expected epochs, found"),
        ({"choice": {"set": "test"}}, "expected choice, found"),
        ({"test": {"accuracy": 0.9}}, "expected test, found"),
        ({"versions": {"numpy": 2}}, "expected versions, found"),
    ],
)
def test_what_is_inside_is_looked_at_too(change: dict[str, Any], text: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=rf"run\.json: {text}"):
        read_record(written(RECORD.to_json() | change, tmp_path))


def test_the_identity_is_a_part_of_the_record() -> None:
    part = Identity.from_json(RECORD.to_json(), "here")
    assert part.to_json().items() <= RECORD.to_json().items()
