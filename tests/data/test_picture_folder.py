"""Pictures: every mode of PNG and JPEG, every kind of damage, and folders of them by digit."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import load_corpus, read_picture, single_digit
from tenfold.data.page.plain_paper import is_blank
from tenfold.data.picture_folder import find_pictures, read_pictures
from tenfold.runs.data_sense import remarks


def read_digit(path: Path) -> np.ndarray | None:
    return single_digit(read_picture(path))


def stroke(height: int = 28, width: int = 28) -> np.ndarray:
    """A bent stroke on black, not symmetric in any way; smooth, so that JPEG keeps it."""
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    near = np.abs(x - 0.35 - 0.5 * (y - 0.3) ** 2 - 0.3 * (y > 0.6) * (y - 0.6))
    ink = np.clip(1.2 - near * 14, 0, 1) * (y > 0.15) * (y < 0.8)
    return np.rint(ink * 255).astype(np.uint8)


def saved(path: Path, array: np.ndarray, mode: str | None = None, **options: object) -> Path:
    image = Image.fromarray(array)
    (image if mode is None else image.convert(mode)).save(path, **options)
    return path


def png(width: int, height: int, depth: int = 8, colour: int = 0, data: bytes = b"") -> bytes:
    """A PNG with any header, whatever its data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


MODES = {
    "L": lambda path: saved(path, stroke()),
    "RGB": lambda path: saved(path, stroke(), "RGB"),
    "RGBA opaque": lambda path: saved(path, stroke(), "RGBA"),
    "LA opaque": lambda path: saved(path, stroke(), "LA"),
    "palette": lambda path: saved(path, stroke(), "P"),
    "16 bit": lambda path: saved(path, stroke().astype(np.uint16) * 257),
    "interlaced": lambda path: saved(path, stroke(), interlace=1),
    "white paper": lambda path: saved(path, 255 - stroke()),
    "white paper RGBA": lambda path: saved(path, 255 - stroke(), "RGBA"),
    "white paper 16 bit": lambda path: saved(path, (255 - stroke()).astype(np.uint16) * 257),
    "black ink on nothing": lambda path: saved(path, np.dstack([np.zeros((28, 28, 3), np.uint8), stroke()])),
    "white ink on nothing": lambda path: saved(
        path, np.dstack([np.full((28, 28, 3), 255, np.uint8), stroke()])
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_png_mode_gives_the_same_grey_levels(tmp_path: Path, mode: str) -> None:
    image = read_picture(MODES[mode](tmp_path / "digit.png"))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, 255 - stroke() if image[0, 0] == 255 else stroke())
    assert (image[0, 0] == 255) == (mode.startswith(("white paper", "black ink")))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("paper", [0, 255])
def test_every_jpeg_mode_is_close(tmp_path: Path, mode: str, paper: int) -> None:
    path = saved(
        tmp_path / "digit.jpg", np.abs(paper - stroke().astype(int)).astype(np.uint8), mode, quality=100
    )
    np.testing.assert_allclose(read_picture(path).astype(int), np.abs(paper - stroke().astype(int)), atol=6)


def test_palette_with_transparency(tmp_path: Path) -> None:
    image = Image.fromarray((stroke() > 127).astype(np.uint8), mode=None).convert("P")
    image.putpalette([255, 0, 0, 0, 0, 0] + [0] * 762)
    image.save(tmp_path / "digit.png", transparency=0)
    np.testing.assert_array_equal(read_picture(tmp_path / "digit.png"), (stroke() <= 127) * np.uint8(255))


def test_one_bit(tmp_path: Path) -> None:
    saved(tmp_path / "digit.png", (stroke() > 127).astype(np.uint8) * np.uint8(255), "1")
    np.testing.assert_array_equal(read_picture(tmp_path / "digit.png"), (stroke() > 127) * np.uint8(255))


@pytest.mark.fault("own pictures", "a picture lies on its side, as EXIF says", "read upright")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path: Path, orientation: int) -> None:
    """Each of the eight ways to hold a camera; the turn that EXIF asks for is applied here by hand."""
    upright = stroke(40, 56)
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.T,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].T,
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(undo[orientation](upright))
    saved(tmp_path / "digit.jpg", stored, quality=100, exif=exif)
    np.testing.assert_allclose(read_picture(tmp_path / "digit.jpg").astype(int), upright, atol=6)


@pytest.mark.fault("own pictures", "ink and paper are swapped", "the same answer")
@pytest.mark.parametrize(("height", "width"), [(56, 56), (200, 120), (90, 300), (20, 20), (27, 28)])
def test_both_polarities_give_the_same_image(tmp_path: Path, height: int, width: int) -> None:
    dark = read_digit(saved(tmp_path / "a.png", stroke(height, width)))
    light = read_digit(saved(tmp_path / "b.png", 255 - stroke(height, width)))
    np.testing.assert_array_equal(dark, light)
    assert dark.max() == 255
    inked = [np.flatnonzero(dark.any(axis=axis)) for axis in (0, 1)]
    assert max(np.ptp(index) for index in inked) == 19


PAPERS = [(paper, ink) for paper in (0, 64, 120, 140, 200, 255) for ink in (0, 255) if paper != ink]


@pytest.mark.parametrize(("height", "width"), [(28, 28), (100, 80)])
@pytest.mark.parametrize(("paper", "ink"), PAPERS)
def test_any_paper_and_either_ink_give_the_same_image(
    tmp_path: Path, paper: int, ink: int, height: int, width: int
) -> None:
    written = stroke(height, width) > 127
    page = np.where(written, ink, paper).astype(np.uint8)
    want = read_digit(saved(tmp_path / "plain.png", written * np.uint8(255)))
    assert want.max() == 255
    np.testing.assert_array_equal(read_digit(saved(tmp_path / "page.png", page)), want)


@pytest.mark.parametrize(("paper", "ink"), [(120, 20), (140, 240), (200, 20)])
def test_ink_that_is_not_quite_black_or_white(tmp_path: Path, paper: int, ink: int) -> None:
    page = np.full((100, 100), paper, np.uint8)
    page[30:70, 40:60] = ink
    plain = np.zeros((100, 100), np.uint8)
    plain[30:70, 40:60] = 255
    grey = read_digit(saved(tmp_path / "a.png", page))
    np.testing.assert_array_equal(grey, read_digit(saved(tmp_path / "b.png", plain)))


def test_28_x_28_on_grey_paper_keeps_its_contrast(tmp_path: Path) -> None:
    page = np.full((28, 28), 200, np.uint8)
    page[4:24, 12:15], page[4:24, 15:17] = 100, 0  # half of what the ink could be, and all of it
    found = read_digit(saved(tmp_path / "a.png", page))
    assert np.unique(found).tolist() == [0, 128, 255]
    assert (found == 255).sum() == 40


def test_faint_grain_and_jpeg_ringing_do_not_widen_the_box(tmp_path: Path) -> None:
    clean = read_digit(saved(tmp_path / "a.png", 255 - stroke(200, 200)))
    grain = np.random.default_rng(0).integers(0, 20, (200, 200), dtype=np.uint8)
    grained = read_digit(saved(tmp_path / "b.png", np.minimum(255 - stroke(200, 200), 255 - grain)))
    ringing = read_digit(saved(tmp_path / "c.jpg", 255 - stroke(200, 200), quality=40))
    for other in (grained, ringing):
        for axis in (0, 1):
            assert np.count_nonzero(other.any(axis=axis)) == np.count_nonzero(clean.any(axis=axis))
        assert other.sum(dtype=int) == pytest.approx(clean.sum(dtype=int), rel=0.05)


DAMAGE = {
    "empty": (b"", r"expected a picture \(PNG, JPEG, .* or PDF\), found an empty file"),
    "text": (b"<svg></svg>", "found an SVG drawing; export it as PNG"),
    "noise": (bytes(range(1, 200)), "found something else"),
    "gif": (b"GIF89a" + bytes(50), "found a damaged one"),
    "17 megapixels": (png(4_250, 4_000), "at most 16 megapixels, found 4250 x 4000 pixels"),
    "bomb": (png(12_000, 12_000), "at most 16 megapixels, found"),
    "large bomb": (png(2**31 - 1, 2**31 - 1), "at most 16 megapixels, found"),
    "no data": (png(28, 28), "expected a complete picture, found a damaged one"),
    "zero wide": (png(0, 28), "found"),
    "unknown colour": (png(28, 28, colour=5), "found"),
}


@pytest.mark.fault(
    "own pictures",
    "a file is not a picture, too large, a decompression bomb, or has no pixels",
    "one line that names the file, exit 3",
)
@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_no_picture_is_refused(tmp_path: Path, refused, damage: str) -> None:
    data, words = DAMAGE[damage]
    path = tmp_path / "digit.png"
    path.write_bytes(data)
    with refused(str(path), words):
        read_digit(path)


@pytest.mark.fault("own pictures", "a JPEG has thousands of scans", "rejected before they are decoded")
@pytest.mark.parametrize(("scans", "good"), [(100, True), (101, False), (30_000, False)])
def test_scans_of_a_progressive_jpeg(tmp_path: Path, refused, scans: int, good: bool) -> None:
    """Each goes over all pixels, whether it says anything about them or not."""
    path = saved(tmp_path / "digit.jpg", 255 - stroke(60, 60), progressive=True)
    whole = path.read_bytes()
    *_, last = found = list(re.finditer(b"\xff\xda", whole))
    path.write_bytes(whole[:-2] + whole[last.start() : -2] * (scans - len(found)) + whole[-2:])
    if good:
        assert read_picture(path).shape == (60, 60)
    else:
        with refused(str(path), f"expected a JPEG of 60 x 60 pixels with at most 100 scans, found {scans}"):
            read_picture(path)


@pytest.mark.fault(
    "own pictures",
    "a picture is truncated at every sixteenth of its length",
    "one line that names the file, exit 3",
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_truncated_at_every_sixteenth(tmp_path: Path, refused, kind: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(stroke(60, 60)).save(buffer, kind)
    whole = buffer.getvalue()
    path = tmp_path / "digit"
    for sixteenth in range(16):
        path.write_bytes(whole[: len(whole) * sixteenth // 16])
        with refused(str(path), r"expected a (complete )?picture( \(PNG, .*\))?, found"):
            read_digit(path)


@pytest.mark.fault(
    "own pictures",
    "a file is not a picture, too large, a decompression bomb, or has no pixels",
    "one line that names the file, exit 3",
)
def test_other_formats_are_not_opened(tmp_path: Path, refused) -> None:
    path = tmp_path / "digit.png"
    path.write_bytes(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100))
    with refused(str(path), r"or PDF\), found a JPEG 2000; save it as PNG or JPEG"):
        read_digit(path)


@pytest.mark.fault(
    "own pictures",
    "a picture is blank, all ink, 1 x 1 or 1 x 5000",
    "reason `blank`; rejected among labelled pictures",
)
@pytest.mark.parametrize(
    "page",
    [
        np.zeros((50, 50)),
        np.full((50, 50), 255),
        np.full((64, 64), 128),
        np.zeros((1, 1)),
        np.zeros((1, 5000)),
    ],
    ids=["black", "white", "grey", "1x1", "1x5000"],
)
def test_blank_is_no_ink_and_is_refused_among_labelled_pictures(
    tmp_path: Path, refused, page: np.ndarray
) -> None:
    (tmp_path / "3").mkdir()
    path = saved(tmp_path / "3" / "digit.png", page.astype(np.uint8))
    assert is_blank(read_picture(path))
    assert read_digit(path) is None
    with refused(str(path), "expected a digit, found a blank picture"):
        load_corpus(tmp_path)


@pytest.mark.parametrize("side", [28, 60])
@pytest.mark.parametrize(("paper", "ink"), [(0, 31), (255, 224), (120, 89), (120, 151)])
def test_what_is_too_faint_is_blank(tmp_path: Path, paper: int, ink: int, side: int) -> None:
    page = np.full((side, side), paper, np.uint8)
    page[10:15, 10:15] = ink
    assert is_blank(page)
    assert read_digit(saved(tmp_path / "a.png", page)) is None
    page[10:15, 10:15] = ink + np.sign(ink - paper)
    assert not is_blank(page)
    assert read_digit(saved(tmp_path / "b.png", page)).max() == 255


@pytest.fixture
def by_digit(tmp_path: Path) -> Path:
    """Five pictures of each digit: bars whose width tells the digit, each in its own grey level."""
    folder = tmp_path / "my digits"
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True)
        for i in range(5):
            page = np.zeros((28, 28), np.uint8)
            left = 14 - digit // 2
            page[4:24, left : left + digit + 1] = 205 + i
            saved(folder / str(digit) / f"{i}.png", page)
    return folder


def test_folder_by_digit(by_digit: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (by_digit / "3" / name).write_bytes(b"?")
    said: list[str] = []
    [whole] = read_pictures(find_pictures(by_digit), "mine", said.append)
    assert whole.labels.tolist() == [digit for digit in range(10) for _ in range(5)]
    assert whole.images.max(axis=(1, 2)).tolist() == [205 + i for _ in range(10) for i in range(5)]
    assert whole.images.any(axis=1).sum(axis=1).tolist() == [
        1 + digit for digit in range(10) for _ in range(5)
    ]
    assert said == []


def test_missing_digits_are_told(by_digit: Path) -> None:
    for path in (by_digit / "4").iterdir():
        path.unlink()
    (by_digit / "7").rename(by_digit.parent / "elsewhere")
    corpus = load_corpus(by_digit)
    assert len(corpus.train) + len(corpus.test) == 40
    assert [line for line in remarks(corpus) if "there are no images of 4, 7;" in line]


@pytest.mark.fault("own pictures", "one picture of a folder is damaged", "the error names it")
def test_one_bad_picture_in_a_folder_is_named(by_digit: Path, refused) -> None:
    (by_digit / "6" / "bad.png").write_bytes(b"not a picture")
    with refused(str(by_digit / "6" / "bad.png"), "expected a picture"):
        load_corpus(by_digit)


def test_folder_without_pictures(tmp_path: Path, refused) -> None:
    (tmp_path / "0").mkdir()
    with refused(
        str(tmp_path), "or a subfolder of pictures for each class, found 0; give a folder with one of these"
    ):
        load_corpus(tmp_path)


def test_folder_becomes_a_stratified_corpus(by_digit: Path) -> None:
    corpus = load_corpus(by_digit)
    assert corpus.name == corpus.train.name == corpus.test.name == "my-digits"
    assert (len(corpus.train), len(corpus.test)) == (43, 7)
    assert len(set(corpus.test.labels.tolist())) == 7
    assert load_corpus(by_digit).sha256 == corpus.sha256


def test_training_and_testing_folders(by_digit: Path, tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.mkdir()
    by_digit.rename(both / "testing")
    saved_to = both / "training" / "8"
    saved_to.mkdir(parents=True)
    saved(saved_to / "a.png", stroke())
    corpus = load_corpus(both)
    assert (len(corpus.train), len(corpus.test)) == (1, 50)
    assert [line for line in remarks(corpus) if "and no training images" in line]
