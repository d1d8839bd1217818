"""A studio for several people: who is let in, what each may do, and that nobody sees another's runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.users import Quota, UserFile

START = {"network": "nn1l", "data": "mnist-5k", "epochs": 1}


class Person:
    """Somebody who asks the studio with a token."""

    def __init__(self, studio, name, token):
        self.studio, self.name, self.token = studio, name, token

    def ask(self, method, path, body=None, **headers):
        return self.studio.ask(method, path, body, **({"Authorization": f"Bearer {self.token}"} | headers))

    def json(self, method, path, body=None):
        found = self.ask(method, path, body)
        assert found.status == 200, found.body
        return found.json

    def runs(self):
        return {one["name"]: one for one in self.json("GET", "/api/runs")["runs"]}


@pytest.fixture(scope="module")
def people(new_studio, tmp_path_factory):
    """A studio with five people: anna, bert, reader, boss and hasty, who may ask three times a minute."""
    folder = tmp_path_factory.mktemp("shared")
    file = UserFile(folder / "users.json")
    roles = {"anna": "train", "bert": "train", "reader": "read", "boss": "admin", "hasty": "read"}
    quotas = {"hasty": Quota(requests=3)}
    tokens = {name: file.add(name, role, quotas.get(name)) for name, role in roles.items()}
    with new_studio(folder / "runs", "--users", str(file.path)) as studio:
        yield {name: Person(studio, name, token) for name, token in tokens.items()}


def made(folder: Path) -> None:
    """Make a run that was not finished, with all its files."""
    (folder / "live").mkdir(parents=True)
    (folder / "unfinished.json").write_text(json.dumps({"model": "nn1l", "dataset": "mnist-5k"}))
    (folder / "live" / "events.jsonl").write_text('{"kind": "start", "model": "nn1l"}\n')
    (folder / "live" / "details.json").write_text("{}")
    (folder / "report.html").write_text("<!doctype html><title>secret</title>")


@pytest.fixture(scope="module")
def secret(people):
    """A run of bert."""
    made(people["bert"].studio.folder / "bert" / "secret")
    return "bert/secret"


ROUTES = {  # every route: method, path -> body, role
    ("GET", "/api/choices"): (None, "read"),
    ("GET", "/api/networks/nn1l"): (None, "read"),
    ("GET", "/api/ledger"): (None, "read"),
    ("GET", "/api/readers"): (None, "read"),
    ("GET", "/api/session"): (None, "read"),
    ("GET", "/api/runs"): (None, "read"),
    ("GET", "/api/runs/{name}"): (None, "read"),
    ("GET", "/api/runs/{name}/details"): (None, "read"),
    ("GET", "/api/runs/{name}/report"): (None, "read"),
    ("GET", "/api/runs/{name}/events"): (None, "read"),
    ("POST", "/api/step"): ({"network": "dense"}, "read"),
    ("POST", "/api/ask"): (b"", "read"),
    ("POST", "/api/sign-out"): ({}, "read"),
    ("POST", "/api/runs"): ({"network": "nn9", "data": "mnist-5k"}, "train"),
    ("POST", "/api/runs/{name}/orders"): ({"do": "stop"}, "train"),
    ("POST", "/api/runs/{name}/resume"): ({}, "train"),
    ("POST", "/api/runs/{name}/cancel"): ({}, "train"),
    ("POST", "/api/runs/{name}/report"): ({}, "train"),
}
OF_RUNS = [one for one in ROUTES if "{name}" in one[1]]


def test_the_table_has_every_route(people):
    from tenfold.studio import app

    source = Path(app.__file__).read_text(encoding="utf-8")
    for part in (
        "details",
        "report",
        "orders",
        "resume",
        "events",
        "choices",
        "ledger",
        "readers",
        "sign-out",
    ):
        assert part in source
        assert any(part in path for _, path in ROUTES)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "tenfold-session=wrong"}]
)
def test_nobody_is_let_in_without_a_token(people, secret, route, header):
    method, path = route
    found = people["anna"].studio.ask(method, path.format(name=secret), ROUTES[route][0], **header)
    assert (found.status, found.error) == (401, "expected the token of a user, or a session; sign in")
    assert found.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "name", ["bert/secret", "bert%2Fsecret", "anna/../bert/secret", "./bert/secret", "bert"]
)
@pytest.mark.parametrize("route", OF_RUNS)
def test_nobody_sees_anothers_run(people, secret, route, name):
    method, path = route
    found = people["anna"].ask(method, path.format(name=name), ROUTES[route][0])
    assert (found.status, found.error) == (404, "expected the name of a run in the list, got another")
    events = people["bert"].studio.folder / "bert" / "secret" / "live"
    assert not (events / "control.json").exists()


def test_lists_and_questions_have_ones_own_runs_alone(people, secret):
    assert secret not in people["anna"].runs()
    assert secret in people["bert"].runs()
    assert secret in people["boss"].runs()
    picture = {"Content-Type": "image/png"}
    found = people["anna"].ask("POST", f"/api/ask?run={secret}", b"x", **picture)
    assert (found.status, found.error) == (422, "expected the name of a run in the list, got another")
    for person in people.values():
        if person.name != "hasty":
            assert str(person.studio.folder) not in json.dumps(person.json("GET", "/api/runs"))


@pytest.mark.parametrize("route", [one for one in OF_RUNS if one[0] == "GET" and "events" not in one[1]])
def test_an_administrator_sees_all(people, secret, route):
    method, path = route
    assert people["boss"].ask(method, path.format(name=secret)).status == 200
    assert people["bert"].ask(method, path.format(name=secret)).status == 200


@pytest.mark.parametrize("route", [one for one in ROUTES if ROUTES[one][1] == "train"])
def test_a_reader_trains_nothing(people, route):
    method, path = route
    found = people["reader"].ask(method, path.format(name="reader/x"), ROUTES[route][0])
    assert (found.status, found.error) == (
        403,
        "expected a user with the role train, got one with the role read; ask for it",
    )


def test_a_reader_has_digits_read_and_sees_a_step(people):
    assert people["reader"].ask("POST", "/api/step", {"network": "dense"}).status == 200
    assert people["reader"].json("GET", "/api/readers")["built_in"]


def test_who_asks_too_often_waits(people):
    answers = [people["hasty"].ask("GET", "/api/session") for _ in range(5)]
    assert [one.status for one in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].error == "expected at most 3 requests a minute; wait"


def test_pages_are_for_everybody_and_hold_nothing(people):
    for path in ("/", "/index.html", "/sign-in.html", "/sign-in.js", "/studio.css", "/sheet/base.css"):
        found = people["anna"].studio.ask("GET", path, Origin="https://elsewhere.example")
        assert found.status == 200
        assert b"anna" not in found.body


def sign_in(person, token, **headers):
    return person.studio.ask("POST", "/api/session", {"token": token}, **headers)


def test_a_browser_signs_in_and_out(people):
    anna = people["anna"]
    found = sign_in(anna, anna.token)
    assert (found.status, found.json) == (200, {"user": "anna", "role": "train"})
    cookie, *attributes = found.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict"} <= {*attributes}
    assert "Secure" not in attributes
    assert not any(one.startswith(("Path", "Domain")) for one in attributes)
    assert anna.token not in cookie
    session = {"Cookie": f"other=1; {cookie}"}
    studio = anna.studio
    assert studio.ask("GET", "/api/session", **session).json["user"] == "anna"
    assert (
        studio.ask("POST", "/api/sign-out", {}, **session)
        .headers["set-cookie"]
        .startswith("tenfold-session=;")
    )
    assert studio.ask("GET", "/api/session", **session).status == 401


def test_behind_tls_the_cookie_is_secure(people):
    anna = people["anna"]
    origin = f"https://127.0.0.1:{anna.studio.port}"
    found = sign_in(anna, anna.token, Origin=origin, Host=f"127.0.0.1:{anna.studio.port}")
    assert found.headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize("token", ["", "x", "x" * 300, None, 3, ["x"]])
def test_a_wrong_token_has_always_the_same_answer(people, token):
    found = sign_in(people["anna"], token)
    assert (found.status, found.error) == (
        401,
        "expected the token of a user, got something else; ask the person who runs this studio for one",
    )
    assert "set-cookie" not in found.headers


def test_a_session_of_another_page_changes_nothing(people):
    anna = people["anna"]
    cookie = sign_in(anna, anna.token).headers["set-cookie"].split(";")[0]
    found = anna.studio.ask("POST", "/api/runs", START, Cookie=cookie, Origin="https://elsewhere.example")
    assert found.status == 400
    assert found.error.startswith("Origin: expected the host that Host names")


def test_data_are_those_that_are_offered(people):
    found = people["anna"].ask("POST", "/api/runs", START | {"data": "/etc/passwd"})
    assert found.status == 422
    assert found.error.startswith("data: expected one of the data that the page offers")


def test_a_training_is_in_its_users_folder_and_in_the_log(people):
    anna, studio = people["anna"], people["anna"].studio
    name = anna.json("POST", "/api/runs", START)["name"]
    assert name.startswith("anna/nn1l-mnist-5k")
    assert name not in people["bert"].runs()
    assert people["bert"].ask("GET", f"/api/runs/{name}/events").status == 404
    assert b'"kind": "over"' in anna.ask("GET", f"/api/runs/{name}/events").body
    assert anna.runs()[name]["state"] == "finished"
    assert anna.runs()[name]["folder"] == name
    assert name in anna.json("GET", "/api/readers")["runs"]
    assert name not in people["bert"].json("GET", "/api/readers")["runs"]
    log = (studio.folder / ".studio" / "audit.jsonl").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert ("anna", "start", name) in {(one["user"], one["action"], one["run"]) for one in lines}
    kept = "".join(path.read_text() for path in (studio.folder / ".studio").iterdir() if path.is_file())
    for person in people.values():
        assert person.token not in kept


def test_a_token_that_is_renewed_or_removed_is_refused_at_once(people):
    studio = people["anna"].studio
    file = UserFile(studio.folder.parent / "users.json")
    guest = Person(studio, "guest", file.add("guest"))
    cookie = sign_in(guest, guest.token).headers["set-cookie"].split(";")[0]
    assert guest.ask("GET", "/api/session").status == 200
    new = Person(studio, "guest", file.renew("guest"))
    assert guest.ask("GET", "/api/session").status == 401
    assert studio.ask("GET", "/api/session", Cookie=cookie).status == 401
    assert new.ask("GET", "/api/session").status == 200
    file.remove("guest")
    assert new.ask("GET", "/api/session").status == 401


def test_a_damaged_file_of_users_lets_nobody_in(people):
    anna = people["anna"]
    path = anna.studio.folder.parent / "users.json"
    before = path.read_text()
    path.write_text("{")
    try:
        found = anna.ask("GET", "/api/session")
        assert (found.status, found.error) == (
            503,
            "the file of users cannot be read; ask the person who runs this studio",
        )
    finally:
        path.write_text(before)
    assert anna.ask("GET", "/api/session").status == 200


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--host", "0.0.0.0"], 2, "error: --host 0.0.0.0: expected --users FILE, because other machines"),
        (["--name", "x.example"], 2, "error: --name x.example: expected --users FILE"),
        (["--trainings", "2"], 2, "error: --trainings 2: expected --users FILE"),
        (["--users", "none.json"], 2, "error: none.json: expected a file of users, found none"),
    ],
)
def test_a_studio_that_would_not_be_safe_does_not_start(tmp_path, monkeypatch, capsys, options, code, said):
    monkeypatch.chdir(tmp_path)
    assert main(["studio", "--port", "0", *options]) == code
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1
