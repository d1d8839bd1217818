"""SIGTERM under load: every accepted request is answered, and the server ends soon."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from rows import Row
from under_test import UnderTest

_CONNECTIONS, _BEFORE = 16, 2.0  # seconds of load before the signal
SECONDS = 10.0


def ending(server: UnderTest, body: bytes) -> list[Row]:
    """End a server under load, and count the unanswered requests."""
    counts, seconds = asyncio.run(_ending(server, body))
    return [
        Row("SIGTERM under load: answered", "requests", float(counts["answered"])),
        Row("... requests without a response", "requests", float(counts["lost"]), at_most=0.0),
        Row("... responses other than 200", "requests", float(counts["refused"]), at_most=0.0),
        Row("... until the server had ended", "seconds", seconds, at_most=SECONDS),
        Row("... exit code", "", float(server.process.returncode), at_least=0.0, at_most=0.0),
    ]


async def _ending(server: UnderTest, body: bytes) -> tuple[Counter[str], float]:
    counts: Counter[str] = Counter()
    asking = [asyncio.create_task(_ask(server.address, body, counts)) for _ in range(_CONNECTIONS)]
    await asyncio.sleep(_BEFORE)
    began = time.monotonic()
    server.process.terminate()
    await asyncio.to_thread(server.process.wait)
    seconds = time.monotonic() - began
    await asyncio.gather(*asking)
    return counts, seconds


async def _ask(address: str, body: bytes, counts: Counter[str]) -> None:
    """Send requests on one connection while it is open, until the server no longer listens."""
    host, port = address.removeprefix("http://").split(":")
    head = (
        f"POST /v1/digits HTTP/1.1\r\nHost: {host}\r\nContent-Type: image/png\r\nContent-Length: {len(body)}"
    )
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
        except ConnectionError:
            return
        kept = True
        while kept:
            writer.write(f"{head}\r\n\r\n".encode() + body)
            try:
                answer = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(
                    int(answer.lower().partition(b"content-length: ")[2].split(b"\r")[0])
                )
            except (asyncio.IncompleteReadError, ConnectionError):
                counts["lost"] += 1
                break
            counts["answered" if answer.startswith(b"HTTP/1.1 200 ") else "refused"] += 1
            kept = b"connection: close" not in answer
        writer.close()
