"""The studio behind the real nginx, as deploy/nginx.conf sets it up: TLS, users, a queue, and kill -9."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.ports import free_port

from tenfold.users import UserFile

NGINX = os.environ.get("TENFOLD_NGINX") or shutil.which("nginx")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="needs nginx: install it, or name one with TENFOLD_NGINX"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate"),
]

SITE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
MAIN = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
LONG = {"network": "nn1l", "data": "mnist-5k", "epochs": 10_000}
PATIENCE = 300  # seconds


class Site:
    """nginx with a certificate, and a studio behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.https, self.port = folder, free_port(), free_port()
        self.file = UserFile(folder / "users.json")
        self.tokens = {name: self.file.add(name) for name in ("anna", "bert", "carla")}
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        command += ["-keyout", str(folder / "key"), "-out", str(folder / "cert"), "-days", "2"]
        command += ["-subj", "/CN=digits.example", "-addext", "subjectAltName=DNS:digits.example"]
        subprocess.run(command, check=True, capture_output=True)
        site = SITE.read_text(encoding="utf-8")
        for before, after in {
            "listen 443 ssl": f"listen 127.0.0.1:{self.https} ssl",
            "listen 80": f"listen 127.0.0.1:{free_port()}",
            "127.0.0.1:8100": f"127.0.0.1:{self.port}",
            "/etc/ssl/digits.example.pem": str(folder / "cert"),
            "/etc/ssl/digits.example.key": str(folder / "key"),
        }.items():
            assert site.count(before) == 1, before
            site = site.replace(before, after)
        (folder / "site.conf").write_text(site, encoding="utf-8")
        (folder / "main.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
        self.context = ssl.create_default_context(cafile=str(folder / "cert"))

    @contextmanager
    def nginx(self):
        command = [NGINX, "-p", str(self.folder), "-e", str(self.folder / "errors"), "-c", "main.conf"]
        with subprocess.Popen(command) as process:
            try:
                yield
            finally:
                process.terminate()

    @contextmanager
    def studio(self):
        command = [sys.executable, "-m", "tenfold", "studio", "--port", str(self.port), "--trainings", "2"]
        command += ["--runs", str(self.folder / "runs"), "--users", str(self.file.path)]
        command += ["--name", "digits.example"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr.readline().startswith("studio: open ")
                yield process
            finally:
                process.kill()

    def connection(self) -> http.client.HTTPSConnection:
        """Return a connection to nginx, which is known by its name."""
        plain = socket.create_connection(("127.0.0.1", self.https), PATIENCE)
        found = http.client.HTTPSConnection("digits.example", self.https, timeout=PATIENCE)
        found.sock = self.context.wrap_socket(plain, server_hostname="digits.example")
        return found

    def ask(self, method, path, body=None, **headers):
        connection = self.connection()
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"} | headers)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return reply.status, found, reply.read()
        finally:
            connection.close()

    def of(self, user, method, path, body=None):
        status, _, content = self.ask(method, path, body, Authorization=f"Bearer {self.tokens[user]}")
        assert status == 200, content
        return json.loads(content)

    def start(self, user, prefix="/"):
        return self.of(user, "POST", f"{prefix}api/runs", LONG)["name"]

    def until(self, name, state, condition=lambda one: True):
        end = time.monotonic() + PATIENCE
        while True:
            runs = self.of(name.partition("/")[0], "GET", "/api/runs")["runs"]
            found = next(one for one in runs if one["name"] == name)
            if found["state"] == state and condition(found):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.3)

    def stop(self, name):
        self.until(name, "running", lambda one: one["epochs"])
        self.of(name.partition("/")[0], "POST", f"/api/runs/{name}/orders", {"do": "stop"})
        self.until(name, "interrupted")

    def events(self, name, prefix="/"):
        """Return the kinds of the first events of a training that goes on: nothing holds them back."""
        connection = self.connection()
        token = {"Authorization": f"Bearer {self.tokens[name.partition('/')[0]]}"}
        connection.request("GET", f"{prefix}api/runs/{name}/events", headers=token)
        reply, kinds = connection.getresponse(), []
        while "epoch" not in kinds:
            line = reply.readline()
            if line.startswith(b"data: "):
                kinds.append(json.loads(line[6:])["kind"])
        connection.sock.close()
        return kinds


@pytest.mark.fault("server", "the studio is killed while two users train and a third waits", "no run is lost")
def test_two_users_train_over_tls_a_third_waits_and_a_kill_loses_nothing(tmp_path):
    site = Site(tmp_path)
    with site.nginx():
        with site.studio() as process:
            first, second = site.start("anna"), site.start("bert", "/tenfold/")
            third = site.start("carla")
            site.until(first, "running", lambda one: one["epochs"])
            site.until(second, "running", lambda one: one["epochs"])
            assert site.until(third, "waiting")["before"] == 0
            assert site.events(first)[:2] == ["start", "plan"]
            assert site.events(second, "/tenfold/")[:2] == ["start", "plan"]
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert site.ask("GET", "/api/runs")[0] == 502
        with site.studio():
            assert site.until(third, "waiting")["before"] == 0
            reached = [site.until(name, "running")["epochs"] for name in (first, second)]
            for name, epochs in zip((first, second), reached, strict=True):
                site.until(name, "running", lambda one, epochs=epochs: one["epochs"] > epochs)  # it goes on
            site.stop(first)
            site.until(third, "running")
            site.stop(third)
            site.stop(second)


def test_pages_and_sessions_through_nginx(tmp_path):
    site = Site(tmp_path)
    with site.nginx(), site.studio():
        origin = {"Origin": f"https://digits.example:{site.https}"}
        for prefix in ("/", "/tenfold/"):
            status, headers, body = site.ask("GET", prefix, **origin)
            assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert b'src="/' not in body
            assert b'href="/' not in body
            assert site.ask("GET", f"{prefix}api/runs")[0] == 401
            status, headers, _ = site.ask(
                "POST", f"{prefix}api/session", {"token": site.tokens["anna"]}, **origin
            )
            assert status == 200
            cookie, *attributes = headers["set-cookie"].split("; ")
            assert {"HttpOnly", "Secure", "SameSite=Strict"} <= {*attributes}
            assert site.ask("GET", f"{prefix}api/runs", Cookie=cookie)[0] == 200
            refused = site.ask(
                "POST", f"{prefix}api/runs", LONG, Cookie=cookie, Origin="https://evil.example"
            )
            assert refused[0] == 400
            assert b"Origin: expected" in refused[2]
        status, _, body = site.ask("GET", "/api/runs", Host="evil.example", Authorization="Bearer x")
        assert status == 400
        assert b"Host: expected" in body
