"""Published sets: the table, a small copy of each in its format through a mirror, and copies by hand."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import PUBLISHED, PublishedSet, load_corpus, published_folder, published_status, verify
from tenfold.data.idx import idx_header
from tenfold.errors import DataError

OTHERS = [name for name in PUBLISHED if name != "mnist"]


def quiet(line: str) -> None:
    pytest.fail(f"nothing to say, but: {line}")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_is_consistent(name: str) -> None:
    one = PUBLISHED[name]
    assert one.name == name
    assert one.mirrors
    assert all(re.fullmatch(r"https?://\S+/", url) for url in one.mirrors)
    for file in one.files:
        assert re.fullmatch(r"[0-9a-f]{64}|[0-9a-f]{32}", file.checksum)
        assert file.algorithm == ("SHA-256" if len(file.checksum) == 64 else "MD5")
    assert one.licence
    assert one.checksums_from
    assert len(set(one.class_names)) == len(one.class_names)


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_set_stands_in_the_documentation(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "own-data.md").read_text(encoding="utf-8")
    one = PUBLISHED[name]
    assert f"`{name}`" in page
    assert one.home in page
    assert one.licence.partition(";")[0] in page


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    return gzip.compress(idx_header(array.shape, kind) + array.tobytes(), mtime=0)


def small(one: PublishedSet) -> tuple[dict[str, bytes], list[np.ndarray]]:
    """The files of a small set in the format of this one, and what must come out."""
    rng = np.random.default_rng(len(one.name))
    classes = len(one.class_names) or 10
    parts = [(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), np.arange(n) % classes) for n in one.sizes]
    if one.name == "cifar10":
        return small_cifar(rng)
    files = {}
    for part, (images, labels) in zip(("train", "test"), parts, strict=True):
        if one.skip_test and part == "test":
            images = np.concatenate([images[:1]] * one.skip_test + [images])
            labels = np.concatenate([labels[:1]] * one.skip_test + [labels])
        stored = images.swapaxes(1, 2) if one.transposed else images
        label = labels + one.first_label
        named = "t10k" if not one.prefix and part == "test" else part
        files[f"{one.prefix}{named}-images-idx3-ubyte.gz"] = idx(stored)
        if one.prefix == "qmnist-":
            table = np.zeros((len(label), 8), ">i4")
            table[:, 0] = label
            files[f"qmnist-{part}-labels-idx2-int.gz"] = idx(table, 12)
        else:
            files[f"{one.prefix}{named}-labels-idx1-ubyte.gz"] = idx(label.astype(np.uint8))
    return files, [array for part in parts for array in part]


def small_cifar(rng: np.random.Generator) -> tuple[dict[str, bytes], list[np.ndarray]]:
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    records = [rng.integers(0, 256, (6, 3073), dtype=np.uint8) for _ in names]
    for one in records:
        one[:, 0] %= 10
    images = [one[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for one in records]
    labels = [one[:, 0] for one in records]
    files = {name: one.tobytes() for name, one in zip(names, records, strict=True)}
    return files, [np.concatenate(images[:5]), np.concatenate(labels[:5]), images[5], labels[5]]


def archived(one: PublishedSet, files: dict[str, bytes]) -> dict[str, bytes]:
    """What a mirror holds: the files, or an archive of them and of other sets."""
    if not one.members:
        return files
    stream = io.BytesIO()
    contents = {member: files.get(member.rpartition("/")[2], b"of another set") for member in one.members}
    if one.files[0].name.endswith(".zip"):
        with zipfile.ZipFile(stream, "w") as archive:
            for member, data in contents.items():
                archive.writestr(member, data)
    else:
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for member, data in contents.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return {one.files[0].name: stream.getvalue()}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        data = self.server.files.get(self.path)  # type: ignore[attr-defined]
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(params=OTHERS)
def one(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PublishedSet:
    """The entry of the table for a small set in the format of this one."""
    entry = PUBLISHED[request.param]
    sizes = (30, 6) if entry.name == "cifar10" else (60, 50)
    entry = replace(entry, sizes=sizes, skip_test=min(entry.skip_test, 10))
    contents, _ = small(entry)
    held = archived(entry, contents)
    files = tuple(
        replace(
            file, size=file.size and len(held[file.name]), checksum=_checksum(file.algorithm, held[file.name])
        )
        for file in entry.files
    )
    entry = replace(entry, files=files)
    monkeypatch.setitem(PUBLISHED, entry.name, entry)
    return entry


def _checksum(algorithm: str, data: bytes) -> str:
    return (hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5)(data).hexdigest()


@pytest.fixture
def mirror(one: PublishedSet, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    contents, _ = small(one)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files = {f"/{one.cache_name}/{name}": data for name, data in archived(one, contents).items()}  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        monkeypatch.setenv("TENFOLD_MIRRORS", f"http://127.0.0.1:{server.server_port}/")
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def check(one: PublishedSet, corpus: object) -> None:
    _, wanted = small(one)
    found = [part for half in (corpus.train, corpus.test) for part in (half.images, half.labels)]  # type: ignore[attr-defined]
    for got, expected in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_downloaded_once_checked_and_upright(one: PublishedSet, mirror: object, tmp_path: Path) -> None:
    corpus = load_corpus(one.name, notify=quiet)
    check(one, corpus)
    assert corpus.name == corpus.train.name == one.name
    assert corpus.train.class_names == (one.class_names or tuple("0123456789"))
    mirror.files.clear()  # type: ignore[attr-defined]
    again = load_corpus(one.name, notify=quiet, download=False)
    assert again.sha256 == corpus.sha256
    assert (
        load_corpus(corpus.origin, notify=quiet).sha256 == corpus.sha256
    )  # as a run does that is judged again
    [row] = [row for row in published_status() if row.source == one.name]
    assert (row.present, row.verified, row.train_images) == (True, True, one.sizes[0])
    assert all(check.ok for check in verify(one.name))


@pytest.mark.fault(
    "data", "a mirror sends another file than was published", "refused by its checksum, nothing is kept"
)
def test_another_file_is_refused(one: PublishedSet, mirror: object, tmp_path: Path, refused) -> None:
    for path, data in mirror.files.items():  # type: ignore[attr-defined]
        mirror.files[path] = data[:-1] + bytes([data[-1] ^ 1])  # type: ignore[attr-defined]
    with refused(one.files[0].name, f"expected {one.files[0].algorithm} [0-9a-f]+, found [0-9a-f]+; put"):
        load_corpus(one.name, notify=quiet)
    assert [path.name for path in (tmp_path / "cache" / one.cache_name).iterdir()] == [".lock"]


@pytest.mark.fault(
    "data", "there is no network and no copy of a published set", "one line says where to put the files"
)
def test_without_network_the_advice_leads_to_success(
    one: PublishedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"; put its files|; put \S+, unpacked,") as caught:
        load_corpus(one.name, notify=quiet)
    assert "\n" not in str(caught.value)
    folder = Path(re.search(r"into (\S+), or into", str(caught.value))[1])
    by_hand(folder, one)
    said: list[str] = []
    check(one, load_corpus(one.name, notify=said.append))
    assert len(said) == (
        1 if one.members else 0
    )  # an archive's files have no published checksums of their own


def by_hand(folder: Path, one: PublishedSet) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in small(one)[0].items():
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("below", ["name", "torchvision"])
def test_found_in_the_folder_of_the_user(
    one: PublishedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    if below == "torchvision" and not one.torchvision:
        pytest.skip("torchvision has it as a pickle")
    by_hand(tmp_path / "root" / (one.name if below == "name" else f"{one.torchvision}/raw"), one)
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "root"))
    check(one, load_corpus(one.name, notify=lambda line: None))


def test_unpacked_files_are_used_and_not_called_verified(
    one: PublishedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand(tmp_path / "root" / one.name, one)
    for path in (tmp_path / "root" / one.name).glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    monkeypatch.setenv("TENFOLD_DATA", str(tmp_path / "root"))
    said: list[str] = []
    corpus = load_corpus(one.name, notify=said.append)
    check(one, corpus)
    assert re.fullmatch(rf"{one.name}-[0-9a-f]{{8}}", corpus.name)
    assert len(said) == 1
    assert "only the format and the number of images" in said[0]
    assert load_corpus(corpus.origin).sha256 == corpus.sha256


def test_a_folder_is_recognised_by_its_checksums(one: PublishedSet, tmp_path: Path) -> None:
    by_hand(tmp_path / "mine", one)
    if one.members or one.name == "qmnist-50k":
        pytest.skip("without published checksums of the files, or with those of qmnist")
    corpus = load_corpus(tmp_path / "mine", notify=quiet)
    assert corpus.name == one.name
    assert corpus.train.class_names == (one.class_names or tuple("0123456789"))


def test_each_file_is_decompressed_once(
    one: PublishedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if one.name == "cifar10":
        pytest.skip("its files are not compressed")
    by_hand(tmp_path / "given", one)
    read = []
    for kind in ("read_idx_images", "read_idx_labels"):
        reader = getattr(published_folder, kind)
        monkeypatch.setattr(
            published_folder, kind, lambda path, reader=reader: read.append(path) or reader(path)
        )
    load_corpus(tmp_path / "given")
    assert len(read) == len(set(read)) == 4
