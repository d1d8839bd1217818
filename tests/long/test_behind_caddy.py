"""The server and the studio behind the real Caddy, as deploy/Caddyfile sets it up, over TLS."""

from __future__ import annotations

import http.client
import io
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.ports import free_port

from tenfold.data import load_corpus

CADDY = os.environ.get("TENFOLD_CADDY") or shutil.which("caddy")
pytestmark = pytest.mark.skipif(
    CADDY is None, reason="needs Caddy: install it, or name one with TENFOLD_CADDY"
)

SITE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
PATIENCE = 120  # seconds


class Proxy:
    """Caddy on a port of this machine, with a certificate of its own authority."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.behind = folder, free_port(), free_port()
        (folder / "Caddyfile").write_text(
            "{\n skip_install_trust\n admin off\n auto_https disable_redirects\n}\n" + SITE.read_text()
        )

    @contextmanager
    def runs(self) -> Iterator[None]:
        places = {"XDG_DATA_HOME": str(self.folder / "data"), "XDG_CONFIG_HOME": str(self.folder / "config")}
        site = {
            "TENFOLD_SITE": f"https://localhost:{self.port}",
            "TENFOLD_UPSTREAM": f"127.0.0.1:{self.behind}",
        }
        command = [CADDY, "run", "--config", str(self.folder / "Caddyfile"), "--adapter", "caddyfile"]
        with subprocess.Popen(command, env=os.environ | places | site, stderr=subprocess.DEVNULL) as process:
            try:
                yield
            finally:
                process.terminate()

    def connection(self) -> http.client.HTTPSConnection:
        """Return a connection, as soon as Caddy has its certificate."""
        root, end = self.folder / "data/caddy/pki/authorities/local/root.crt", time.monotonic() + PATIENCE
        while True:
            try:
                context = ssl.create_default_context(cafile=str(root))
                found = http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=context)
                found.connect()
                return found
            except OSError:  # among them errors of TLS
                assert time.monotonic() < end
                time.sleep(0.1)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = self.connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Origin": f"https://localhost:{self.port}"} | named)
        reply = connection.getresponse()
        found = reply.status, reply.read()
        connection.close()
        return found


@contextmanager
def command(*words: Any) -> Iterator[None]:
    program = [sys.executable, "-m", "tenfold", *map(str, words)]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert any("http://127.0.0.1:" in line for line in process.stderr)
            yield
        finally:
            process.terminate()


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    found = Proxy(tmp_path)
    with found.runs():
        yield found


def test_the_server_reads_a_picture_behind_caddy(proxy: Proxy) -> None:
    image, label = load_corpus("mnist-5k").test.images[0], load_corpus("mnist-5k").test.labels[0]
    picture = io.BytesIO()
    Image.fromarray(255 - image).resize((112, 112)).save(picture, "PNG")
    with command("serve", "--port", proxy.behind, "--workers", 1):
        status, page = proxy.ask("GET", "/")
        assert (status, b"<title>" in page) == (200, True)
        status, answer = proxy.ask("POST", "/v1/digits", picture.getvalue(), Content_Type="image/png")
        assert (status, json.loads(answer)["text"]) == (200, str(label))
        assert proxy.ask("GET", "/v2", Origin="https://evil.example")[0] == 400


def test_a_training_is_watched_behind_caddy(proxy: Proxy) -> None:
    with command("studio", "--port", proxy.behind, "--runs", proxy.folder / "runs"):
        asked = {"network": "nn1l", "data": "mnist-5k", "epochs": 2}
        status, begun = proxy.ask(
            "POST", "/api/runs", json.dumps(asked).encode(), Content_Type="application/json"
        )
        assert status == 200, begun
        connection = proxy.connection()
        connection.request("GET", f"/api/runs/{json.loads(begun)['name']}/events")
        reply = connection.getresponse()
        kinds = [json.loads(line[6:])["kind"] for line in reply if line.startswith(b"data: ")]
        assert kinds[0] == "start"
        assert kinds.count("epoch") == 2
        assert kinds[-1] == "over"
        connection.close()
