"""The limits on the work and the memory that a picture file may take, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.errors import DataError, RangeError

BOUNDED = ("png", "jpeg", "webp", "gif", "bmp", "tiff", "pgm")
"""Formats whose work and memory are limited before anything is decoded."""
OTHERS = ("avif", "heic", "pdf")
"""Formats whose decoders decide for themselves how much work a file is."""
FORMATS = (*BOUNDED, *OTHERS)
NAMES = {
    "png": "PNG", "jpeg": "JPEG", "webp": "WebP", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF", "pgm": "PGM",
    "avif": "AVIF", "heic": "HEIC", "pdf": "PDF",
}  # fmt: skip

MEGAPIXELS = 16
MOST_MEGAPIXELS = 50
MAX_SIDE = 65_535  # pixels, in formats that allow more
MAX_SCANS = 100  # of a progressive JPEG; usual are 6 to 18, and a scan may take only 31 bytes
MAX_PROFILES = 4  # colour profiles of a PNG; usual is one, and Pillow decompresses each, up to 1 MB from 1 KB
MAX_READS = 100_000  # reads by Pillow, 3 for each chunk; a PNG of 64 MB in chunks of 8 KB needs 25,000
MAX_STRIPS = 20_000  # strips or tiles of a TIFF; often one strip for each row of pixels
MAX_PAGES = 1_000


@dataclass(frozen=True)
class PictureLimits:
    """How large a picture may be, and which formats are read.

    Attributes
    ----------
    megapixels : float
        Of one page; at most 50.
    formats : tuple of str
        Of `FORMATS`.
    pages : int
        So many pages of this size may a file have, or more that are smaller.

    Raises
    ------
    RangeError
        If more megapixels are allowed than memory is planned for.
    """

    megapixels: float = MEGAPIXELS
    formats: tuple[str, ...] = FORMATS
    pages: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.megapixels <= MOST_MEGAPIXELS:
            raise RangeError(
                f"max_megapixels: expected at most {MOST_MEGAPIXELS} and more than 0, got "
                f"{self.megapixels:g}; scale larger pictures down"
            )

    @property
    def listed(self) -> str:
        """The formats, in words."""
        *others, last = (NAMES[kind] for kind in self.formats)
        return f"{', '.join(others)} or {last}" if others else last

    @property
    def pixels(self) -> int:
        """Pixels of one page."""
        return round(self.megapixels * 1_000_000)

    @property
    def file_bytes(self) -> int:
        """Size of a file; 16 megapixels of uncompressed RGB take 48 MB."""
        return max(64 << 20, self.unpacked + (1 << 20))

    @property
    def scanned(self) -> int:
        """Pixels of all scans of a JPEG together; a CMYK JPEG has 18 scans of the whole picture."""
        return 18 * self.pixels

    @property
    def unpacked(self) -> int:
        """Bytes of unpacked pixels: 16 megapixels of RGBA, or 8 with 16 bits a channel."""
        return 4 * self.pixels

    def check_pages(self, pixels: int, name: str) -> None:
        """Refuse pages that have too many pixels together.

        Raises
        ------
        DataError
        """
        if pixels > self.pages * self.pixels:
            raise DataError(
                f"{name}: expected at most {self.pages * self.megapixels:g} megapixels on all pages "
                "together, found more; save the pages in several files"
            )

    def check_size(self, size: tuple[int, int], name: str) -> None:
        """Refuse a picture that is too large or has no pixels.

        Raises
        ------
        DataError
        """
        width, height = size
        if width * height > self.pixels:
            more = "" if self.megapixels == MOST_MEGAPIXELS else ", or allow more with max_megapixels"
            raise DataError(
                f"{name}: expected at most {self.megapixels:g} megapixels, found {width} x {height} pixels; "
                f"scale it down{more}"
            )
        if width < 1 or height < 1:
            raise damaged(name)

    def check_unpacked(self, size: tuple[int, int], bits: int, name: str) -> None:
        """Refuse a picture whose pixels take too many bytes.

        Raises
        ------
        DataError
        """
        if size[0] * size[1] * bits // 8 > self.unpacked:
            raise DataError(
                f"{name}: expected at most {self.unpacked} bytes of pixels, found {size[0]} x {size[1]} "
                f"pixels of {bits} bits; save it with 8 bits a channel, or scale it down"
            )


USUAL = PictureLimits()


def check_sides(size: tuple[int, int], name: str) -> None:
    """Refuse a side that is longer than any camera's or scanner's.

    Raises
    ------
    DataError
    """
    if max(size) > MAX_SIDE:
        raise DataError(
            f"{name}: expected sides of at most {MAX_SIDE} pixels, found {size[0]} x {size[1]}; scale it down"
        )


def at_most(most: int, found: int, kind: str, parts: str, name: str) -> None:
    """Refuse a file with more parts than any real picture has.

    Raises
    ------
    DataError
    """
    if found > most:
        raise DataError(f"{name}: expected {kind} with at most {most} {parts}, found {found}; save it again")


def damaged(name: str) -> DataError:
    """Return the error for a picture that cannot be decoded."""
    return DataError(f"{name}: expected a complete picture, found a damaged one; save it again")
