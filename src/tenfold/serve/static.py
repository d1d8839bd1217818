"""The files of the web pages, kept in memory. No other file can be requested."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tenfold.serve.asgi import NOT_MODIFIED, Receive, Reply, Scope, Send, header

_HERE = Path(__file__).parent
_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}


class StaticFile:
    """Serves one file, or 304 if the client has it already.

    Parameters
    ----------
    file : Path
        Read once, at the start.
    """

    def __init__(self, file: Path) -> None:
        content, content_type = file.read_bytes(), _TYPES[file.suffix]
        tag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
        headers = ((b"etag", tag), (b"cache-control", b"no-cache"))  # clients ask whether it has changed
        self._tag = tag
        self._whole = Reply(content, content_type=content_type, headers=headers)
        self._unchanged = Reply(b"", status=NOT_MODIFIED, content_type=content_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        known = header(scope, b"if-none-match") == self._tag
        await (self._unchanged if known else self._whole).send(send)


def files_of(page: Path) -> dict[str, StaticFile]:
    """Return the files of a folder of pages by URL path."""
    files = [file for file in sorted(page.rglob("*")) if file.suffix in _TYPES and file.is_file()]
    return {f"/{file.relative_to(page).as_posix()}": StaticFile(file) for file in files}


def public_files(index: str = "index.html") -> dict[str, StaticFile]:
    """Return all files by URL path; ``/`` is the page that a model needs, ``index``."""
    found = files_of(_HERE / "page")
    return found | {
        "/": found.pop(f"/{index}"),
        "/docs.css": StaticFile(_HERE.parent / "pages" / "style.css"),
    }
