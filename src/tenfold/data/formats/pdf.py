"""Pages of a PDF, drawn by PDFium (extra ``pdf``) in a process of its own.

It runs no scripts and fetches nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from tenfold.data.formats import pdf_process
from tenfold.data.formats.limits import MAX_PAGES, MAX_SIDE, PictureLimits, at_most, check_sides, damaged
from tenfold.data.formats.opened import Opened
from tenfold.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

SECONDS = 10  # of CPU time for each page
MEMORY = 1 << 30  # bytes, for drawing
_SCALE = 200 / 72  # pixels for each of the 72 points of an inch


def open_pdf(data: bytes, name: str, limits: PictureLimits) -> Opened:
    """Open a PDF; its pages are drawn with 200 pixels an inch, or fewer if that would be too many.

    Raises
    ------
    DataError
        If it is damaged, needs a password or too much work, or the package that reads it is not installed.
    """
    if find_spec("pypdfium2") is None:
        raise DataError(
            f"{name}: expected the package that reads PDF, found none; "
            "install it: pip install 'tenfold[pdf]', or save the page as PNG"
        )
    process = _Process(data, name)
    count = process.answer()["count"]
    at_most(MAX_PAGES, count, "a PDF", "pages", name)
    if count == 0:
        raise damaged(name)

    def page(number: int) -> Image.Image:
        return process.page(number, limits)

    return Opened(page, count)


class _Process:
    """The process that draws; it ends with this object, or with the program."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-P", pdf_process.__file__, str(SECONDS), str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what interpreters say when memory ends
        )
        weakref.finalize(self, _end, self._process)
        self._send(b"%d\n" % len(data), data)

    def page(self, number: int, limits: PictureLimits) -> Image.Image:
        """Return a page.

        Raises
        ------
        DataError
        """
        from PIL import Image

        asked = {"number": number, "scale": _SCALE, "pixels": limits.pixels, "side": MAX_SIDE}
        self._send(json.dumps(asked).encode() + b"\n")
        head = self.answer()
        if "too_long" in head:
            check_sides(tuple(head["too_long"]), self._name)
        mode, raw = _MODES[head["mode"]]
        return Image.frombytes(mode, tuple(head["size"]), head["content"], "raw", raw, head["stride"])

    def answer(self) -> dict[str, Any]:
        """Return the next answer.

        Raises
        ------
        DataError
            If the PDF is damaged or has a password, or the process has ended.
        """
        stdout = self._process.stdout
        line = b"" if stdout is None else stdout.readline()
        head: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        content = b"" if stdout is None or not head else stdout.read(head["bytes"])
        if not head or len(content) < head["bytes"]:
            raise DataError(
                f"{self._name}: expected a PDF whose pages each take at most {SECONDS} seconds and "
                f"{MEMORY >> 20} MB, found one that takes more; save the page as PNG"
            )
        if "password" in head.get("error", "").lower():
            raise DataError(
                f"{self._name}: expected a PDF without a password, found one with it; save it without"
            )
        if "error" in head:
            raise damaged(self._name)
        return head | {"content": content}

    def _send(self, *parts: bytes) -> None:
        with suppress(OSError):  # it has ended: there is no answer
            if self._process.stdin is not None:
                self._process.stdin.writelines(parts)
                self._process.stdin.flush()


_MODES = {"RGB": ("RGB", "RGB"), "RGBA": ("RGBA", "RGBA"), "RGBX": ("RGB", "RGBX"), "L": ("L", "L")}
"""Pillow's mode, and how its bytes lie, for each of PDFium's."""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with suppress(OSError):  # what is not yet written is for nobody
        process.communicate()
