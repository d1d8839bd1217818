"""The events of a run, sent to a page as they come: server-sent events.

References
----------
HTML Living Standard, section 9.2, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenfold.errors import TenfoldError
from tenfold.files import open_regular
from tenfold.runs.live import goes_on
from tenfold.serve.asgi import HttpError, Receive, Scope, Send, header, overloaded
from tenfold.studio.processes import Processes, check_run, unknown_run
from tenfold.studio.run_list import parsed
from tenfold.studio.view import View, view_of
from tenfold.train.live import EVENTS, LIVE

_AT_ONCE = 1 << 16  # bytes
_EVERY = 0.05  # seconds between two looks at the file
_QUIET = 10.0  # seconds without an event, after which the page is told that the connection is alive
_STREAMS = 24  # at a time
_OF_ONE = 8  # at a time, of one user


@dataclass(frozen=True)
class _Piece:
    """Whole lines of the file, and where they begin."""

    begin: int
    lines: list[bytes]


class EventStream:
    """The application behind ``GET /api/runs/NAME/events``.

    The id of each event is a position in the file. A page that lost its connection sends the last one that
    it has, and gets what follows.

    Parameters
    ----------
    folder : Path
        Of the runs.
    processes : Processes
    stopping : callable
        Whether the server is stopping.
    """

    def __init__(self, folder: Path, processes: Processes, stopping: Callable[[], bool]) -> None:
        self._folder, self._processes, self._stopping = folder, processes, stopping
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, until the run has ended or the page is closed."""
        try:
            name, view = scope["path_params"]["name"], view_of(scope)
            path, begin = self._path(name, view), _position(scope)
            if self._open.total() >= _STREAMS or (view.user and self._open[view.home] >= _OF_ONE):
                raise overloaded("expected fewer pages that follow runs; close some")
        except HttpError as error:
            await error.reply().send(send)
            return
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        self._open[view.home] += 1
        try:
            async for text in self._events(name, path, begin):
                await send({"type": "http.response.body", "body": text, "more_body": True})
        finally:
            self._open[view.home] -= 1
        await send({"type": "http.response.body"})

    def _path(self, name: str, view: View) -> Path:
        if not view.sees(name):
            raise HttpError(404, str(unknown_run()))
        processes = self._processes
        if processes.alive(name) or processes.failure(name) or processes.before(name) is not None:
            return self._folder / name  # it may not be there yet
        try:
            return check_run(self._folder, name)
        except TenfoldError as error:
            raise HttpError(404, str(error)) from error

    async def _events(self, name: str, path: Path, begin: int) -> AsyncIterator[bytes]:
        at, clock, said = begin, asyncio.get_running_loop().time, None
        heard = clock()
        while not self._stopping():
            ended = not self._goes_on(name, path)  # before the file is read, so that its last lines are seen
            piece = _read(path / LIVE / EVENTS, at)
            at = piece.begin
            for line in piece.lines:
                at += len(line)
                if (event := parsed(line)) is not None:
                    yield _message(event, at)
            if piece.lines:
                heard = clock()
                continue
            if (before := self._processes.before(name)) is not None and before != said:
                said, heard = before, clock()
                yield _message({"kind": "waiting", "before": before}, at)
            if ended:
                failure, reason = self._processes.failure(name), self._processes.reason(name)
                why = {"reason": reason} if reason else {}
                yield _message({"kind": "over", "error": failure, **why}, at)
                return
            if clock() - heard > _QUIET:
                yield b": the connection is alive\n\n"
                heard = clock()
            await asyncio.sleep(_EVERY)

    def _goes_on(self, name: str, path: Path) -> bool:
        try:
            waits = self._processes.before(name) is not None
            return waits or self._processes.alive(name) or goes_on(path)
        except TenfoldError:
            return False  # the folder was removed


def _position(scope: Scope) -> int:
    given = header(scope, b"last-event-id") or b"0"
    if not given.isdigit() or len(given) > 15:
        raise HttpError(400, "expected a whole number in Last-Event-ID")
    return int(given)


def _read(path: Path, at: int) -> _Piece:
    """Return whole lines from a position on; none if nothing follows."""
    try:
        with open_regular(path, TenfoldError, follow_link=False) as file:
            if os.fstat(file.fileno()).st_size < at:
                at = 0  # another run has taken its place
            file.seek(at)
            content = file.read(_AT_ONCE)
    except (TenfoldError, OSError):
        return _Piece(at, [])  # not there yet
    return _Piece(at, content[: content.rfind(b"\n") + 1].splitlines(keepends=True))


def _message(event: dict[str, Any], at: int) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (at, json.dumps(event).encode())
