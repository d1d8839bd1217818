"""The IDX reader: what it reads, and what it says to every kind of damage."""

from __future__ import annotations

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.data import read_idx_images, read_idx_labels, write_idx
from tenfold.data.idx import idx_header, idx_sha256
from tenfold.errors import DataError, DTypeError

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
PLAIN = idx_header(IMAGES.shape) + IMAGES.tobytes()
LABELS = np.arange(32, dtype=np.uint8) % 10
LABELS_PLAIN = idx_header(LABELS.shape) + LABELS.tobytes()


def header(*dimensions: int, magic: bytes | None = None) -> bytes:
    return (magic or bytes([0, 0, 8, len(dimensions)])) + struct.pack(f">{len(dimensions)}I", *dimensions)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize("name", ["a", "a.gz"])
@pytest.mark.parametrize("packed", [False, True])
def test_reads_plain_and_gzip_whatever_the_name(tmp_path: Path, name: str, packed: bool) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(PLAIN) if packed else PLAIN)
    images = read_idx_images(path)
    np.testing.assert_array_equal(images, IMAGES)
    assert images.dtype == np.uint8
    assert images.flags.writeable
    assert images.flags.c_contiguous


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_labels_round_trip(tmp_path: Path, name: str) -> None:
    write_idx(tmp_path / name, LABELS)
    labels = read_idx_labels(tmp_path / name)
    np.testing.assert_array_equal(labels, LABELS)
    assert labels.dtype == np.int64


def test_writer_follows_the_format_and_is_reproducible(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", IMAGES)
    assert (tmp_path / "a").read_bytes() == b"\0\0\x08\x03" + struct.pack(
        ">3I", 20, 28, 28
    ) + IMAGES.tobytes()
    write_idx(tmp_path / "a.gz", IMAGES)
    write_idx(tmp_path / "b.gz", IMAGES)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    with pytest.raises(DTypeError, match="expected uint8, found float64"):
        write_idx(tmp_path / "c", IMAGES / 255)


FAULTS = {
    "empty": (b"", "found an empty file"),
    "wrong magic": (
        b"\x12\x34\x56\x78" + PLAIN[4:],
        "expected the IDX magic 00000803 of images, found 12345678",
    ),
    "html": (b"<!DOCTYPE html><html>", "expected the IDX magic 00000803 of images, found 3c21444f"),
    "two bytes": (PLAIN[:2], "found 0000"),
    "header cut off": (PLAIN[:11], "expected a header of 16 bytes, found 11"),
    "floats": (
        header(20, 28, 28, magic=b"\0\0\x0d\x03") + IMAGES.tobytes(),
        r"found 32-bit floats \(type 0x0d\)",
    ),
    "labels as images": (LABELS_PLAIN, r"expected images \(3 dimensions\), found labels \(1 dimensions\)"),
    "one byte too many": (PLAIN + b"\0", r"promises \(20, 28, 28\) = 15680 bytes, the file holds 15681"),
    "one byte short": (PLAIN[:-1], r"promises \(20, 28, 28\) = 15680 bytes, the file holds 15679"),
    "count 0": (header(0, 28, 28), r"expected at least one image, found the dimensions \(0, 28, 28\)"),
    "count 0 with data": (header(0, 28, 28) + IMAGES.tobytes(), "expected at least one image"),
    "32 bits overflow": (header(2**31, 2, 2), r"= 8589934592 bytes, the file holds 0"),
    "64 bits overflow": (header(2**32 - 1, 2**32 - 1, 2**32 - 1), r"= 79228162458924105385300197375 bytes"),
    "two channels": (
        header(20, 28, 14, 2) + IMAGES.tobytes(),
        r"expected images of 1, 3 or 4 channels, last or second, found the dimensions \(20, 28, 14, 2\)",
    ),
}


@pytest.mark.fault(
    "data",
    "an IDX file is empty, of another kind, too long, or shorter than its header says",
    "one line that names the file, exit 3",
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("fault", FAULTS)
def test_damaged_images_are_refused(tmp_path: Path, refused, fault: str, packed: bool) -> None:
    data, plain_words = FAULTS[fault]
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(gzip.compress(data) if packed else data)
    words = {
        "empty": "expected the IDX magic 00000803 of images, found nothing",
        "one byte too many": "= 15680 bytes, the file holds more",
        "32 bits overflow": "= 8589934592 bytes, the file holds [0-9]+ gzipped, too few for that",
    }
    with refused(str(path), words.get(fault, plain_words) if packed else plain_words):
        read_idx_images(path)


@pytest.mark.fault(
    "data",
    "an IDX file is truncated at every sixteenth of its length",
    "one line that names the file, exit 3",
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("sixteenth", range(16))
def test_truncated_at_every_sixteenth(tmp_path: Path, refused, sixteenth: int, packed: bool) -> None:
    data = gzip.compress(PLAIN) if packed else PLAIN
    path = tmp_path / "images"
    path.write_bytes(data[: len(data) * sixteenth // 16])
    words = (
        "found an empty file"
        if sixteenth == 0
        else "found one that is cut off"
        if packed
        else "the file holds [0-9]+;"
    )
    with refused(str(path), words):
        read_idx_images(path)


@pytest.mark.fault(
    "data", "the last bytes of a gzip file are missing", "one line that names the file, exit 3"
)
@pytest.mark.parametrize("cut", range(1, 9))
def test_gzip_trailer_cut_off(tmp_path: Path, refused, cut: int) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(PLAIN)[:-cut])
    with refused(str(path), "found one that is cut off"):
        read_idx_images(path)


SOUND = gzip.compress(PLAIN, mtime=0)
GZIP_FAULTS = {
    "crc": (flipped(SOUND, len(SOUND) - 8), r"a damaged one \(its CRC does not match\)"),
    "length": (flipped(SOUND, len(SOUND) - 4), r"a damaged one \(its length does not match\)"),
    "stream": (SOUND[:10] + b"\xff" * 60 + SOUND[70:], "found a damaged one"),
    "method": (flipped(SOUND, 2), "found a damaged one"),
    "more in a second member": (SOUND + gzip.compress(b"more"), "the file holds more"),
    "second member cut off": (SOUND + gzip.compress(b"")[:12], "found one that is cut off"),
    "endless members": (SOUND + gzip.compress(b"") * (1 << 16), "at most 65536 gzip members, found more"),
    "bytes after": (SOUND + b"\0" * 8, "found other bytes after it"),
}


@pytest.mark.fault(
    "data",
    "a gzip file has a wrong checksum or length, too many members, or extra bytes",
    "one line that names the file, exit 3",
)
@pytest.mark.parametrize("fault", GZIP_FAULTS)
def test_damaged_gzip_is_refused(tmp_path: Path, refused, fault: str) -> None:
    data, words = GZIP_FAULTS[fault]
    path = tmp_path / "images.gz"
    path.write_bytes(data)
    with refused(str(path), words):
        read_idx_images(path)


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_gzip_of_several_members(tmp_path: Path, pieces: int) -> None:
    """As ``cat a.gz b.gz`` makes it; the borders lie anywhere, and a member may be empty."""
    size = len(PLAIN) // pieces + 1
    parts = [PLAIN[start : start + size] for start in range(0, len(PLAIN), size)]
    path = tmp_path / "images.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in [*parts, b""]))
    np.testing.assert_array_equal(read_idx_images(path), IMAGES)


@pytest.mark.parametrize("shape", [(5, 7, 9), (5, 7, 9, 3), (4, 6, 6, 1)])
def test_images_of_any_size_and_colour(tmp_path: Path, shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    write_idx(tmp_path / "images", images)
    np.testing.assert_array_equal(read_idx_images(tmp_path / "images"), images)


def test_channels_in_the_second_place_are_moved_to_the_end(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(0, 256, (5, 3, 7, 9), dtype=np.uint8)
    write_idx(tmp_path / "images", images)
    np.testing.assert_array_equal(read_idx_images(tmp_path / "images"), images.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("columns", [(), (8,)])
def test_labels_as_integers_of_32_bits(tmp_path: Path, columns: tuple[int, ...]) -> None:
    """QMNIST's labels have eight columns; the first is the class."""
    table = np.random.default_rng(2).integers(0, 1000, (6, *columns)).astype(">i4")
    (tmp_path / "labels").write_bytes(idx_header(table.shape, 12) + table.tobytes())
    expected = table[:, 0] if columns else table
    assert read_idx_labels(tmp_path / "labels").tolist() == expected.tolist()


@pytest.mark.fault("data", "a label is negative", "one line that names the file, exit 3")
def test_negative_label(tmp_path: Path, refused) -> None:
    labels = np.array([3, 0, -1], ">i4")
    (tmp_path / "labels").write_bytes(idx_header(labels.shape, 12) + labels.tobytes())
    with refused(str(tmp_path / "labels"), "expected labels of 0 and more, found -1 at position 2"):
        read_idx_labels(tmp_path / "labels")


@pytest.mark.fault("data", "images are given in place of labels", "one line that names the file, exit 3")
def test_images_as_labels(tmp_path: Path, refused) -> None:
    write_idx(tmp_path / "labels", IMAGES)
    with refused(
        str(tmp_path / "labels"), r"expected labels \(1 dimensions\), found images \(3 dimensions\)"
    ):
        read_idx_labels(tmp_path / "labels")


@pytest.mark.fault(
    "data",
    "a header promises half a gigabyte, the file holds little",
    "rejected, and no memory is allocated for it",
)
def test_promises_allocate_nothing(tmp_path: Path) -> None:
    """Half a gigabyte promised, 100 kB held: the promise costs no memory."""
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(header(600_000, 28, 28) + np.random.default_rng(0).bytes(600_000)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="the file holds 600000;"):
            read_idx_images(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 << 20


@pytest.mark.fault(
    "data", "a gzip file unpacks to a thousand times its size", "read no further than its header promises"
)
def test_bomb_is_read_no_further_than_promised(tmp_path: Path, refused) -> None:
    """64 MB of zeros packed into 64 kB behind a header that promises one image."""
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(header(1, 28, 28) + bytes(64 << 20), compresslevel=1))
    tracemalloc.start()
    try:
        with refused(str(path), "the file holds more"):
            read_idx_images(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.fault("data", "a gzipped file is larger than a gigabyte", "one line that names the file, exit 3")
def test_more_than_a_gigabyte_is_refused(tmp_path: Path, refused) -> None:
    path = tmp_path / "images"
    noise = np.random.default_rng(0).bytes(2_000_000)  # so that the size in the header could be true
    path.write_bytes(gzip.compress(header(2_000_000, 28, 28) + noise, 1))
    with refused(str(path), "expected at most 1073741824 bytes"):
        read_idx_images(path)


@pytest.mark.fault("data", "a file is missing", "one line that names the file, exit 3")
def test_missing(tmp_path: Path, refused) -> None:
    with refused(str(tmp_path / "images"), "expected a file, found nothing"):
        read_idx_images(tmp_path / "images")


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
def test_folder(tmp_path: Path, refused) -> None:
    with refused(str(tmp_path), "expected a file, found a folder"):
        read_idx_images(tmp_path)


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_named_pipe_does_not_hang(tmp_path: Path, refused) -> None:
    os.mkfifo(tmp_path / "images")
    with refused(str(tmp_path / "images"), "expected a file, found a named pipe"):
        read_idx_images(tmp_path / "images")


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_endless_device(refused) -> None:
    with refused("/dev/zero", "expected a file, found a device"):
        read_idx_images("/dev/zero")


@pytest.mark.fault(
    "data",
    "a file is replaced by a folder, a named pipe, a device or a loop of links",
    "one line that names the file, exit 3",
)
def test_symlink_loop(tmp_path: Path, refused) -> None:
    (tmp_path / "images").symlink_to("other")
    (tmp_path / "other").symlink_to("images")
    with refused(str(tmp_path / "images"), "found a loop of symbolic links"):
        read_idx_images(tmp_path / "images")


@pytest.mark.fault("data", "a file or folder may not be read", "one line that names the file, exit 3")
def test_unreadable(unprivileged: Path, refused) -> None:
    path = unprivileged / "images"
    path.write_bytes(PLAIN)
    path.chmod(0)
    with refused(str(path), "expected a readable file, found permission denied"):
        read_idx_images(path)


@pytest.mark.fault("data", "a file's name holds a line break and colours", "still one line, printable")
def test_name_with_a_line_break_stays_on_one_line(tmp_path: Path, refused) -> None:
    path = tmp_path / "two\nlines\x1b[31m"
    path.write_bytes(b"")
    with refused(str(tmp_path / "two"), r"two\\nlines\\x1b\[31m: expected"):
        read_idx_images(path)


@pytest.mark.fault("data", "any bytes are read as IDX", "images or one line, nothing else")
@given(data=st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: PLAIN[:16] + tail))
def test_any_bytes_give_images_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed"
    for content in (data, gzip.compress(data), b"\x1f\x8b" + data):
        path.write_bytes(content)
        with pytest.raises(DataError):
            read_idx_images(path)


def test_checksum_is_that_of_the_plain_file(mnist_folder: Path) -> None:
    labels = read_idx_labels(mnist_folder / "t10k-labels-idx1-ubyte.gz").astype(np.uint8)
    assert idx_sha256(labels) == "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
