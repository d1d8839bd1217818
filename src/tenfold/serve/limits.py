"""The limits on what clients may send, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits on sizes, counts and times. A request beyond a limit is refused with the status given here.

    Attributes
    ----------
    head_bytes, header_count : int
        Size of the request line with all headers; number of headers: 431.
    body_bytes : int
        Size of a picture: 413.
    batch_bytes : int
        Size of a minibatch for ``/v2``: 413.
    held_bytes : int
        Size of the bodies of all unanswered requests together: 503.
    waiting : int
        Requests that wait for a worker: 503.
    connections : int
        Open connections. Beyond the limit, the client address with the most connections loses one, see
        `Connections`; if none can be closed: 503.
    batch_requests, batch_pixels : int
        Requests in one batch for a worker, and their pixels together. A picture with more pixels goes to
        a worker alone.
    head_seconds, body_seconds : float
        From the first byte of a request to the end of its headers; from there to the end of its body: 408.
    idle_seconds : float
        Between two requests of a connection. After that it is closed.
    work_seconds : float
        CPU time of a worker for each request of its batch. Then it is killed, and the answer is 503.
    hang_seconds : float
        Wall-clock time of a worker for a whole batch, for workers that hang without using the CPU.
    ready_seconds : float
        How long requests wait while no worker is ready and another one starts; then, or if none can start:
        503.
    worker_growth_bytes : int
        A worker that keeps this much more memory than after its start is replaced.
    drain_seconds, stop_seconds : float
        When the server stops, it still accepts connections for ``drain_seconds``, and first requests on them
        for as long again; each response says that the connection ends. Then accepted requests have
        ``stop_seconds`` to be answered.
    """

    head_bytes: int = 16 << 10
    header_count: int = 64
    body_bytes: int = 1 << 20
    batch_bytes: int = 8 << 20
    held_bytes: int = 64 << 20
    waiting: int = 64
    connections: int = 800
    batch_requests: int = 16
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 30.0
    batch_pixels: int = 1 << 19
    work_seconds: float = 6.0
    hang_seconds: float = 30.0
    ready_seconds: float = 10.0
    worker_growth_bytes: int = 256 << 20
    drain_seconds: float = 0.5
    stop_seconds: float = 5.0
