"""Speed runs: what is written for each seed, read back, and continued."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.any_images import CORPORA

from tenfold.checkpoint import dump_json, read_json
from tenfold.data import Dataset
from tenfold.errors import ConfigError, DataError
from tenfold.interrupt import Interrupted, Stopped
from tenfold.runs.speedrun import Session, run_seeds, training_flops, warm_up
from tenfold.runs.speedrun_lines import operations, plan_row, remarks, result_row, spread
from tenfold.runs.speedrun_record import Side, measurement, measurements, put_record, read_record
from tenfold.zoo import NetworkModel
from tenfold.zoo.speedruns import Block, Speedrun, convolutions, one_cycle
from tenfold.zoo.times import Duration

ONE_STEP = Speedrun(
    target="97",
    words="3x3 2",
    build=lambda: convolutions(Block(2, 3), halved=True),
    recipe=one_cycle(1, 120, 0.01),
    seeds=(0, 1),
)
Refused = Callable[[type[Exception], str], AbstractContextManager[None]]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(CORPORA["grey digits"], 0.25, tmp_path)


def test_each_seed_has_a_row_and_the_file_is_read_back(session: Session) -> None:
    told: list[dict[str, Any]] = []
    path = run_seeds(ONE_STEP, session, [1, 0], told.append)
    assert path.parent == session.results / "speedrun"
    assert path.name.startswith("97-")
    record = read_record(path)
    assert [row["seed"] for row in record["seeds"]] == [0, 1]
    assert sorted(told, key=lambda row: int(row["seed"])) == record["seeds"]
    for row in record["seeds"]:
        assert 0 < row["seconds"] < math.inf
        assert 0 <= row["accuracy"] <= 1
        assert row["load_seconds"] == 0.25
        assert row["warm_up_seconds"] > 0
        assert {"cpu_seconds", "test_seconds", "others", "date", "commit", "versions"} <= row.keys()
    assert record["flops"] == 3 * 120 * sum(row.flops for row in ONE_STEP.build().rows())
    assert record["recipe"] == ONE_STEP.recipe.config()
    found = measurement(path)
    assert found is not None
    assert found.ours.seeds == (0, 1)
    assert found.ours.accuracy.mean == pytest.approx(sum(row["accuracy"] for row in told) / 2)
    assert found.reached == (found.ours.accuracy.mean >= 0.97)
    assert found.peer is None
    assert found.ratio is None
    assert measurements(ONE_STEP, [session.results]) == [found]
    assert not list(path.parent.glob(".*")), "no temporary files are left"


def test_the_same_seed_gives_the_same_accuracy_and_finished_seeds_are_kept(session: Session) -> None:
    path = run_seeds(ONE_STEP, session, [0, 1])
    before = read_json(path)["seeds"]
    told: list[dict[str, Any]] = []
    run_seeds(ONE_STEP, session, [0, 1, 2], told.append)
    assert [row["seed"] for row in told] == [2]
    assert read_json(path)["seeds"][:2] == before
    again = replace(session, results=session.results / "again")
    other = read_json(run_seeds(ONE_STEP, again, [0]))["seeds"]
    assert other[0]["accuracy"] == before[0]["accuracy"]


def test_all_training_images_are_used_and_the_test_images_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, predict, seen = NetworkModel.fit, NetworkModel.predict_proba, []

    def watched_fit(self: NetworkModel, train: Dataset, **options: Any) -> Any:
        seen.append(("fit", len(train), options.keys() & {"validation", "watch"}))
        return fit(self, train, **options)

    def watched_predict(self: NetworkModel, images: Any) -> Any:
        seen.append(("predict", len(images), set()))
        return predict(self, images)

    warm_up(ONE_STEP, session.corpus)
    monkeypatch.setattr(NetworkModel, "fit", watched_fit)
    monkeypatch.setattr(NetworkModel, "predict_proba", watched_predict)
    monkeypatch.setattr("tenfold.runs.speedrun.warm_up", lambda entry, corpus: 0.0)
    run_seeds(ONE_STEP, session, [0])
    corpus = session.corpus
    assert seen == [("fit", len(corpus.train), set()), ("predict", len(corpus.test), set())]


def test_another_recipe_or_other_data_are_not_mixed(session: Session, refused_in_one_line: Refused) -> None:
    path = run_seeds(ONE_STEP, session, [0])
    other = replace(ONE_STEP, recipe=one_cycle(2, 120, 0.01))
    with refused_in_one_line(ConfigError, r"expected digest = \w+, found \w+ \(another network or recipe\)"):
        run_seeds(other, session, [1])
    assert measurements(other, [session.results]) == []
    others = replace(session.corpus, sha256="of other images")
    with refused_in_one_line(ConfigError, "expected dataset_sha256 = .*; remove the file, or choose another"):
        run_seeds(ONE_STEP, replace(session, corpus=others), [1])
    assert [row["seed"] for row in read_record(path)["seeds"]] == [0]


@pytest.mark.parametrize(
    "content",
    [b"{}", b'{"seeds": 3, "peer": null}', b'{"seeds": [{}], "peer": null, "target": "97"}'],
)
def test_another_file_is_refused_in_one_line(
    content: bytes, session: Session, refused_in_one_line: Refused
) -> None:
    path = session.file(ONE_STEP)
    path.parent.mkdir()
    path.write_bytes(content)
    with refused_in_one_line(DataError, "expected what `tenfold speedrun` writes, got something else"):
        measurement(path)
    with refused_in_one_line(DataError, "expected what `tenfold speedrun` writes, got something else"):
        run_seeds(ONE_STEP, session, [0])


def test_a_record_without_a_key_is_refused_in_one_line(
    session: Session, refused_in_one_line: Refused
) -> None:
    path = run_seeds(ONE_STEP, session, [0])
    record = read_record(path)
    for key in ("flops", "cores", "machine"):
        put_record(path, {name: value for name, value in record.items() if name != key})
        with refused_in_one_line(DataError, "expected what `tenfold speedrun` writes, got something else"):
            measurement(path)
    put_record(path, record | {"seeds": []})
    assert measurement(path) is None


def test_an_interrupted_run_keeps_the_seeds_that_are_done(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = NetworkModel.fit

    def interrupted(self: NetworkModel, train: Dataset, **options: Any) -> Any:
        if options.get("seed") == 1:
            raise Interrupted("interrupted in epoch 1, after step 0", None)
        return fit(self, train, **options)

    with monkeypatch.context() as patched:
        patched.setattr(NetworkModel, "fit", interrupted)
        with pytest.raises(Stopped, match="interrupted in seed 1 of 97 %; give the command again") as caught:
            run_seeds(ONE_STEP, session, [0, 1])
    assert caught.value.exit_code == 130
    path = session.file(ONE_STEP)
    assert [row["seed"] for row in read_record(path)["seeds"]] == [0]
    run_seeds(ONE_STEP, session, [0, 1])
    assert [row["seed"] for row in read_record(path)["seeds"]] == [0, 1]


def test_operations_are_three_forward_passes_of_the_trained_images() -> None:
    forward = sum(row.flops for row in ONE_STEP.build().rows())
    assert training_flops(ONE_STEP, 250) == 3 * 240 * forward  # the short minibatch is dropped
    two = replace(ONE_STEP, recipe=one_cycle(2, 120, 0.01))
    assert training_flops(two, 250) == 6 * 240 * forward
    assert operations(2_000_000_000) == "2.0 GFLOP"


# --- the figures and their words


def rows(*accuracies: float, seconds: float = 1.0) -> list[dict[str, Any]]:
    return [
        {
            "seed": seed,
            "seconds": seconds + seed / 10,
            "accuracy": accuracy,
            "load_seconds": 0.5,
            "warm_up_seconds": 2.0,
            "others": 0.01,
            "date": "2026-01-02",
            "commit": "abc",
            "versions": {"numba": "1.2"},
        }
        for seed, accuracy in enumerate(accuracies)
    ]


def record(*accuracies: float, **more: Any) -> dict[str, Any]:
    about = {"machine": "M", "instructions": "AVX2", "cores": 2, "dataset_sha256": "ab", "flops": 10**12}
    return {
        "target": "97",
        "digest": ONE_STEP.digest,
        **about,
        "seeds": rows(*accuracies),
        "peer": None,
        **more,
    }


def test_the_mean_decides_and_the_seeds_at_the_target_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "97.json"
    put_record(path, record(0.968, 0.974, 0.97))
    found = measurement(path)
    assert found is not None
    assert found.reached
    assert result_row(found) == (
        "97 %",
        "1.1 s (1 s to 1.2 s)",
        "97.07 %",
        "96.31 % to 97.83 %",
        "2 of 3",
        "yes",
    )
    assert found.machine == "M, AVX2, 2 cores"
    assert plan_row(ONE_STEP, [found])[-2:] == ("1.1 s (1 s to 1.2 s)", "97.07 %")
    assert plan_row(ONE_STEP, [])[-2:] == ("not measured", "-")
    put_record(path, record(0.9699, 0.9699, 0.97))
    again = measurement(path)
    assert again is not None
    assert not again.reached
    assert again.ours.at_target == 1


def test_the_peer_has_its_own_figures(tmp_path: Path) -> None:
    path = tmp_path / "97.json"
    peer = {"library": "PyTorch 2.0, NCHW", "way": "NCHW", "seeds": rows(0.97, 0.98, seconds=4.35)}
    put_record(path, record(0.97, 0.975, peer=peer))
    found = measurement(path)
    assert found is not None
    assert found.peer is not None
    assert found.library == "PyTorch 2.0, NCHW"
    assert found.ratio == pytest.approx(4.4 / 1.05)
    assert found.to_json()["peer"]["seconds"]["median"] == pytest.approx(4.4)
    assert dump_json(found.to_json())


def test_a_busy_machine_and_a_single_seed_are_said(tmp_path: Path) -> None:
    path = tmp_path / "97.json"
    busy = record(0.97)
    busy["seeds"][0]["others"] = 0.4
    put_record(path, busy)
    found = measurement(path)
    assert found is not None
    first, second = remarks(found)
    assert "other programs used 40 % of the processors" in first
    assert "1 seed says little about the mean" in second
    put_record(path, record(0.97, 0.98))
    quiet = measurement(path)
    assert quiet is not None
    assert remarks(quiet) == []


def test_a_side_without_seeds_is_none() -> None:
    assert Side.over([], 0.97) is None
    assert spread(Duration.over([2.0])) == "2 s"
