"""Trainings of several people wait for a place, in turns; a killed studio loses none; quotas hold."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import contextmanager

import pytest

from tenfold.cli import main
from tenfold.users import Quota, UserFile

pytestmark = [
    pytest.mark.usefixtures("undrawn"),
    pytest.mark.skipif(sys.platform == "win32", reason="a process inherits no lock there"),
]

LONG = {"network": "nn1l", "data": "mnist-5k", "epochs": 10_000}
PATIENCE = 300  # seconds


class People:
    """A folder of runs with users, and the studio that serves it now."""

    def __init__(self, folder, new_studio):
        self.folder, self._new = folder, new_studio
        self.file = UserFile(folder / "users.json")
        self.tokens = {name: self.file.add(name) for name in ("anna", "bert")}

    @contextmanager
    def studio(self, trainings=1):
        options = ("--users", str(self.file.path), "--trainings", str(trainings))
        with self._new(self.folder / "runs", *options) as studio:
            self.now = studio
            yield studio

    def ask(self, user, method, path, body=None):
        return self.now.ask(method, path, body, Authorization=f"Bearer {self.tokens[user]}")

    def start(self, user, **options):
        found = self.ask(user, "POST", "/api/runs", LONG | options)
        assert found.status == 200, found.body
        return found.json["name"]

    def do(self, user, name, what, body=None):
        found = self.ask(user, "POST", f"/api/runs/{name}/{what}", body or {})
        assert found.status == 200, found.body

    def run(self, name):
        runs = self.ask(name.partition("/")[0], "GET", "/api/runs").json["runs"]
        return next((one for one in runs if one["name"] == name), {"state": None})

    def state(self, name):
        found = self.run(name)
        return found["state"], found.get("before")

    def until(self, name, state, condition=lambda one: True):
        end = time.monotonic() + PATIENCE
        while (found := self.run(name))["state"] != state or not condition(found):
            assert time.monotonic() < end, found
            time.sleep(0.2)
        return found

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.2)

    def stop(self, name):
        self.until(name, "running", lambda one: one["epochs"])  # before, it follows no orders
        self.do(name.partition("/")[0], name, "orders", {"do": "stop"})
        self.until(name, "interrupted")

    def pid(self, name):
        lines = (self.folder / "runs" / name / "live" / "events.jsonl").read_text().splitlines()
        return [json.loads(line)["pid"] for line in lines if '"start"' in line][-1]

    def kill(self):
        self.now.process.send_signal(signal.SIGKILL)
        self.now.process.wait()


@pytest.fixture
def people(tmp_path, new_studio):
    return People(tmp_path, new_studio)


def test_users_take_turns_and_a_waiting_training_can_be_cancelled(people):
    with people.studio():
        first, second = people.start("anna"), people.start("anna")
        third = people.start("bert")
        assert people.state(second) == ("waiting", 1)  # bert is before it, who asked later and has none
        assert people.state(third) == ("waiting", 0)
        late = people.ask("anna", "POST", f"/api/runs/{second}/resume")
        assert late.status == 404  # it is not a run yet
        people.do("anna", second, "cancel")
        assert people.state(second) == (None, None)
        assert people.ask("anna", "POST", f"/api/runs/{second}/cancel").status == 404
        assert people.ask("anna", "POST", f"/api/runs/{first}/cancel").status in (404, 409)  # it runs
        people.stop(first)
        people.until(third, "running")
        people.stop(third)


def test_a_user_has_so_many_at_once(people):
    people.file.change("anna", quota={"trainings": 1})
    with people.studio(trainings=2):
        first, second = people.start("anna"), people.start("anna")
        third = people.start("bert")
        people.until(third, "running")
        assert people.state(second) == ("waiting", 0)
        people.file.change("anna", quota={"trainings": 2})
        people.stop(third)
        people.until(second, "running")
        for name in (first, second):
            people.stop(name)


def test_a_killed_studio_loses_no_training_and_keeps_the_order(people, tmp_path, capsys):
    with people.studio():
        first = people.start("anna", epochs=60, seed=3)
        people.until(first, "running", lambda one: one["epochs"])
        people.do("anna", first, "orders", {"do": "pause"})  # it must not end before it is killed
        waiting = [people.start("anna"), people.start("bert"), people.start("bert")]
        before = [people.state(name) for name in waiting]
        people.kill()
        assert sorted(before) == [("waiting", 0), ("waiting", 1), ("waiting", 2)]
    queue = people.folder / "runs" / ".studio" / "queue"
    for kind in ("waiting", "running"):  # as if it had been killed while it wrote them
        for number, content in enumerate((b'{"number": 1', next((queue / kind).glob("*.json")).read_bytes())):
            (queue / kind / f".tenfold-tmp-{number:016x}-0000000009.json").write_bytes(content)
    with people.studio():  # the training goes on
        assert people.run(first)["state"] == "running"
        assert [people.state(name) for name in waiting] == before
        with pytest.raises(AssertionError, match="expected runs without another studio, found one"):
            with people._new(people.folder / "runs", "--users", str(people.file.path)):
                pass
        people.kill()
        os.kill(people.pid(first), signal.SIGKILL)  # as when the machine stops
    with people.studio():  # and is resumed by itself, before those that wait
        people.until(first, "running")
        assert [people.state(name) for name in waiting] == before
        for name in waiting:
            people.do(name.partition("/")[0], name, "cancel")
        people.until(first, "finished")
    options = ["--epochs", "60", "--seed", "3", "--no-report", "-q", "--out", str(tmp_path / "alone")]
    assert main(["train", "nn1l", "--data", "mnist-5k", *options]) == 0
    assert learned(people.folder / "runs" / first) == learned(tmp_path / "alone") != {}


def learned(folder):
    return {path.name: path.read_bytes() for path in (folder / "model").rglob("*.safetensors")}


def test_a_training_over_its_minutes_is_saved_and_stopped(people):
    with people.studio():
        name = people.start("anna")
        people.until(name, "running")
        people.stop(name)
        used = people.folder / "runs" / ".studio" / f"{name.replace('/', '~')}.used"
        people.wait(used.exists)
        assert json.loads(used.read_text())["seconds"] > 0
        used.write_text(json.dumps({"seconds": 60 * Quota().minutes - 0.1, "why": None}))
        people.do("anna", name, "resume")
        said = "stopped after 60 minutes, the most that a training of anna may take"
        found = people.until(name, "interrupted", lambda one: one["error"] == said)
        assert found["resumable"]
        people.wait(lambda: people.ask("anna", "POST", f"/api/runs/{name}/resume").status != 409)
        again = people.ask("anna", "POST", f"/api/runs/{name}/resume")
        assert (again.status, again.error) == (
            422,
            "expected a training of at most 60 minutes, got one that has used them; "
            "ask the person who runs this studio for more",
        )
        over = people.ask("anna", "GET", f"/api/runs/{name}/events").body.decode().splitlines()
        assert json.loads([line for line in over if line.startswith("data: ")][-1][6:])["reason"] == said
        people.file.change("anna", quota={"minutes": 100})
        people.do("anna", name, "resume")
        people.stop(name)


def test_a_full_quota_of_disk_is_said_in_one_line(people):
    people.file.change("anna", quota={"disk": 1})
    with people.studio():
        folder = people.folder / "runs" / "anna"
        folder.mkdir()
        (folder / "large").write_bytes(bytes(1_100_000))
        found = people.ask("anna", "POST", "/api/runs", LONG)
        assert found.status == 422
        assert found.error == (
            "expected at most 1 MB of runs, found 1; remove some, or ask the person who runs this studio"
        )
        people.stop(people.start("bert"))


def test_a_training_whose_user_has_used_the_disk_is_saved_and_stopped(people):
    with people.studio():
        name = people.start("anna")
        people.until(name, "running")
        (people.folder / "runs" / "anna" / "large").write_bytes(bytes(2_000_000))
        people.file.change("anna", quota={"disk": 2})
        said = "stopped because the runs of anna take 2 MB, the most that they may take"
        assert people.until(name, "interrupted", lambda one: one["error"] == said)["resumable"]
        people.wait(lambda: people.ask("anna", "POST", f"/api/runs/{name}/resume").status == 422)
        people.file.change("anna", quota={"disk": 100})
        people.do("anna", name, "resume")
        people.until(name, "running")
        people.stop(name)


def test_what_cannot_begin_says_why(people):
    with people.studio():
        first, second = people.start("bert"), people.start("anna")
        people.file.change("anna", quota={"disk": 1})
        folder = people.folder / "runs" / "anna"
        folder.mkdir()
        (folder / "large").write_bytes(bytes(1_100_000))
        people.stop(first)
        found = people.until(second, "failed")
        assert found["error"].startswith("expected at most 1 MB of runs")


def test_the_trainings_of_a_removed_user_do_not_begin(people):
    with people.studio():
        first, second = people.start("bert"), people.start("anna")
        people.file.remove("anna")
        people.stop(first)
        queue = people.folder / "runs" / ".studio" / "queue"
        people.wait(lambda: not [*queue.glob("*/*.json")])
        assert not (people.folder / "runs" / second).exists()
