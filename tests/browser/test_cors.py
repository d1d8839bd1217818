"""A page of another site uses the API in a real browser, if its site is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.ports import free_port

FETCH = """async (address) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28;
  const body = await new Promise((resolve) => canvas.toBlob(resolve));
  const headers = { "Content-Type": "image/png", Authorization: "Bearer not-needed-here" };
  try {
    const reply = await fetch(`${address}/v1/digits`, { method: "POST", headers, body });
    const refused = await fetch(`${address}/v1/digits`, { method: "POST", headers, body: "no picture" });
    return [reply.status, Object.keys(await reply.json()).includes("text"), (await refused.json()).error];
  } catch (error) {
    return String(error);
  }
}"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title><link rel=icon href=data:,>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", free_port()), Page) as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()
        thread.join()


def test_a_page_of_a_named_site_reads_answers_and_errors(open_page, run_server, site) -> None:
    with run_server("serve", "--workers", "1", "--cors", site) as address:
        window = open_page(site)
        window.expect_console("422", "400")
        status, read, error = window.page.evaluate(FETCH, address)
        assert (status, read) == (200, True)
        assert "expected" in error


def test_a_page_of_another_site_reads_nothing(open_page, server, site) -> None:
    window = open_page(site)
    window.expect_console("blocked by CORS policy", "ERR_FAILED", "400")
    assert window.page.evaluate(FETCH, server) == "TypeError: Failed to fetch"
