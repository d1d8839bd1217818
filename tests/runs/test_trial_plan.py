"""Which trials are asked for, what they are given, what is kept and shown of them."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tenfold.errors import ConfigError
from tenfold.evaluate import Trial
from tenfold.runs.launch.local import shares_of_cores
from tenfold.runs.record import Choice, Record
from tenfold.runs.trial_display import LiveTrials
from tenfold.runs.trial_figures import protocol_gain
from tenfold.runs.trial_plan import parse_seeds, plan
from tenfold.runs.trial_pool import Outcome
from tenfold.train import EpochRow


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0-3", [0, 1, 2, 3]),
        ("7", [7]),
        ("12,0,7", [0, 7, 12]),
        ("4294967295", [2**32 - 1]),
        ("0-2,1-3", [0, 1, 2, 3]),
    ],
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "3-1", "-1", "1-", "0-10000", "1;2"])
def test_seeds_that_cannot_be_read(text: str) -> None:
    with pytest.raises(
        ConfigError,
        match="--seeds: expected seeds like 0-9 or 0,7,12, at most 10,000 of up to ten digits, got",
    ):
        parse_seeds(text)


@pytest.mark.fault("sizes", "far too many seeds", "rejected in one line, at once")
@pytest.mark.parametrize("text", ["0-999999999999", "0-999999999", "0-9999,10000-19999"])
def test_seeds_without_end(text: str, refused_in_one_line) -> None:
    with refused_in_one_line(ConfigError, "--seeds: expected .*at most 10,000"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b"])
def test_a_shard_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigError, match="--shard: expected a part like 1/4, from 1/4 to 4/4, got"):
        plan(["nn1l"], "0-9", "honest", text)


def test_the_plan() -> None:
    both = plan(["nn1l", "knn"], "0-1", "both", "1/1")
    assert {(one.model, one.protocol) for one in both} == {
        ("nn1l", "published"),
        ("nn1l", "honest"),
        ("knn", "published"),  # nothing is chosen: one protocol
    }
    assert plan(["nn1l", "nn1l"], None, "honest", "1/1") == [
        Trial("nn1l", "honest", seed) for seed in (0, 378039, 501968, 757431, 924519)
    ]
    assert {one.model for one in plan(["all"], "0", "honest", "1/1")} >= {"gaussian-nb", "lenet5"}


@pytest.mark.parametrize("parts", [2, 5])
def test_shards_share_the_plan_out(parts: int) -> None:
    whole = plan(["all"], "0-3", "both", "1/1")
    shares = [plan(["all"], "0-3", "both", f"{part}/{parts}") for part in range(1, parts + 1)]
    assert sorted(trial for share in shares for trial in share) == sorted(whole)


def test_cores_are_shared_out() -> None:
    assert shares_of_cores(1) == [None]
    cores = os.sched_getaffinity(0)
    shares = [share or set() for share in shares_of_cores(len(cores))] if len(cores) > 1 else [cores]
    assert set.union(*shares) == cores
    assert sum(map(len, shares)) == len(cores)
    with pytest.raises(ConfigError, match="--jobs: expected at most one for each of"):
        shares_of_cores(len(cores) + 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0.25),
        ({"chosen_epoch": 3}, 0.0),
        ({"choice": Choice("validation", 1)}, None),
        ({"choice": None, "chosen_epoch": None, "recipe": {}}, None),
        ({"recipe": {"choose": "last", "early_stopping": None}}, None),
        ({"recipe": {"choose": "last", "early_stopping": {"monitor": "validation_loss"}}}, 0.25),
    ],
)
def test_what_choosing_on_test_images_was_worth(changes: dict[str, Any], expected: float | None) -> None:
    epochs = [
        EpochRow(i, 1.0, 0.1, 0.9, accuracy, 0.1, 0.1, 32) for i, accuracy in enumerate((0.5, 1.0, 0.75))
    ]
    record = Record(
        model="lenet5",
        dataset="mnist",
        dataset_sha256="",
        dataset_origin="",
        seed=0,
        protocol="published",
        train_images=1,
        train_seconds=3.0,
        choice=Choice("test", 1),
        chosen_epoch=2,
        epochs=tuple(epochs),
        recipe={"choose": "best_of_last(4)", "early_stopping": None},
    )
    assert protocol_gain(replace(record, **changes)) == expected


def test_the_live_table() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100, highlight=False)
    table, trial = LiveTrials(5, console), Trial("lenet5", "honest", 3)
    table.began(trial)
    report = {"epoch": 4, "epochs": 20, "accuracy": 0.9876, "rate": 12345.6, "left": 75.0}
    table.stands(trial, report)
    time.sleep(0.6)  # it is drawn four times a second
    assert "where" not in shown.getvalue()  # all on this machine
    table.runs_on(trial, "node-17")
    table.stands(trial, report)
    table.notice("node-17 computes as another")
    time.sleep(0.6)
    table.ended(Outcome(trial, "done", accuracy=0.99))
    table.close()
    for part in (
        "lenet5",
        "4/20",
        "98.76 %",
        "12,346",
        "1 min 15 s",
        "1 running, 4 to come",
        "where",
        "node-17",
    ):
        assert part in shown.getvalue(), part
    assert "node-17 computes as another" in shown.getvalue()
    assert "lenet5, honest protocol, seed 3: done: 99.00 %" in shown.getvalue()
