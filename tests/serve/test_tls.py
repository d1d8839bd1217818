"""TLS by the server itself: certificates that are renewed, wrong ones, and clients that misbehave."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tenfold.cli import main

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates")
PATIENCE = 120  # seconds


def make(folder, name, *options):
    """Return a new certificate for this machine, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", *(options or ["-nodes"])]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def running(pair, *options):
    """Run a server with TLS; yields the process and its port."""
    command = [sys.executable, "-m", "tenfold", "serve", "--port", "0", "--workers", "1"]
    command += ["--tls-cert", str(pair[0]), "--tls-key", str(pair[1]), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline()
            found = re.search(r"https://127\.0\.0\.1:(\d+)", line)
            assert found, line
            yield process, int(found[1])
        finally:
            process.kill()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def pair(folder):
    return make(folder, "first")


@pytest.fixture(scope="module")
def server(folder, pair):
    """A server with a copy of the first pair, which tests replace."""
    here = folder / "here.pem", folder / "here.key"
    for source, target in zip(pair, here, strict=True):
        shutil.copy(source, target)
    with running(here) as (process, port):
        yield process, port, here


def ask(port, certificate, method="GET", path="/v2", body=None, **headers):
    context = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=context)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def presented(port):
    return ssl.get_server_certificate(("127.0.0.1", port), timeout=PATIENCE).strip()


def test_it_answers_over_tls_alone(server, pair):
    _, port, _ = server
    assert ask(port, pair[0])[0] == 200
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
        plain.sendall(b"GET /v2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        try:
            assert b"200" not in plain.recv(1000)
        except ConnectionResetError:
            pass


def test_an_old_version_of_tls_is_refused(server):
    _, port, _ = server
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", port), PATIENCE) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(connection)


def test_a_refused_body_gets_its_answer(server, pair):
    status, body = ask(
        server[1], pair[0], "POST", "/v1/digits", bytes(9 << 20), **{"Content-Type": "image/png"}
    )
    assert status == 413
    assert b"expected a body of at most" in body


def test_a_client_that_says_nothing_keeps_nobody_waiting(server, pair):
    with socket.create_connection(("127.0.0.1", server[1]), PATIENCE):
        assert ask(server[1], pair[0])[0] == 200


def test_a_renewed_certificate_is_used_without_a_restart(server, folder):
    _, port, here = server
    before = presented(port)
    new = make(folder, "second")
    os.replace(shutil.copy(new[0], folder / "copy"), here[0])  # the key is still the old one
    time.sleep(5)
    assert presented(port) == before
    os.replace(shutil.copy(new[1], folder / "copy"), here[1])
    end = time.monotonic() + PATIENCE
    while presented(port) == before:
        assert time.monotonic() < end
        time.sleep(0.5)
    assert presented(port) == new[0].read_text().strip()
    assert ask(port, new[0])[0] == 200


def test_sigterm_ends_it_with_an_open_connection(pair):
    with running(pair) as (process, port):
        context = ssl.create_default_context(cafile=str(pair[0]))
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            connection.sendall(b"GET /v2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200 OK" in connection.recv(1000)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


WRONG = {  # what is given -> what is said
    "no key": (["--tls-cert", "first.pem"], "--tls-cert: expected --tls-key too, got none; name both files"),
    "no certificate": (["--tls-key", "first.key"], "--tls-key: expected --tls-cert too, got none"),
    "no such file": (["--tls-cert", "none.pem", "--tls-key", "first.key"], "--tls-cert: none.pem: "),
    "another's key": (
        ["--tls-cert", "first.pem", "--tls-key", "other.key"],
        "--tls-cert first.pem, --tls-key other.key: expected a certificate and its key, both PEM",
    ),
    "exchanged": (
        ["--tls-cert", "first.key", "--tls-key", "first.pem"],
        "--tls-cert first.key, --tls-key first",
    ),
    "with a password": (["--tls-cert", "locked.pem", "--tls-key", "locked.key"], "--tls-cert locked.pem"),
    "no certificate in it": (["--tls-cert", "text", "--tls-key", "text"], "--tls-cert text, --tls-key text"),
    "a folder": (["--tls-cert", ".", "--tls-key", "first.key"], "--tls-cert: .: "),
}


@pytest.mark.parametrize("command", ["serve", "studio"])
@pytest.mark.parametrize("name", WRONG)
def test_a_pair_that_cannot_be_used_is_said_in_one_line(folder, pair, monkeypatch, capsys, name, command):
    options, said = WRONG[name]
    monkeypatch.chdir(folder)
    if not (folder / "locked.pem").exists():
        make(folder, "other")
        make(folder, "locked", "-passout", "pass:secret")
        (folder / "text").write_text("not a certificate")
    assert main([command, "--port", "0", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
