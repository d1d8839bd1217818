"""A picture in every format, found by its content; pages, frames and files that lack their end."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tenfold.data import PictureLimits, kept_picture, picture_pages, read_picture
from tenfold.data.formats.limits import FORMATS


def page() -> np.ndarray:
    """A dark stroke on a light page that is not square."""
    y, x = np.mgrid[:48, :64]
    return np.where((np.abs(x - 30 - (y - 20) / 6) < 4) & (y > 8) & (y < 40), 20, 230).astype(np.uint8)


def saved(kind: str, mode: str = "L", pixels: np.ndarray | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(page() if pixels is None else pixels).convert(mode, dither=Image.Dither.NONE)
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


WAYS = {
    "png": ("PNG", "RGB", {}, 0),
    "jpeg": ("JPEG", "RGB", {"quality": 95}, 12),
    "webp lossless": ("WEBP", "RGB", {"lossless": True}, 0),
    "webp": ("WEBP", "RGB", {"quality": 95}, 16),
    "gif": ("GIF", "L", {}, 0),
    "gif in colour": ("GIF", "RGB", {}, 0),
    "bmp": ("BMP", "RGB", {}, 0),
    "bmp grey": ("BMP", "L", {}, 0),
    "tiff": ("TIFF", "RGB", {}, 0),
    "tiff LZW": ("TIFF", "L", {"compression": "tiff_lzw"}, 0),
    "tiff deflate": ("TIFF", "RGBA", {"compression": "tiff_adobe_deflate"}, 0),
    "tiff PackBits": ("TIFF", "L", {"compression": "packbits"}, 0),
    "tiff JPEG": ("TIFF", "RGB", {"compression": "jpeg"}, 40),
    "pgm": ("PPM", "L", {}, 0),
    "ppm": ("PPM", "RGB", {}, 0),
    "avif": ("AVIF", "RGB", {"quality": 95}, 16),
    "heic": ("HEIF", "RGB", {"quality": 95}, 16),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_pixels_are_those_of_the_picture(way: str, tmp_path: Path) -> None:
    kind, mode, options, tolerance = WAYS[way]
    (tmp_path / "a.jpg").write_bytes(saved(kind, mode, **options))  # the name says nothing
    found = read_picture(tmp_path / "a.jpg")
    assert np.abs(found.astype(int) - page()).max() <= tolerance
    assert kept_picture(tmp_path / "a.jpg").shape[:2] == page().shape


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("BMP", {}),
        ("TIFF", {"compression": "group4"}),
        ("TIFF", {"compression": "group3"}),
        ("PPM", {}),
        ("GIF", {}),
    ],
)
def test_black_and_white(kind: str, options: dict[str, object]) -> None:
    expected = np.where(page() > 127, 255, 0)
    np.testing.assert_array_equal(read_picture(saved(kind, "1", **options)), expected)


def test_pdf_is_drawn_with_200_pixels_an_inch() -> None:
    found = read_picture(saved("PDF", "RGB", np.full((72, 36), 255, np.uint8), resolution=72))
    assert found.shape == (200, 100)
    sheet = saved("PDF", "RGB", np.full((720, 360), 255, np.uint8), resolution=72)
    smaller = read_picture(sheet, limits=PictureLimits(1))
    assert 950_000 < smaller.size <= 1_000_000


def test_grey_of_16_bits() -> None:
    deep = Image.fromarray(page().astype(np.uint16) * 257)
    for kind in ("PNG", "TIFF"):
        buffer = io.BytesIO()
        deep.save(buffer, kind)
        np.testing.assert_array_equal(read_picture(buffer.getvalue()), page())


# --- portable bitmaps, as text and with other depths


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("largest", [15, 255, 1023, 65535])
def test_greymaps_as_text(largest: int, end: str) -> None:
    levels = np.rint(page() / 255 * largest).astype(int)
    text = end.join(
        ["P2", f"# a comment{end}64 48", str(largest), *(" ".join(map(str, row)) for row in levels)]
    )
    found = read_picture(text.encode())
    np.testing.assert_array_equal(found, np.rint(levels * (255 / largest)).astype(np.uint8))


def test_binary_greymaps_of_16_bits_and_bitmaps_as_text() -> None:
    deep = b"P5 64 48 65535\n" + (page().astype(">u2") * 257).tobytes()
    np.testing.assert_array_equal(read_picture(deep), page())
    ink = page() < 127
    text = b"P1\n64 48\n" + "\n".join("".join(str(int(one)) for one in row) for row in ink).encode()
    np.testing.assert_array_equal(read_picture(text), np.where(ink, 0, 255))


@pytest.mark.fault("own pictures", "a PGM is cut short or has wrong numbers", "one line, exit 3")
@pytest.mark.parametrize(
    "data",
    [
        b"P5 4 4 255\n" + bytes(15),
        b"P2 2 2 255\n1 2 3",
        b"P2 2 2 255\n1 2 3 -4",
        b"P2 2 2 255\n1 2 3 99999",
        b"P2 2 2 9\n1 2 3 10",
        b"P2 2 2 255\n1 2 3 " + b"1" * 5000,
        b"P5 4 4 0\n" + bytes(16),
        b"P5 4 4 70000\n" + bytes(32),
        b"P4 9 2\n" + bytes(3),
        b"P1 2 2\n101",
        b"P5 4",
        b"P5 0 4 255\n",
    ],
)
def test_damaged_greymaps(data: bytes, refused_in_one_line) -> None:
    with refused_in_one_line(ValueError, "expected a complete picture, found a damaged one"):
        read_picture(data)


# --- several pages, several frames


def several(kind: str, count: int = 3, **options: object) -> bytes:
    sheets = [Image.fromarray(np.roll(page(), 4 * i, axis=1)).convert("RGB") for i in range(count)]
    buffer = io.BytesIO()
    sheets[0].save(buffer, kind, save_all=True, append_images=sheets[1:], **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}])
def test_pages_of_a_tiff(options: dict[str, object]) -> None:
    found = list(picture_pages(several("TIFF", **options)))
    assert [(one.number, one.count) for one in found] == [(1, 3), (2, 3), (3, 3)]
    for i, one in enumerate(found):
        np.testing.assert_array_equal(one.grey, np.roll(page(), 4 * i, axis=1))


@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
def test_where_one_picture_is_expected_no_page_is_lost(
    kind: str, tmp_path: Path, refused_in_one_line
) -> None:
    (tmp_path / "a.png").write_bytes(several(kind))
    for read in (read_picture, kept_picture):
        with refused_in_one_line(
            ValueError, r"a\.png: expected one picture, found 3 pages; save each in a file of its own"
        ):
            read(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
def test_pages_have_a_limit_together(kind: str, refused_in_one_line) -> None:
    sheet = next(picture_pages(several(kind))).grey
    data, pages = several(kind, 4), 3
    limits = PictureLimits(sheet.size / 1e6, pages=pages)
    found: list[int] = []
    with refused_in_one_line(ValueError, "megapixels on all pages together, found more; save the pages in"):
        found.extend(one.number for one in picture_pages(data, limits=limits))
    assert found == [1, 2, 3]


def test_pages_of_a_pdf() -> None:
    found = list(picture_pages(several("PDF", resolution=200)))
    assert [(one.number, one.count) for one in found] == [(1, 3), (2, 3), (3, 3)]
    columns = [int(np.argmin(one.grey.mean(axis=0))) for one in found]
    assert columns[0] < columns[1] < columns[2]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_of_an_animation_the_first_frame_is_read_and_that_is_said(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "AVIF" else {}
    [found] = picture_pages(several(kind, duration=100, **options))
    assert found.remarks == ("an animated picture; its first frame was read",)
    assert np.abs(found.grey.astype(int) - page()).max() <= (16 if kind == "AVIF" else 0)
    [still] = picture_pages(saved(kind if kind != "AVIF" else "PNG", "RGB"))
    assert still.remarks == ()


# --- JPEG files that lack their end


def photo(height: int = 320, **options: object) -> bytes:
    """Noise everywhere, so that each row takes as many bytes."""
    noise = np.random.default_rng(0).integers(140, 255, (height, 200), dtype=np.uint8)
    return saved("JPEG", "RGB", noise, quality=80, **options)


@pytest.mark.fault("own pictures", "a JPEG lacks only its end", "read, and what is missing is said")
def test_a_jpeg_that_lacks_its_end_mark_is_whole() -> None:
    for data in (photo(), photo(progressive=True), photo(317)):
        [found] = picture_pages(data[:-2])
        assert found.remarks == ("the end of the file is missing; the picture was read",)
        np.testing.assert_array_equal(found.grey, read_picture(data))


@pytest.mark.fault("own pictures", "a JPEG lacks only its end", "read, and what is missing is said")
def test_rows_that_are_missing_are_left_out() -> None:
    data = photo()
    [found] = picture_pages(data[: int(0.95 * len(data))])
    assert found.grey.shape[1] == 200
    assert 280 <= len(found.grey) < 320
    assert found.remarks == (
        f"the end of the file is missing; the last {320 - len(found.grey)} of 320 rows were not read",
    )
    np.testing.assert_array_equal(found.grey[:-16], read_picture(data)[: len(found.grey) - 16])


@pytest.mark.fault("own pictures", "a JPEG lacks more than its end", "one line that says how much is missing")
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_jpeg_that_lacks_more_is_refused(share: float, refused_in_one_line) -> None:
    data = photo()
    with refused_in_one_line(
        ValueError, r"found a JPEG without its last \d+ of 320 rows; copy or save it again"
    ):
        read_picture(data[: int(share * len(data))])


# --- what is no picture, and what is not allowed


@pytest.mark.parametrize(
    "data",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg></svg>"],
)
def test_svg_is_named(data: bytes, refused_in_one_line) -> None:
    with refused_in_one_line(
        ValueError, r"expected a picture \(PNG, .*\), found an SVG drawing; export it as PNG"
    ):
        read_picture(data)


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "HTTP://x/7.jpg", "file:///a.png", "data:image/png;base64,AA"]
)
def test_addresses_are_never_fetched(
    address: str, refused_in_one_line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("a connection was made"))
    with refused_in_one_line(
        ValueError, "expected a file, got an address; nothing is fetched: download it first"
    ):
        read_picture(address)


@pytest.mark.parametrize(
    ("package", "kind", "extra"), [("pillow_heif", "HEIF", "heic"), ("pypdfium2", "PDF", "pdf")]
)
def test_a_missing_package_is_named(
    package: str, kind: str, extra: str, monkeypatch: pytest.MonkeyPatch, refused_in_one_line
) -> None:
    data = saved(kind, "RGB")
    monkeypatch.setattr("tenfold.data.formats.decoding.find_spec", lambda name: None)
    monkeypatch.setattr("tenfold.data.formats.pdf.find_spec", lambda name: None)
    with refused_in_one_line(
        ValueError, rf"reads {extra.upper()}, found none; install it: pip install 'tenfold\[{extra}\]'"
    ):
        read_picture(data)


@pytest.mark.parametrize("kind", ["WEBP", "PDF", "AVIF"])
def test_a_format_that_is_not_allowed(kind: str, refused_in_one_line) -> None:
    with refused_in_one_line(
        ValueError, r"expected a picture \(PNG or JPEG\), found a (WebP|PDF|AVIF); convert it"
    ):
        read_picture(saved(kind, "RGB"), limits=PictureLimits(formats=("png", "jpeg")))
    assert set(FORMATS) >= {"png", "jpeg", kind.lower()}


def test_a_pdf_with_a_password(refused_in_one_line) -> None:
    encrypted = saved("PDF", "RGB").replace(
        b"trailer\n<<",
        b"trailer\n<</Encrypt<</Filter/Standard/V 1/R 2/O(%b)/U(%b)/P -1>>/ID[(a)(b)]"
        % (b"o" * 32, b"u" * 32),
    )
    with refused_in_one_line(ValueError, "expected a (PDF without a password|complete picture), found"):
        read_picture(encrypted)


def test_nothing_is_imported_for_png_and_jpeg() -> None:
    """Decoders of other formats are loaded with the first file that needs them."""
    import subprocess

    code = (
        "import sys, numpy as np; from tenfold.data import read_picture;"
        "read_picture(np.zeros((9, 9), np.uint8));"
        "sys.exit(sum(name in sys.modules for name in ('pillow_heif', 'pypdfium2')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
