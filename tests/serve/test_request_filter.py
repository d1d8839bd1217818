"""Who may ask: the Host, the Origin and the token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenfold.errors import ConfigError
from tenfold.serve import Settings
from tenfold.serve.asgi import overloaded
from tenfold.serve.request_filter import OneToken, RequestFilter, RequestHead

TOKEN = "correct horse battery staple"


def fault(settings: Settings, *headers: tuple[str, str], path: str = "/v2") -> int | None:
    """Return the status that a head is refused with."""
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    guard = None if settings.token is None else OneToken(settings.token)
    found = RequestFilter(settings, lambda: None, guard=guard).check(RequestHead("POST", path, encoded))
    return None if found is None else found.status


HERE = Settings()
NAMED = Settings(names=("digits.example",))
OPEN = Settings(host="0.0.0.0", token=TOKEN)
BEARER = ("authorization", f"Bearer {TOKEN}")


def head(method: str, path: str, host: bytes) -> RequestHead:
    return RequestHead(method, path, [(b"host", host)])


@pytest.mark.fault("server", "a request names a foreign Host or Origin", "400")
@pytest.mark.parametrize(
    ("settings", "host", "good"),
    [
        (HERE, "127.0.0.1", True),
        (HERE, "127.0.0.1:8000", True),
        (HERE, "localhost:8000", True),
        (HERE, "LOCALHOST", True),
        (HERE, "[::1]:8000", True),
        (HERE, "127.0.0.1.example", False),
        (HERE, "evil.example", False),
        (HERE, "evil.example:8000", False),
        (HERE, "localhost.evil.example", False),
        (HERE, "10.0.0.1", False),
        (HERE, "user@127.0.0.1", False),
        (HERE, "127.0.0.1/..", False),
        (HERE, "127.0.0.1:port", False),
        (HERE, "[::1", False),
        (HERE, "\xe9", False),
        (HERE, "", False),
        (NAMED, "digits.example", True),
        (NAMED, "Digits.Example:80", True),
        (NAMED, "evil.example", False),
        (OPEN, "10.0.0.1:8000", True),
        (OPEN, "[2001:db8::1]:8000", True),
        (OPEN, "evil.example", False),
    ],
)
def test_the_host_is_ours(settings: Settings, host: str, good: bool) -> None:
    assert fault(settings, ("host", host), BEARER) == (None if good else 400)


@pytest.mark.fault("server", "a request names a foreign Host or Origin", "400")
def test_there_must_be_one_host() -> None:
    assert fault(HERE) == 400
    assert fault(HERE, ("host", "localhost"), ("host", "localhost")) == 400


@pytest.mark.fault("server", "a request names a foreign Host or Origin", "400")
@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),  # behind a proxy that speaks TLS
        ("http://LOCALHOST:8000", True),
        ("http://localhost:8001", False),
        ("http://127.0.0.1:8000", False),
        ("http://evil.example", False),
        ("http://localhost:8000.evil.example", False),
        ("null", False),
        ("file://", False),
        ("", False),
        ("ftp://localhost:8000", False),
    ],
)
def test_the_origin_is_the_host(origin: str, good: bool) -> None:
    assert fault(HERE, ("host", "localhost:8000"), ("origin", origin)) == (None if good else 400)


@pytest.mark.fault("server", "a request names a foreign Host or Origin", "400")
def test_the_files_of_the_page_are_for_every_page_and_the_refusal_says_which_header() -> None:
    ours = RequestFilter(HERE, lambda: None, {"/style.css", "/live"}, probes={"/live"})

    def said(method: str, path: str, *headers: tuple[bytes, bytes]) -> str | None:
        found = ours.check(RequestHead(method, path, headers))
        return None if found is None else found.text.partition(":")[0]

    elsewhere = ((b"host", b"localhost"), (b"origin", b"https://evil.example"))
    assert said("GET", "/style.css", *elsewhere) is None
    assert said("HEAD", "/style.css", *elsewhere) is None
    assert said("POST", "/style.css", *elsewhere) == "Origin"
    assert said("GET", "/v2", *elsewhere) == "Origin"
    assert said("GET", "/live", *elsewhere) == "Origin"  # no page needs it
    assert said("GET", "/style.css", (b"host", b"evil.example")) == "Host"


@pytest.mark.fault("server", "a token is missing or wrong", "401 before the body is read")
@pytest.mark.parametrize(
    ("value", "good"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Bearer {TOKEN}x", False),
        ("Bearer ", False),
        ("Bearer", False),
        ("", False),
        (TOKEN, False),
        (f"Basic {TOKEN}", False),
        ("Bearer \xe9", False),
        (f"Digest {TOKEN}", False),
    ],
)
def test_the_token(value: str, good: bool) -> None:
    assert fault(OPEN, ("host", "10.0.0.1"), ("authorization", value)) == (None if good else 401)


@pytest.mark.fault("server", "a token is missing or wrong", "401 before the body is read")
def test_the_token_is_wanted_for_all_but_what_is_free() -> None:
    free = {"/", "/v2/health/live"}
    for path in ("/v1/digits", "/v2", "/metrics", "/v2/health/live/", "/v2/health", "//"):
        found = RequestFilter(OPEN, lambda: None, free, guard=OneToken(TOKEN)).check(
            head("GET", path, b"10.0.0.1")
        )
        assert found.status == 401
    for path in free:
        filter_ = RequestFilter(OPEN, lambda: None, free, guard=OneToken(TOKEN))
        assert filter_.check(head("GET", path, b"10.0.0.1")) is None
    assert fault(OPEN, ("host", "10.0.0.1"), BEARER, BEARER) == 400


def test_a_full_server_says_so_before_the_body_comes() -> None:
    found = RequestFilter(HERE, overloaded).check(head("POST", "/v1/digits", b"localhost"))
    assert found.status == 503
    assert (b"retry-after", b"1") in found.headers
    assert RequestFilter(HERE, overloaded).check(head("GET", "/v2/health/live", b"localhost")) is None


@pytest.mark.fault("server", "other machines can reach it and no token is given", "it does not start")
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"host": "0.0.0.0"}, "expected a token, because other machines can reach this server, got none"),
        ({"host": "::"}, "expected a token"),
        ({"host": "192.0.2.1"}, "expected a token"),
        ({"host": "digits.example"}, "expected a token"),
        ({"token": "short"}, "token: expected at least 16 characters, got 5"),
        ({"token": "sixteen\ncharacters"}, "token: expected printable ASCII"),
        ({"token": "sixteen characters \u00e9"}, "token: expected printable ASCII"),
    ],
)
def test_settings_that_are_not_safe(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        Settings(**given)
    assert "\n" not in str(caught.value)


def test_the_token_does_not_show() -> None:
    assert TOKEN not in repr(OPEN)


def test_only_the_path_for_minibatches_takes_large_bodies() -> None:
    request_filter = RequestFilter(HERE, lambda: None, batch="/v2/models/lenet5/infer")
    assert request_filter.most("/v2/models/lenet5/infer") == HERE.limits.batch_bytes
    for path in ("/v1/digits", "/infer", "/v2/models/other/infer", "/v1/digits/infer", "", "/"):
        assert request_filter.most(path) == HERE.limits.body_bytes


@pytest.mark.fault("server", "a token is missing or wrong", "401 before the body is read")
def test_a_server_with_a_token(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_TOKEN", TOKEN)
    with start(token=TOKEN, names=["digits.example"]) as server:
        [worker] = server.workers
        known = Path(f"/proc/{worker}/environ").read_bytes()
        assert b"PATH=" in known
        assert TOKEN.encode() not in known  # whoever takes over a worker does not learn it
        refused = server.ask("GET", "/v2")
        assert refused.status == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.json["error"] == "expected the token in the header Authorization: Bearer TOKEN"
        assert server.ask("GET", "/v2", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200
        for path in ("/v2/health/live", "/v2/health/ready", "/", "/docs", "/docs.css", "/openapi.json"):
            assert server.ask("GET", path).status == 200
        for method, path in (("GET", "/metrics"), ("POST", "/v1/digits"), ("GET", "/v2/models/lenet5")):
            assert server.ask(method, path).status == 401
        named = {"Authorization": f"Bearer {TOKEN}", "Host": "digits.example"}
        assert server.ask("GET", "/v2", headers=named).status == 200
        assert server.ask("GET", "/v2", headers=named | {"Host": "evil.example"}).status == 400
        # the body of somebody unknown is not even waited for
        begun = b"POST /v1/digits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n"
        assert [answer.status for answer in server.answers(server.send(begun))] == [401]
