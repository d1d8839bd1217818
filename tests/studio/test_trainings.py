"""Trainings that the studio starts: followed, paused, stopped, resumed, and independent of it."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenfold.cli import main
from tenfold.runs.record import read_record

pytestmark = pytest.mark.usefixtures("undrawn")


def kinds(events):
    return [event["kind"] for event in events]


def learned(folder):
    return {path.name: path.read_bytes() for path in (folder / "model").rglob("*.safetensors")}


@pytest.fixture(scope="module")
def finished(studio):
    """A training of three epochs that has ended, with all its events."""
    name = studio.start(epochs=3, seed=4, change={"learning_rate": 0.002, "batch_size": 64})
    return name, studio.follow(name)


def test_a_page_sees_all_of_a_training(studio, finished):
    _, events = finished
    assert kinds(events)[:2] == ["start", "plan"]
    assert kinds(events).count("epoch") == 3
    assert kinds(events)[-3:] == ["trained", "end", "over"]
    assert events[-1]["error"] is None
    assert {event["batch_size"] for event in events if event["kind"] == "epoch"} == {64}


def test_it_is_a_run_like_any_other(studio, finished, tmp_path, capsys):
    name, _ = finished
    record = read_record(studio.folder / name)
    assert (record.model, record.seed, len(record.epochs)) == ("nn1l", 4, 3)
    options = ["--epochs", "3", "--seed", "4", "--lr", "0.002", "--batch-size", "64", "--no-report", "-q"]
    assert main(["train", "nn1l", "--data", "mnist-5k", *options, "--out", str(tmp_path / "run")]) == 0
    assert learned(studio.folder / name) == learned(tmp_path / "run") != {}


def test_the_list_has_it_and_a_run_of_the_command(studio, finished, capsys):
    name, _ = finished
    other = studio.folder / "group" / "other"
    assert (
        main(
            ["train", "nn1l", "--data", "mnist-5k", "--epochs", "1", "--no-report", "-q", "--out", str(other)]
        )
        == 0
    )
    here, there = studio.run(name), studio.run("group/other")
    assert (here["state"], here["model"], here["dataset"], here["live"]) == (
        "finished",
        "nn1l",
        "mnist-5k",
        True,
    )
    assert here["accuracy"] == read_record(studio.folder / name).test.accuracy
    assert (there["state"], there["live"], there["resumable"]) == ("finished", False, False)
    assert len(studio.get("/api/runs/group/other")["curves"]) == 1
    assert studio.get(f"/api/runs/{name}")["asked"]["change"] == {"learning_rate": 0.002, "batch_size": 64}


def test_details_are_those_of_the_end(studio, finished):
    name, events = finished
    found = studio.get(f"/api/runs/{name}/details")
    assert found["version"] == [event["version"] for event in events if event["kind"] == "details"][-1]
    assert sum(map(sum, found["mistakes"]["confusion"])) == found["mistakes"]["images"]


def test_a_page_that_lost_its_connection_gets_the_rest(studio, finished):
    name, events = finished
    with studio.stream(name) as stream:
        at = [place for place, _ in stream][4]
    assert studio.follow(name, last=at) == events[5:]


def test_pause_step_stop_and_resume(studio, tmp_path, capsys):
    name = studio.start(epochs=40)
    studio.wait(name, lambda event: event["kind"] == "plan")
    orders = f"/api/runs/{name}/orders"
    studio.post(orders, {"do": "pause"})
    at = studio.wait(name, lambda event: event.get("paused"))["step"]
    studio.post(orders, {"do": "step"})
    assert studio.wait(name, lambda event: event.get("paused") and event["step"] > at)["step"] == at + 1
    assert studio.run(name)["state"] == "running"
    studio.post(orders, {"do": "stop"})
    assert "interrupted in epoch 1" in studio.follow(name)[-2]["error"]
    assert (studio.run(name)["state"], studio.run(name)["resumable"]) == ("interrupted", True)
    late = studio.ask("POST", orders, {"do": "go"})
    assert (late.status, late.error) == (
        409,
        "expected a training that goes on, found one that has ended; start another",
    )
    studio.post(f"/api/runs/{name}/resume")
    studio.follow(name)
    assert studio.run(name)["state"] == "finished"
    options = ["--epochs", "40", "--no-report", "-q", "--out", str(tmp_path / "run")]
    assert main(["train", "nn1l", "--data", "mnist-5k", *options]) == 0
    assert learned(studio.folder / name) == learned(tmp_path / "run") != {}


def test_a_rate_that_is_too_high_is_seen_to_diverge(studio):
    name = studio.start("nn2l", epochs=5, change={"optimizer": "sgd", "learning_rate": 1e30})
    end = studio.follow(name)[-2]
    assert (end["kind"], end["diverged"]) == ("end", True)
    assert studio.run(name)["state"] == "diverged"


def test_an_error_before_the_first_event_is_shown(studio, tmp_path):
    (tmp_path / "damaged.csv").write_text("a table, but not of images\n")
    name = studio.start(data=str(tmp_path / "damaged.csv"))
    over = studio.follow(name)[-1]
    assert over["kind"] == "over"
    assert "damaged.csv" in over["error"]
    assert over["error"].startswith("error: ")
    assert studio.run(name)["state"] == "failed"


def test_a_killed_studio_ends_no_training_and_the_next_one_finds_it(new_studio, tmp_path):
    folder = tmp_path / "runs"
    with new_studio(folder) as studio:
        name = studio.start(epochs=10_000)
        studio.wait(name, lambda event: event["kind"] == "epoch")  # and the page is closed
        os.kill(studio.process.pid, signal.SIGKILL)
        studio.process.wait()
        with new_studio(folder) as again:
            assert again.run(name)["state"] == "running"
            assert not again.run(name)["resumable"]
            again.post(f"/api/runs/{name}/orders", {"do": "stop"})
            assert "interrupted" in again.follow(name)[-2]["error"]
            assert again.run(name)["resumable"]


def test_ctrl_c_ends_the_studio_while_a_page_follows(new_studio, tmp_path):
    with new_studio(tmp_path / "runs") as studio:
        name = studio.start(epochs=10_000)
        studio.wait(name, lambda event: event["kind"] == "epoch")
        with studio.stream(name) as stream:
            next(stream)
            studio.process.send_signal(signal.SIGINT)
            studio.process.wait(60)
        assert studio.process.returncode == 0
    with new_studio(tmp_path / "runs") as again:
        again.post(f"/api/runs/{name}/orders", {"do": "stop"})
        again.follow(name)


def test_what_was_asked_for_is_kept(studio, finished):
    name, _ = finished
    asked = json.loads((studio.folder / ".studio" / f"{name}.json").read_text(encoding="utf-8"))
    assert asked == {
        "network": "nn1l",
        "data": "mnist-5k",
        "epochs": 3,
        "seed": 4,
        "change": {"learning_rate": 0.002, "batch_size": 64},
    }


def test_trainings_that_are_started_at_once_have_names_of_their_own(studio):
    with ThreadPoolExecutor(3) as threads:
        names = [*threads.map(lambda seed: studio.start(epochs=1, seed=seed), range(3))]
    assert len({*names}) == 3
    for name in names:
        studio.follow(name)
    assert {studio.run(name)["seed"] for name in names} == {0, 1, 2}


def test_more_trainings_than_four_are_refused(studio):
    names = [studio.start(epochs=10_000) for _ in range(4)]
    fifth = studio.ask("POST", "/api/runs", {"network": "nn1l", "data": "mnist-5k"})
    assert (fifth.status, "at most 4 trainings" in fifth.error) == (409, True)
    for name in names:
        studio.wait(name, lambda event: event["kind"] == "plan")
        studio.post(f"/api/runs/{name}/orders", {"do": "stop"})
        studio.follow(name)
