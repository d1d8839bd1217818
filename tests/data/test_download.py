"""Downloads from mirrors on this machine that fail in every way that mirrors do."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import PUBLISHED, Dataset, PublishedFile, load_corpus, mirrors
from tenfold.data.download import DownloadProgress, download_files, short_name
from tenfold.data.idx import idx_header
from tenfold.data.published_folder import matches
from tenfold.data.transfer import MirrorError, Timeouts, Transfer
from tenfold.errors import ConfigError

MNIST = PUBLISHED["mnist"]
STEADY = Timeouts(connect=10.0, read=20.0, total=60.0)  # a busy machine must not look like a bad mirror
QUICK = Timeouts(connect=10.0, read=0.3, total=60.0)


class Mirrors(ThreadingHTTPServer):
    """One server, several mirrors: the first part of the path says how it behaves."""

    daemon_threads = True

    def __init__(self, plain: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plain = plain
        self.packed = {f"{name}.gz": gzip.compress(data) for name, data in plain.items()}
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """The client hanging up is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Mirrors

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, behaviour, name = self.path.split("/")
        getattr(self, f"serve_{behaviour}")(
            self.server.packed[name], self.server.plain[name.removesuffix(".gz")]
        )

    def answer(
        self, body: bytes, length: int | None = None, code: int = 200, kind: str = "application/gzip"
    ) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        if length != -1:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def serve_good(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed)

    def serve_slow(self, packed: bytes, plain: bytes) -> None:
        time.sleep(0.1)
        self.answer(packed)

    def serve_plain(self, packed: bytes, plain: bytes) -> None:
        self.answer(plain)

    def serve_lengthless(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed, length=-1)

    def serve_encoded(self, packed: bytes, plain: bytes) -> None:
        """A server that declares the gzip as its own packing: the client gets the plain bytes."""
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def serve_moved(self, packed: bytes, plain: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", self.path.replace("moved", "good"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve_html(self, packed: bytes, plain: bytes) -> None:
        self.answer(b"<!DOCTYPE html><title>Sign in to the network</title>", kind="text/html")

    def serve_403(self, packed: bytes, plain: bytes) -> None:
        self.answer(b"no", code=403)

    def serve_404(self, packed: bytes, plain: bytes) -> None:
        self.answer(b"no", code=404)

    def serve_500(self, packed: bytes, plain: bytes) -> None:
        self.send_response(500, "a reason\x1b[31m of its own")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve_silent(self, packed: bytes, plain: bytes) -> None:
        self.server.over.wait(10)

    def serve_stall(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed[: len(packed) // 2], len(packed))
        self.wfile.flush()
        self.server.over.wait(10)

    def serve_drip(self, packed: bytes, plain: bytes) -> None:
        """A byte now and then, each in time for the socket, the file never."""
        self.answer(b"", len(packed))
        for byte in packed:
            if self.server.over.wait(0.05):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def serve_reset(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed[: len(packed) // 2], len(packed))
        self.wfile.flush()
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )  # RST, not FIN
        self.connection.close()

    def serve_short(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed[:-10], len(packed))

    def serve_truncated(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed[:-10])

    def serve_empty(self, packed: bytes, plain: bytes) -> None:
        self.answer(b"")

    def serve_bitflip(self, packed: bytes, plain: bytes) -> None:
        self.answer(gzip.compress(plain[:-1] + bytes([plain[-1] ^ 1])))

    def serve_crc(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:])

    def serve_member(self, packed: bytes, plain: bytes) -> None:
        self.answer(packed + packed)

    def serve_longer(self, packed: bytes, plain: bytes) -> None:
        self.answer(gzip.compress(plain + b"\0"))

    def serve_endless(self, packed: bytes, plain: bytes) -> None:
        self.answer(b"", length=-1)
        while not self.server.over.is_set():
            self.wfile.write(bytes(1 << 16))

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server(digits: Callable[..., Dataset]) -> Iterator[Mirrors]:
    """Mirrors of a small corpus under MNIST's file names, for a test that makes it canonical."""
    arrays = [
        array for part in (digits(30), digits(20, 1)) for array in (part.images, part.labels.astype(np.uint8))
    ]
    plain = {
        file.name: idx_header(array.shape) + array.tobytes()
        for file, array in zip(MNIST.files, arrays, strict=True)
    }
    with Mirrors(plain) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield running
        finally:
            running.over.set()
            running.shutdown()
            thread.join()


@pytest.fixture
def files(server: Mirrors) -> list[PublishedFile]:
    return [
        PublishedFile(name, len(data), hashlib.sha256(data).hexdigest(), unpack=True)
        for name, data in server.plain.items()
    ]


def quiet(line: str) -> None:
    pytest.fail(f"nothing to say, but: {line}")


@pytest.mark.parametrize("behaviour", ["good", "plain", "lengthless", "encoded", "moved"])
def test_mirrors_that_give_the_file(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile], behaviour: str
) -> None:
    download_files(tmp_path, files, [server.url(behaviour)], notify=quiet, timeouts=STEADY)
    for file in files:
        assert (tmp_path / file.name).read_bytes() == server.plain[file.name]
        assert matches(tmp_path / file.name, file)
    assert {name for name in os.listdir(tmp_path) if not name.startswith(".lock")} == set(server.plain)


BAD = {
    "html": "a web page instead of the file",
    "403": "HTTP 403 Forbidden",
    "404": "HTTP 404 Not Found",
    "500": "HTTP 500 Internal Server Error",
    "silent": "no data for 0.3 s",
    "stall": "no data for 0.3 s",
    "drip": "no data for 0.3 s",
    "reset": "connection lost",
    "short": "connection lost",
    "truncated": "expected a complete gzip stream, found one that is cut off",
    "empty": "expected 23536 bytes, found 0 bytes",
    "bitflip": "expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}",
    "crc": r"expected a valid gzip stream, found a damaged one \(its CRC does not match\)",
    "member": "expected 23536 bytes, found more",
    "longer": "expected 23536 bytes, found more",
    "endless": "more than 1072112 bytes",
}


SLOW = {"silent", "stall", "drip"}


@pytest.mark.fault(
    "data",
    "a mirror sends a page, 403, 404, 500, a damaged file, stalls or resets",
    "the next mirror is used, the file is complete",
)
@pytest.mark.parametrize("behaviour", [name for name in BAD if name not in ("silent", "drip")])
def test_a_mirror_that_fails_is_followed_by_the_next(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile], behaviour: str
) -> None:
    urls = [server.url(behaviour), server.url("good")]
    timeouts = Timeouts(10.0, 2.0, 60.0) if behaviour in SLOW else STEADY
    download_files(tmp_path, files, urls, notify=quiet, timeouts=timeouts)
    assert all(matches(tmp_path / file.name, file) for file in files)
    assert len([path for path in server.asked if path.startswith(f"/{behaviour}/")]) == 1, "not asked again"
    assert urls == [server.url(behaviour), server.url("good")], "the caller's list stays as it was"


@pytest.mark.fault("data", "every mirror fails", "one line names each fault; no partial data")
@pytest.mark.parametrize("behaviour", BAD)
def test_every_fault_is_named(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile], refused, behaviour: str
) -> None:
    first = files[0].name
    with refused(
        first, rf"from one of 1 mirrors, found 127.0.0.1:\d+/{behaviour}: {BAD[behaviour]}; .*TENFOLD_DATA"
    ):
        download_files(
            tmp_path,
            files[:1],
            [server.url(behaviour)],
            notify=quiet,
            timeouts=QUICK if behaviour in SLOW else STEADY,
        )
    assert set(os.listdir(tmp_path)) <= {".lock"}, "no partial data"


@pytest.mark.fault("data", "every mirror fails", "one line names each fault; no partial data")
def test_all_faults_in_one_line(tmp_path: Path, server: Mirrors, files: list[PublishedFile], refused) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refusing = f"http://127.0.0.1:{closed.getsockname()[1]}/x/"
        urls = [server.url("html"), refusing, server.url("403")]
        with refused(
            files[0].name,
            r"3 mirrors, found \S+/html: a web page instead of the file; \S+/x: connection refused; "
            r"\S+/403: HTTP 403",
        ):
            download_files(tmp_path, files, urls, notify=quiet, timeouts=STEADY)


@pytest.mark.fault("data", "a host is unknown, or the network is silent", "given up within the time limit")
def test_unknown_host_and_silent_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def report(received: int, total: int) -> None:
        pytest.fail("there is nothing to receive")

    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(MirrorError, match="host name not found"):
        Transfer("http://mirror.invalid/x.gz", 100, report).fetch(Timeouts(connect=5.0))
    held = threading.Event()
    monkeypatch.setattr(socket, "create_connection", lambda *args, **options: held.wait(5))
    with pytest.raises(MirrorError, match=r"no connection within 0\.2 s"):
        Transfer("http://127.0.0.1:9/x.gz", 100, report).fetch(Timeouts(connect=0.2))
    held.set()


@pytest.mark.fault("data", "a host is unknown, or the network is silent", "given up within the time limit")
def test_a_mirror_too_slow_for_the_whole_file(server: Mirrors, files: list[PublishedFile]) -> None:
    timeouts = Timeouts(connect=1.0, read=5.0, total=0.4)
    with pytest.raises(MirrorError, match=r"too slow: 0 bytes in 0.4 s"):
        Transfer(f"{server.url('drip')}{files[0].name}.gz", 10**6, lambda *_: None).fetch(timeouts)


def test_a_proxy_is_asked_and_the_mirror_left_alone(
    server: Mirrors, files: list[PublishedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", server.url("good").removesuffix("/good/"))
    monkeypatch.setattr(Handler, "do_GET", lambda handler: handler.answer(handler.path.encode()))
    url = f"http://mirror.invalid/{files[0].name}"
    assert Transfer(url, 1000, lambda *_: None).fetch(STEADY) == url.encode()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(MirrorError, match="the proxy refused or failed"):
        Transfer(url, 1000, lambda *_: None).fetch(STEADY)


def test_progress_is_told(tmp_path: Path, server: Mirrors, files: list[PublishedFile]) -> None:
    seen: list[DownloadProgress] = []
    download_files(
        tmp_path, files[:1], [server.url("good")], notify=quiet, progress=seen.append, timeouts=STEADY
    )
    packed = len(server.packed[f"{files[0].name}.gz"])
    assert seen[-1].received <= packed == seen[-1].total
    assert {(step.file, step.mirror) for step in seen} == {(files[0].name, short_name(server.url("good")))}
    assert [step.received for step in seen] == sorted({step.received for step in seen})


@pytest.mark.fault("data", "a file of the cache is missing or damaged", "only that file is downloaded again")
def test_only_what_is_missing_or_damaged_is_fetched(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile]
) -> None:
    said: list[str] = []
    download_files(tmp_path, files, [server.url("good")], notify=said.append, timeouts=STEADY)
    (tmp_path / files[1].name).unlink()
    data = bytearray(server.plain[files[2].name])
    data[5000] ^= 1
    (tmp_path / files[2].name).write_bytes(data)
    server.asked.clear()
    download_files(tmp_path, files, [server.url("good")], notify=said.append, timeouts=STEADY)
    assert server.asked == [f"/good/{files[1].name}.gz", f"/good/{files[2].name}.gz"]
    assert all(matches(tmp_path / file.name, file) for file in files)
    assert len(said) == 1
    assert "does not match its checksum" in said[0]


TWO = """
import json, sys
from pathlib import Path
from tenfold.data.published import PublishedFile
from tenfold.data.download import download_files
folder, url, files = json.loads(sys.argv[1])
download_files(Path(folder), [PublishedFile(*file) for file in files], [url], notify=print)
"""


@pytest.mark.fault("data", "two processes download at once", "each file is downloaded once, both continue")
def test_two_processes_at_once_download_once(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile]
) -> None:
    task = json.dumps(
        [str(tmp_path / "new"), server.url("slow"), [(f.name, f.size, f.checksum, True) for f in files]]
    )
    both = [
        subprocess.Popen([sys.executable, "-c", TWO, task], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert len(server.asked) == len(files)
    assert all(matches(tmp_path / "new" / file.name, file) for file in files)


@pytest.mark.fault("data", "a download is killed", "its partial files are ignored")
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_killed_download_leaves_nothing_that_counts(
    tmp_path: Path, server: Mirrors, files: list[PublishedFile]
) -> None:
    task = json.dumps(
        [str(tmp_path), server.url("stall"), [(f.name, f.size, f.checksum, True) for f in files]]
    )
    with subprocess.Popen([sys.executable, "-c", TWO, task]) as process:
        while not server.asked:
            time.sleep(0.01)
        process.kill()
    assert not any(matches(tmp_path / file.name, file) for file in files)
    download_files(tmp_path, files, [server.url("good")], notify=quiet, timeouts=STEADY)
    assert all(matches(tmp_path / file.name, file) for file in files)


@pytest.fixture
def as_mnist(monkeypatch: pytest.MonkeyPatch, server: Mirrors, files: list[PublishedFile]) -> Mirrors:
    """The small corpus in the place of MNIST, and one good mirror."""
    monkeypatch.setitem(PUBLISHED, "mnist", replace(MNIST, files=tuple(files)))
    monkeypatch.setenv("TENFOLD_MIRRORS", server.url("good"))
    return server


@pytest.mark.parametrize("source", [None, "mnist"])
def test_load_corpus_downloads_once(as_mnist: Mirrors, tmp_path: Path, source: str | None) -> None:
    first = load_corpus(source, notify=quiet)
    assert first.name == first.train.name == first.test.name == "mnist"
    assert (len(first.train), len(first.test)) == (30, 20)
    assert first.origin == str(tmp_path / "cache" / "mnist")
    assert len(as_mnist.asked) == 4
    again = load_corpus(source, notify=quiet, download=False)
    assert again.sha256 == first.sha256
    assert len(as_mnist.asked) == 4


@pytest.mark.fault("data", "there is no network and no copy", "the sample, and one line that says so")
def test_the_sample_stands_in_and_says_why(as_mnist: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENFOLD_MIRRORS", as_mnist.url("403"))
    said: list[str] = []
    corpus = load_corpus(notify=said.append)
    assert corpus.name == "mnist-5k"
    assert said == [
        "MNIST is not available: no mirror sent it (tenfold data --download says why); "
        "using the mnist-5k sample of 5,000 images"
    ]


@pytest.mark.fault(
    "data", "MNIST is requested by name and not available", "one line that names the file, exit 3"
)
def test_mnist_by_name_has_no_stand_in(as_mnist: Mirrors, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setenv("TENFOLD_MIRRORS", as_mnist.url("404"))
    with refused("train-images-idx3-ubyte", "HTTP 404"):
        load_corpus("mnist", notify=quiet)


@pytest.mark.fault("data", "a file of the cache is missing or damaged", "only that file is downloaded again")
def test_a_damaged_cache_is_mended(as_mnist: Mirrors, tmp_path: Path) -> None:
    load_corpus("mnist", notify=quiet)
    damaged = tmp_path / "cache" / "mnist" / "t10k-labels-idx1-ubyte"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    said: list[str] = []
    assert load_corpus("mnist", notify=said.append).name == "mnist"
    assert len(said) == 1
    assert str(damaged) in said[0]


@pytest.mark.fault(
    "data", "a file of the cache has another SHA-256 and there is no network", "never used, one line"
)
def test_a_damaged_cache_without_network_is_never_used(as_mnist: Mirrors, tmp_path: Path, refused) -> None:
    load_corpus("mnist", notify=quiet)
    path = tmp_path / "cache" / "mnist" / "train-images-idx3-ubyte"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1  # a sound file of other images
    path.write_bytes(data)
    with refused(str(tmp_path / "cache" / "mnist"), "found no valid copy, and downloading is off"):
        load_corpus("mnist", download=False, notify=quiet)


@pytest.mark.fault("data", "the cache may not be written", "one line that names the file, exit 3")
def test_read_only_cache(
    as_mnist: Mirrors, unprivileged: Path, monkeypatch: pytest.MonkeyPatch, refused
) -> None:
    """Empty, it is a clear error; filled, it is read as it is."""
    monkeypatch.setenv("TENFOLD_CACHE", str(unprivileged))
    unprivileged.joinpath("mnist").mkdir()
    unprivileged.joinpath("mnist").chmod(0o555)
    with refused(str(unprivileged / "mnist"), "expected a writable folder, found permission denied"):
        load_corpus("mnist", notify=quiet)
    unprivileged.joinpath("mnist").chmod(0o755)
    load_corpus("mnist", notify=quiet)
    unprivileged.joinpath("mnist", ".lock").unlink()
    unprivileged.joinpath("mnist").chmod(0o555)
    assert load_corpus("mnist", notify=quiet).name == "mnist"


@pytest.mark.fault("data", "the disk is full", "one line, nothing partial is left")
def test_disk_full(as_mnist: Mirrors, tmp_path: Path, refused) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with refused(str(tmp_path / "cache" / "mnist"), "expected room for 23536 bytes, found the disk full"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            load_corpus("mnist", notify=quiet)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path / "cache" / "mnist") == [".lock"]


def test_built_in_mirrors_and_their_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENFOLD_MIRRORS")
    assert mirrors(MNIST) == MNIST.mirrors
    assert len({short_name(url).partition("/")[0] for url in MNIST.mirrors}) >= 3
    assert all(url.startswith("https://") and url.endswith("/") for url in MNIST.mirrors)
    monkeypatch.setenv("TENFOLD_MIRRORS", " http://a/b , https://c/ ,")
    assert mirrors(MNIST) == ("http://a/b/", "https://c/")
    assert mirrors(PUBLISHED["emnist-letters"]) == ("http://a/b/emnist/", "https://c/emnist/")


@pytest.mark.parametrize("url", ["ftp://a/b", "file:///etc", "a/b", "http://"])
def test_other_urls_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TENFOLD_MIRRORS", url)
    with pytest.raises(ConfigError, match="TENFOLD_MIRRORS: expected http or https URLs"):
        mirrors(MNIST)


def test_a_password_in_a_mirror_is_not_shown() -> None:
    assert short_name("https://user:secret@host:8/mnist/") == "host:8/mnist"


def test_mnist_itself_through_a_mirror(
    mnist_folder: Path, server: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real files and the real checksums."""
    names = [f"{file.name}.gz" for file in MNIST.files]
    if not all((mnist_folder / name).exists() for name in names):
        pytest.skip("TENFOLD_DATA holds the files uncompressed")
    server.packed = {name: (mnist_folder / name).read_bytes() for name in names}
    monkeypatch.setenv("TENFOLD_MIRRORS", f"{server.url('html')},{server.url('good')}")
    corpus = load_corpus("mnist", notify=quiet)
    assert corpus.name == "mnist"
    assert (len(corpus.train), len(corpus.test)) == (60_000, 10_000)
    assert corpus.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
