"""The process that draws the pages of a PDF; a PDF may be a program that never ends, or fills the memory.

It is run as a file, so that it loads nothing of tenfold; its arguments are the seconds of CPU time for each
page and the bytes of memory. In come the size of the PDF in a line, the PDF, and a line of JSON for each
page; out go the number of pages, and for each page a line of JSON and its pixels. An error is a line with
``"error"``. The system ends this process if a page takes too much.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any, BinaryIO


def main(seconds: int, memory: int) -> None:
    """Answer until stdin ends."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    data = stdin.read(int(stdin.readline()))
    import pypdfium2

    _limit_memory(memory)
    _allow_time(seconds)
    try:
        document = pypdfium2.PdfDocument(data)
        _write(stdout, {"count": len(document)})
        for line in iter(stdin.readline, b""):
            _allow_time(seconds)
            _draw(document, **json.loads(line), stdout=stdout)
    except pypdfium2.PdfiumError as error:
        _write(stdout, {"error": str(error)})


def _draw(document: Any, number: int, scale: float, pixels: int, side: int, stdout: BinaryIO) -> None:
    """Write a page; fewer pixels than the scale gives if they would be too many."""
    page = document[number]
    width, height = page.get_size()
    scale = min(scale, 0.99 * (pixels / max(1.0, width * height)) ** 0.5)
    size = round(width * scale), round(height * scale)
    if max(size) > side:
        _write(stdout, {"too_long": size})
        return
    bitmap = page.render(scale=scale, rev_byteorder=True)
    head = {"mode": bitmap.mode, "size": [bitmap.width, bitmap.height], "stride": bitmap.stride}
    _write(stdout, head, bytes(bitmap.buffer))


def _write(stdout: BinaryIO, head: dict[str, Any], content: bytes = b"") -> None:
    stdout.write(json.dumps(head | {"bytes": len(content)}).encode() + b"\n" + content)
    stdout.flush()


def _limit_memory(memory: int) -> None:
    """Allow so much besides what the program and the file take now."""
    with suppress(ImportError, OSError, ValueError):  # not on every system
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:
            taken = int(stream.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))


def _allow_time(seconds: int) -> None:
    """Allow so much CPU time from now on."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
