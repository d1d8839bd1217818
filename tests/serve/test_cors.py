"""Pages of other sites that may use the API, and those that may not."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tenfold.errors import ConfigError
from tenfold.serve.settings import Settings

APP, EVIL, TOKEN = "https://app.example", "https://evil.example", "a-token-of-thirty-two-characters"
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def shared(start: Any) -> Iterator[Any]:
    with start(origins=[APP, "http://localhost:3000"], token=TOKEN) as server:
        yield server


def ask(
    server: Any, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    reply = connection.getresponse()
    found = {name.lower(): value for name, value in reply.getheaders()}
    content = reply.read()
    connection.close()
    return reply.status, found, content


def test_a_browser_asks_first_and_needs_no_token_for_that(shared: Any) -> None:
    status, headers, _ = ask(shared, "OPTIONS", "/v1/digits", Origin=APP, **ASKED)
    assert status == 200
    assert headers["access-control-allow-origin"] == APP
    assert set(headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "POST"}
    assert {"authorization", "content-type"} <= {*headers["access-control-allow-headers"].lower().split(", ")}
    assert "access-control-allow-credentials" not in headers
    tensors = ASKED | {"Access-Control-Request-Headers": "content-type,inference-header-content-length"}
    tensors["Access-Control-Request-Private-Network"] = "true"
    status, headers, _ = ask(shared, "OPTIONS", "/v2/models/lenet5/infer", Origin=APP, **tensors)
    assert (status, headers["access-control-allow-private-network"]) == (200, "true")


# What a page must be able to read, whoever refuses it and when: method, path, body, headers, status.
ANSWERS = {
    "metadata": ("GET", "/v2", b"", {"Authorization": f"Bearer {TOKEN}"}, 200),
    "a pair of tokens": ("GET", "/v2", b"", {"Authorization": "Bearer wrong"}, 401),
    "no token": ("POST", "/v1/digits", b"x", {"Content-Type": "image/png"}, 401),
    "no picture": ("POST", "/v1/digits", b"x", {"Authorization": f"Bearer {TOKEN}"}, 415),
    "not a picture": (
        "POST",
        "/v1/digits",
        b"x",
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/png"},
        422,
    ),
    "too large": (
        "POST",
        "/v1/digits",
        b"x" * (1 << 21),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/png"},
        413,
    ),
    "no such path": ("GET", "/nothing", b"", {"Authorization": f"Bearer {TOKEN}"}, 404),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_can_be_read(shared: Any, case: str) -> None:
    method, path, body, headers, status = ANSWERS[case]
    found, named, content = ask(shared, method, path, body, Origin=APP, **headers)
    assert found == status
    assert (named["access-control-allow-origin"], named["vary"]) == (APP, "Origin")
    assert json.loads(content)


@pytest.mark.parametrize(
    "origin", [EVIL, "https://app.example.evil.example", "http://app.example", "null", "*"]
)
def test_other_sites_are_refused_as_before(shared: Any, origin: str) -> None:
    for method, more in (("OPTIONS", ASKED), ("GET", {"Authorization": f"Bearer {TOKEN}"})):
        status, headers, content = ask(shared, method, "/v2", Origin=origin, **more)
        assert (status, "access-control-allow-origin" in headers) == (400, False)
        assert b"Origin: expected the host" in content


def test_the_name_of_a_site_lets_nobody_in_under_another_host(shared: Any) -> None:
    status, _, content = ask(shared, "GET", "/v2", Origin=APP, Host="evil.example")
    assert status == 400
    assert b"Host: expected a name of this server" in content


def test_without_sites_nothing_is_shared(server: Any) -> None:
    status, headers, _ = ask(server, "OPTIONS", "/v1/digits", Origin=APP, **ASKED)
    assert status == 400
    assert not any(name.startswith("access-control") for name in headers)
    assert not any(name.startswith("access-control") for name in ask(server, "GET", "/v2")[1])


NONE = [
    "*",
    "null",
    "app.example",
    "https://app.example/",
    "https://app.example/page",
    "https://app.example:443",
]
NONE += ["HTTPS://app.example", "https://App.example", "ftp://app.example", "https://", "https://a:port", ""]
NONE += ["https://*.app.example", "https://me@app.example", "https://äpp.example"]


@pytest.mark.parametrize("origin", NONE)
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ConfigError, match="--cors: expected the origin of a site as browsers send it"):
        Settings(origins=(origin,))


def test_what_is_one() -> None:
    found = ("https://app.example", "http://localhost:3000", "https://app.example:8443", "http://[::1]:3000")
    assert Settings(origins=found).origins == found
