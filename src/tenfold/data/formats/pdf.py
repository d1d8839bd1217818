"""Pages of a PDF, drawn by PDFium (extra ``pdf``); it runs no scripts and fetches nothing."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tenfold.data.formats.limits import MAX_PAGES, PictureLimits, at_most, check_sides, damaged
from tenfold.data.formats.opened import Opened
from tenfold.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

_SCALE = 200 / 72  # pixels for each of the 72 points of an inch
_ONE = threading.Lock()  # PDFium works for one thread at a time


def open_pdf(data: bytes, name: str, limits: PictureLimits) -> Opened:
    """Open a PDF; its pages are drawn with 200 pixels an inch, or fewer if that would be too many.

    Raises
    ------
    DataError
        If it is damaged or needs a password, or the package that reads it is not installed.
    """
    if find_spec("pypdfium2") is None:
        raise DataError(
            f"{name}: expected the package that reads PDF, found none; "
            "install it: pip install 'tenfold[pdf]', or save the page as PNG"
        )
    import pypdfium2

    with _ONE:
        try:
            document = pypdfium2.PdfDocument(data)
            count = len(document)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise DataError(
                    f"{name}: expected a PDF without a password, found one with it; save it without"
                ) from error
            raise damaged(name) from error

    at_most(MAX_PAGES, count, "a PDF", "pages", name)

    def page(number: int) -> Image.Image:
        with _ONE:
            drawn = document[number]
            width, height = drawn.get_size()
            room = limits.pixels / max(1.0, width * height)
            scale = min(_SCALE, 0.99 * room**0.5)
            check_sides((round(width * scale), round(height * scale)), name)
            picture: Image.Image = drawn.render(scale=scale).to_pil()
            return picture

    if count == 0:
        raise damaged(name)
    return Opened(page, count)
