"""The files of the pages, held in memory; nothing else in the file system can be asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tenfold.serve.asgi import NOT_MODIFIED, Receive, Reply, Scope, Send
from tenfold.serve.headers import header

_HERE = Path(__file__).parent
_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}


class StaticFile:
    """Answers with a file, or with word that it has not changed.

    Parameters
    ----------
    file : Path
        Read once.
    """

    def __init__(self, file: Path) -> None:
        content, content_type = file.read_bytes(), _TYPES[file.suffix]
        tag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
        headers = ((b"etag", tag), (b"cache-control", b"no-cache"))  # asks each time whether it has changed
        self._tag = tag
        self._whole = Reply(content, content_type=content_type, headers=headers)
        self._unchanged = Reply(b"", status=NOT_MODIFIED, content_type=content_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        known = header(scope, b"if-none-match") == self._tag
        await (self._unchanged if known else self._whole).send(send)


def public_files() -> dict[str, StaticFile]:
    """Return all files by the path that they are asked for by: ``/`` is the page's index.html."""
    page = _HERE / "page"
    files = [file for file in sorted(page.rglob("*")) if file.suffix in _TYPES and file.is_file()]
    found = {f"/{file.relative_to(page).as_posix()}": StaticFile(file) for file in files}
    return found | {
        "/": found.pop("/index.html"),
        "/docs.css": StaticFile(_HERE.parent / "pages" / "style.css"),
    }
