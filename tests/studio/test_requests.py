"""What the studio refuses, each in one line, and who may ask it."""

from __future__ import annotations

import json

import pytest

GOOD = {"network": "nn1l", "data": "mnist-5k"}

# what is asked for -> status, and what is said
WRONG = {
    "no object": ([], 422, "training: expected options by name, got []"),
    "no network": ({"data": "mnist"}, 422, "network: expected a name, got nothing; add it"),
    "an unknown network": (GOOD | {"network": "nn9"}, 422, "unknown model 'nn9'"),
    "a model without epochs": (
        GOOD | {"network": "knn"},
        422,
        "knn: expected a network that is trained in epochs",
    ),
    "an option as a name": (GOOD | {"data": "--out"}, 422, "data: expected a name, got '--out'"),
    "an unknown key": (GOOD | {"epoch": 3}, 422, "unknown option 'epoch'; did you mean 'epochs'?"),
    "no epochs": (GOOD | {"epochs": 0}, 422, "epochs: expected a whole number of at least 1, got 0"),
    "a text for a number": (
        GOOD | {"epochs": "3"},
        422,
        "epochs: expected a whole number of at least 1, got '3'",
    ),
    "a negative seed": (GOOD | {"seed": -1}, 422, "seed: expected a whole number of at least 0, got -1"),
    "an unknown change": (GOOD | {"change": {"rate": 1}}, 422, "unknown change 'rate'"),
    "a change of nothing": (GOOD | {"change": 3}, 422, "change: expected options by name, got 3"),
    "an unknown activation": (GOOD | {"change": {"activation": "step"}}, 422, "unknown activation 'step'"),
    "a rate in words": (
        GOOD | {"change": {"learning_rate": "high"}},
        422,
        "learning_rate: expected a number",
    ),
    "a negative rate": (GOOD | {"change": {"learning_rate": -1}}, 422, "learning_rate"),
    "no minibatch": (
        GOOD | {"change": {"batch_size": 0}},
        422,
        "batch_size: expected a whole number of at least 1",
    ),
    "a width of the last layer": (
        GOOD | {"network": "nn2l", "change": {"widths": {"fc2": 5}}},
        422,
        "unknown layer with a width: 'fc2'",
    ),
    "no units": (GOOD | {"network": "nn2l", "change": {"widths": {"fc1": 0}}}, 422, "c_out"),
    "too many units": (GOOD | {"network": "nn2l", "change": {"widths": {"fc1": 10**12}}}, 422, "take less"),
    "dropout of everything": (GOOD | {"network": "nn2l", "change": {"dropout": 1}}, 422, "rate"),
    "dropout without a hidden layer": (
        GOOD | {"change": {"dropout": 0.5}},
        422,
        "dropout: expected a network with",
    ),
    "a long name": (GOOD | {"data": "x" * 2000}, 422, "data: expected a name"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_training_that_cannot_be_is_refused_in_one_line(studio, name):
    asked, status, said = WRONG[name]
    found = studio.ask("POST", "/api/runs", asked)
    assert (found.status, said in found.error) == (status, True), found.body
    assert studio.get("/api/runs")["runs"] == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/json"}, 422),
        (b'{"a": NaN}', {"Content-Type": "application/json"}, 422),
        (b'{"a": 1, "a": 2}', {"Content-Type": "application/json"}, 422),
        (b"[" * 5000, {"Content-Type": "application/json"}, 422),
        (b"\xff", {"Content-Type": "application/json"}, 422),
        (b" " * 70_000, {"Content-Type": "application/json"}, 422),
        (b" " * (2 << 20), {"Content-Type": "application/json"}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {}, 415),
        (b"{}", {"Content-Type": "application/json", "Origin": "http://elsewhere.example"}, 400),
        (b"{}", {"Content-Type": "application/json", "Host": "elsewhere.example"}, 400),
    ],
)
def test_a_body_or_a_page_that_is_not_ours_is_refused(studio, body, headers, status):
    found = studio.ask("POST", "/api/runs", body, **headers)
    assert found.status == status
    assert found.error


@pytest.mark.parametrize("path", ["/", "/api/choices", "/api/runs"])
def test_a_foreign_host_sees_nothing(studio, path):
    found = studio.ask("GET", path, Host="elsewhere.example")
    assert found.status == 400
    assert (
        "Host: expected a name of this server, got another; open the address that `tenfold studio`"
        in found.error
    )


@pytest.mark.parametrize("ending", ["", "/details", "/report", "/events"])
@pytest.mark.parametrize(
    "name", ["none", "..", "../runs", "%2e%2e/%2e%2e/etc", ".studio", "a/b/c/d", "%00", "a\\b", "x" * 5000]
)
def test_only_runs_below_the_folder_have_a_name(studio, name, ending):
    found = studio.ask("GET", f"/api/runs/{name}{ending}")
    assert found.status == 404
    assert found.error


def test_a_link_is_no_run(studio, tmp_path):
    (tmp_path / "run.json").write_text("{}")
    (studio.folder / "linked").symlink_to(tmp_path)
    try:
        assert studio.ask("GET", "/api/runs/linked").status == 404
        assert studio.get("/api/runs")["runs"] == []
    finally:
        (studio.folder / "linked").unlink()


def test_a_damaged_run_is_in_the_list_with_the_reason(studio):
    folder = studio.folder / "damaged"
    folder.mkdir()
    (folder / "run.json").write_text("{")
    try:
        found = studio.run("damaged")
        assert found["state"] == "unreadable"
        assert "expected valid JSON" in found["error"]
    finally:
        (folder / "run.json").unlink()
        folder.rmdir()


@pytest.mark.parametrize(("method", "path"), [("PUT", "/api/runs"), ("DELETE", "/api/runs/x"), ("POST", "/")])
def test_another_method_is_refused(studio, method, path):
    assert studio.ask(method, path, {}).status == 405


@pytest.mark.parametrize("given", ["x", "-1", "1" * 16])
def test_a_place_that_is_none_is_refused(studio, given):
    folder = studio.folder / "empty" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.jsonl").touch()
    found = studio.ask("GET", "/api/runs/empty/events", Last_Event_ID=given)
    (folder / "events.jsonl").unlink()
    assert (found.status, found.error) == (400, "expected a whole number in Last-Event-ID")


def test_every_answer_has_the_policy(studio):
    for path in ("/", "/api/choices", "/nothing"):
        headers = studio.ask("GET", path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_a_report_cannot_reach_the_studio(studio):
    folder = studio.folder / "reported"
    folder.mkdir()
    (folder / "unfinished.json").write_text("{}")
    (folder / "report.html").write_text("<!doctype html><title>a report</title>")
    found = studio.ask("GET", "/api/runs/reported/report")
    (folder / "unfinished.json").unlink()
    assert found.status == 200
    policy = found.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy


def test_what_can_be_chosen(studio):
    found = studio.get("/api/choices")
    assert {"lenet5", "nn2l"} <= {one["name"] for one in found["networks"]}
    assert "knn" not in {one["name"] for one in found["networks"]}
    assert found["data"][:2] == ["mnist-5k", "mnist"]
    for one in found["networks"]:
        shown = studio.get(f"/api/networks/{one['name']}")
        assert shown["epochs"] > 0
        assert json.dumps(shown)


def test_the_ledger_has_a_row_for_each_model(studio):
    found = studio.get("/api/ledger")
    assert all(len(row) == len(found["columns"]) for row in found["rows"])
    assert "lenet5" in {row[0] for row in found["rows"]}
