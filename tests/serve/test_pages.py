"""The page to draw on, the documentation, the figures; and what goes with every answer."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

import tenfold.serve

PAGE = Path(tenfold.serve.__file__).parent / "page"
FILES = sorted(file.relative_to(PAGE).as_posix() for file in PAGE.rglob("*") if file.is_file())


class Parts(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_hold_nothing_that_their_policy_forbids(server: Any, path: str) -> None:
    answer = server.ask("GET", path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for tag, attributes in Parts(answer.body.decode()).tags:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        for name, value in attributes.items():
            assert name != "style"
            assert not name.startswith("on")
            if name in ("src", "href") and value and not value.startswith(("#", "data:")):
                assert "//" not in value, "nothing comes from elsewhere"
                assert not value.startswith("/"), "it would not work below a prefix"
                assert server.ask("GET", urljoin(path, value)).status == 200


@pytest.mark.parametrize("file", FILES)
def test_the_files_of_the_page(server: Any, file: str) -> None:
    answer = server.ask("GET", "/" if file == "index.html" else f"/{file}")
    assert answer.status == 200
    assert answer.body == (PAGE / file).read_bytes()
    again = server.send(
        server.request(
            "GET",
            "/" if file == "index.html" else f"/{file}",
            b"",
            {"If-None-Match": answer.headers["etag"], "Connection": "close"},
        )
    )
    assert again.startswith(b"HTTP/1.1 304 ")


@pytest.mark.fault("server", "a path leads out of the page's folder", "404")
@pytest.mark.parametrize(
    "path",
    [
        "/../app.py",
        "/..%2fapp.py",
        "/%2e%2e/app.py",
        "/page/../../app.py",
        "//etc/passwd",
        "/app.py",
        "/.",
        "/%00",
        "/\\",
    ],
)
def test_no_other_file_can_be_had(server: Any, path: str) -> None:
    answer = server.ask("GET", path)
    assert answer.status == 404
    assert answer.json["error"] == "not found"


def test_every_answer_has_the_policy(server: Any) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/v2"),
        ("POST", "/v1/digits"),
        ("BAD", "/"),
    ):
        headers = server.ask(method, path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
            "connect-src 'self';"
        )
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_the_description_names_every_route(server: Any) -> None:
    described = server.ask("GET", "/openapi.json").json
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) == {
        "/metrics",
        "/v1/digits",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models",
        "/v2/models/{name}",
        "/v2/models/{name}/infer",
        "/v2/models/{name}/ready",
    }
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(described)))
    schemas = described["components"]["schemas"]
    assert named <= schemas.keys()
    assert schemas["Digit"]["properties"]["probability"]["type"] == "number"
    page = server.ask("GET", "/docs").body.decode()
    for path in described["paths"]:
        assert path in page
    assert page.index("/v1/digits") < page.index("/v2/health/live"), "what most ask for comes first"
    assert page.count("the body is too large") == 1


def test_figures(server: Any, png: Any, digits: Any) -> None:
    before = (
        server.figure('tenfold_requests_total{endpoint="digits",status="200"}') if _asked(server) else 0.0
    )
    images = server.figure("tenfold_images_total")
    server.post("/v1/digits", png(digits[0]))
    assert server.figure('tenfold_requests_total{endpoint="digits",status="200"}') == before + 1
    assert server.figure("tenfold_images_total") == images + 1
    server.ask("GET", "/", headers={"Host": "evil.example"})
    assert server.figure('tenfold_refused_total{status="400"}') >= 1
    text = server.ask("GET", "/metrics")
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "evil" not in text.body.decode()


def _asked(server: Any) -> bool:
    return b'endpoint="digits",status="200"' in server.ask("GET", "/metrics").body


@pytest.mark.fault("server", "a method is wrong", "405")
def test_wrong_methods_name_the_right_ones(server: Any) -> None:
    for path in ("/v2", "/metrics", "/docs", "/", "/v2/health/live"):
        answer = server.ask("DELETE", path)
        assert answer.status == 405
        assert "GET" in answer.headers["allow"]
        assert answer.json.keys() == {"error", "request_id"}
