"""HEAD is GET without the body; other methods are told which ones there are."""

from __future__ import annotations

from typing import Any

import pytest

GET = ["/", "/docs.css", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models"]
GET += ["/v2/models/lenet5"]
GET += ["/v2/models/lenet5/ready", "/docs", "/openapi.json"]
POST = ["/v1/digits", "/v2/models/lenet5/infer", "/v2/models/other/infer"]


def asked(server: Any, method: str, path: str, **headers: str) -> tuple[bytes, dict[str, str], bytes]:
    """Return status line, headers and body as they came."""
    raw = server.send(server.request(method, path, b"", {"Connection": "close"} | headers))
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first.encode(), dict(line.lower().split(": ", 1) for line in lines), body


@pytest.mark.parametrize("path", [*GET, *POST, "/nothing", "/v2/models/other"])
def test_head_is_get_without_the_body(server: Any, path: str) -> None:
    get, get_headers, body = asked(server, "GET", path)
    head, headers, nothing = asked(server, "HEAD", path)
    assert (head, nothing) == (get, b"")
    assert headers["content-length"] == str(len(body))
    for found in (headers, get_headers):
        found.pop("date")
    assert headers == get_headers


@pytest.mark.parametrize("path", ["/metrics"])
def test_head_of_what_changes(server: Any, path: str) -> None:
    first, headers, body = asked(server, "HEAD", path)
    assert first.startswith(b"HTTP/1.1 200 ")
    assert int(headers["content-length"]) > 1000
    assert body == b""


@pytest.mark.parametrize("path", ["/", "/v2", "/v1/digits"])
def test_head_that_is_refused_by_its_head(server: Any, path: str) -> None:
    first, headers, body = asked(server, "HEAD", path, Host="evil.example")
    assert first.startswith(b"HTTP/1.1 400 ")
    assert int(headers["content-length"]) > 0
    assert body == b""


def test_head_on_a_connection_that_is_kept(server: Any) -> None:
    raw = server.request("HEAD", "/v2") + server.request("HEAD", "/v1/digits")
    raw += server.request("HEAD", "/", b"", {"Host": "evil.example", "Connection": "close"})
    lines = server.send(raw).split(b"\r\n")
    assert [line.split()[1] for line in lines if line.startswith(b"HTTP/1.1 ")] == [b"200", b"405", b"400"]
    assert not any(line.startswith(b"{") for line in lines)


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PUT", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_told_the_right_ones(server: Any, method: str) -> None:
    for paths, allowed in ((GET, "get, head"), (["/metrics"], "get, head"), (POST, "post")):
        for path in paths:
            first, headers, _ = asked(server, method, path)
            assert first.startswith(b"HTTP/1.1 405 ")
            assert headers["allow"] == allowed
    for path in GET:
        assert asked(server, "POST", path)[0].startswith(b"HTTP/1.1 405 ")


def test_what_has_not_changed_has_no_length_of_its_own(server: Any) -> None:
    _, headers, _ = asked(server, "GET", "/")
    first, again, body = asked(server, "GET", "/", **{"If-None-Match": headers["etag"]})
    assert first.startswith(b"HTTP/1.1 304 ")
    assert body == b""
    assert "content-length" not in again
    assert "transfer-encoding" not in again
