"""Opens a picture file of any format, after its limits are checked."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

from tenfold.data.formats.limits import (
    MAX_PAGES,
    MAX_PROFILES,
    MAX_READS,
    MAX_SCANS,
    PictureLimits,
    at_most,
    check_sides,
    damaged,
)
from tenfold.data.formats.netpbm import open_netpbm
from tenfold.data.formats.opened import Opened
from tenfold.data.formats.pdf import open_pdf
from tenfold.data.formats.quiet_tiff import quiet_tiff
from tenfold.data.formats.recognised import check_format
from tenfold.data.formats.tiff import check_tiff
from tenfold.data.formats.unfinished_jpeg import END, without_missing_rows
from tenfold.errors import DataError, TenfoldError

if TYPE_CHECKING:
    from PIL import Image, ImageFile

    Opener: TypeAlias = Callable[[bytes, str, PictureLimits], Opened]

_START_OF_SCAN = b"\xff\xda"  # in encoded pixels, 0xff is followed by 0x00 or starts a marker
_PROFILE = b"iCCP"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by its colour type
_RE_READ = 3  # times the size of a file; a TIFF's tags may each refer to all of it
# Exceptions that decoders raise on damaged data.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,
    AssertionError,
    AttributeError,
    struct.error,
    zlib.error,
)


def open_file(data: bytes, name: str, limits: PictureLimits) -> Opened:
    """Open a picture file; its format is found by its content.

    Raises
    ------
    DataError
        If it is not a picture, is damaged, or goes beyond a limit.
    """
    kind = check_format(data, name, limits)
    with damage_named(name):
        return _OPENERS[kind](data, name, limits)


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """In a ``with`` block, turn what decoders raise on damaged data into a `DataError`."""
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    try:
        yield
    except TenfoldError:
        raise
    except (*_DAMAGE, DecompressionBombError, DecompressionBombWarning) as error:  # warnings may be errors
        raise damaged(name) from error


class _Stream(io.BytesIO):
    """A file in memory with limits on reads, because Pillow reads its chunks one by one, in Python."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self._name, self._size = name, len(data)
        self.renew()

    def renew(self) -> None:
        """Allow as much for the next page."""
        self._left, self._bytes_left = MAX_READS, _RE_READ * self._size + (1 << 16)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next ``size`` bytes."""
        found = super().read(size)
        self._left -= 1
        self._bytes_left -= len(found)
        if self._left < 0 or self._bytes_left < 0:
            raise DataError(
                f"{self._name}: expected a picture in at most {MAX_READS // 3} chunks or segments, "
                "found more; save it again"
            )
        return found


def _png(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.PngImagePlugin import PngImageFile

    at_most(MAX_PROFILES, data.count(_PROFILE), "a PNG", "colour profiles", name)
    image = PngImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    limits.check_unpacked(image.size, data[24] * _CHANNELS.get(data[25], 1), name)
    return _first_frame(image)


def _jpeg(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.JpegImagePlugin import JpegImageFile

    image = JpegImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    most = min(MAX_SCANS, limits.scanned // (image.width * image.height))
    kind = f"a JPEG of {image.width} x {image.height} pixels"
    at_most(most, data.count(_START_OF_SCAN), kind, "scans", name)
    try:
        image.load()
    except OSError:  # the file may only lack its end
        image = JpegImageFile(_Stream(data + END, name))
        image.load()
        whole, remark = without_missing_rows(image, name)
        return Opened(lambda _: whole, remarks=(remark,))
    return Opened(lambda _: image)


def _gif(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.GifImagePlugin import GifImageFile

    limits.check_size((int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")), name)
    image = GifImageFile(_Stream(data, name))
    limits.check_size(image.size, name)  # the first frame may be larger than the picture
    return _first_frame(image)


def _bmp(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.BmpImagePlugin import BmpImageFile

    image = BmpImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    check_sides(image.size, name)
    return Opened(lambda _: image)


def _webp(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.WebPImagePlugin import WebPImageFile, _get_size

    limits.check_size(_get_size(data[:30]) or (0, 0), name)  # the decoder takes its memory when it is made
    image = WebPImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    return _first_frame(image)


def _tiff(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.TiffImagePlugin import TiffImageFile

    quiet_tiff()
    stream = _Stream(data, name)
    image = TiffImageFile(stream)
    check_tiff(image, data, name, limits)
    count = image.n_frames
    at_most(MAX_PAGES, count, "a TIFF", "pages", name)

    used: dict[int, int] = {}  # bytes of each page's strips

    def page(number: int) -> Image.Image:
        stream.renew()
        image.seek(number)
        used[number] = check_tiff(image, data, name, limits)
        if sum(used.values()) > len(data):  # one strip stands for many pages
            raise damaged(name)
        return image

    return Opened(page, count)


def _pgm(data: bytes, name: str, limits: PictureLimits) -> Opened:
    image = open_netpbm(data, name, limits)
    return Opened(lambda _: image)


def _avif(data: bytes, name: str, limits: PictureLimits) -> Opened:
    from PIL.AvifImagePlugin import SUPPORTED, AvifImageFile

    if not SUPPORTED:
        raise DataError(
            f"{name}: expected a Pillow that reads AVIF, found one that does not; "
            "install a newer one: pip install -U pillow, or save the picture as JPEG"
        )
    image = AvifImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    return _first_frame(image)


def _heic(data: bytes, name: str, limits: PictureLimits) -> Opened:
    if find_spec("pillow_heif") is None:
        raise DataError(
            f"{name}: expected the package that reads HEIC, found none; "
            "install it: pip install 'tenfold[heic]', or save the picture as JPEG"
        )
    from pillow_heif import HeifImageFile

    image: ImageFile.ImageFile = HeifImageFile(_Stream(data, name))
    limits.check_size(image.size, name)
    return Opened(lambda _: image)


def _first_frame(image: ImageFile.ImageFile) -> Opened:
    """Return a picture that may be animated: its first frame, and a remark."""
    if not getattr(image, "is_animated", False):
        return Opened(lambda _: image)
    return Opened(lambda _: image, remarks=("an animated picture; its first frame was read",))


_OPENERS: dict[str, Opener] = {
    "png": _png, "jpeg": _jpeg, "gif": _gif, "bmp": _bmp, "webp": _webp, "tiff": _tiff, "pgm": _pgm,
    "avif": _avif, "heic": _heic, "pdf": open_pdf,
}  # fmt: skip
