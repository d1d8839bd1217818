"""Rates, sessions and the audit log."""

from __future__ import annotations

import json
import os
import stat

import pytest

from tenfold.users import AuditLog, Quota, Rates, Sessions, User
from tenfold.users.audit import KEPT
from tenfold.users.sessions import SECONDS
from tenfold.users.tokens import hash_of


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def user(name: str = "anna", **quota: int) -> User:
    return User(name, "train", hash_of(name), Quota(**quota))


@pytest.mark.parametrize("requests", [1, 2, 60, 1200])
def test_a_minute_has_so_many_requests(requests):
    clock = Clock()
    rates, anna = Rates(clock), user(requests=requests)
    assert [rates.wait(anna) for _ in range(requests)] == [0] * requests
    wait = rates.wait(anna)
    assert 1 <= wait <= 60
    assert rates.wait(user("bert")) == 0  # another user
    clock.now += wait
    assert rates.wait(anna) == 0
    clock.now += 3600  # no more than one minute's requests are saved up
    assert sum(rates.wait(anna) == 0 for _ in range(requests + 5)) == requests


def test_a_session_outlives_a_restart_and_ends(tmp_path):
    clock, path, anna = Clock(), tmp_path / "sessions.json", user()
    cookie = Sessions(path, clock).begin(anna)
    assert cookie not in path.read_text()
    again = Sessions(path, clock)
    assert again.find(cookie, {"anna": anna}) is anna
    assert again.find(cookie + "x", {"anna": anna}) is None
    assert again.find(cookie, {}) is None  # removed
    assert again.find(cookie, {"anna": User("anna", "train", hash_of("new"))}) is None  # renewed
    clock.now += SECONDS
    assert again.find(cookie, {"anna": anna}) is None
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_signs_out_is_out(tmp_path):
    sessions, anna = Sessions(tmp_path / "sessions.json"), user()
    one, other = sessions.begin(anna), sessions.begin(anna)
    sessions.end(one)
    assert sessions.find(one, {"anna": anna}) is None
    assert sessions.find(other, {"anna": anna}) is anna


def test_a_user_has_a_bounded_number_of_sessions(tmp_path):
    clock, anna = Clock(), user()
    sessions = Sessions(tmp_path / "sessions.json", clock)
    cookies = []
    for _ in range(30):
        clock.now += 1
        cookies.append(sessions.begin(anna))
    valid = [sessions.find(one, {"anna": anna}) is not None for one in cookies]
    assert valid == [False] * 10 + [True] * 20


def test_the_log_has_a_line_for_each_action_and_is_bounded(tmp_path):
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, most_bytes=1000)
    for i in range(200):
        log.add("anna", "start", f"anna/run-{i}")
    files = sorted(tmp_path.iterdir())
    assert len(files) == KEPT + 1
    assert all(file.stat().st_size <= 1000 for file in files)
    newest = [json.loads(line) for line in path.read_text().splitlines()]
    assert newest[-1].keys() == {"time", "user", "action", "run"}
    assert newest[-1]["run"] == "anna/run-199"
    before = json.loads((tmp_path / "audit.jsonl.1").read_text().splitlines()[-1])
    assert int(before["run"].split("-")[1]) == int(newest[0]["run"].split("-")[1]) - 1


def test_the_log_follows_no_link(tmp_path):
    other = tmp_path / "other"
    other.write_text("")
    (tmp_path / "audit.jsonl").symlink_to(other)
    with pytest.raises(OSError, match=r"audit\.jsonl"):
        AuditLog(tmp_path / "audit.jsonl").add("anna", "start")
    assert other.read_text() == ""


def test_a_session_ends_with_what_it_began_by(tmp_path):
    path, anna = tmp_path / "sessions.json", user()
    by_token, by_provider = Sessions(path).begin(anna), Sessions(path).begin(anna, "https://a.example sub 1")
    for now, found in (("https://a.example sub 1", anna), ("https://b.example sub 1", None), (None, None)):
        sessions = Sessions(path)
        assert sessions.find(by_provider, {"anna": anna}, lambda _, now=now: now) is found
        assert sessions.find(by_token, {"anna": anna}, lambda _, now=now: now) is anna
