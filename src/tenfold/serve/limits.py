"""What a client may ask of the server, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on sizes, counts and times; what goes beyond them is refused.

    Attributes
    ----------
    head_bytes, header_count : int
        Request line and headers together; how many headers. Beyond: 431.
    body_bytes : int
        A picture. Beyond: 413.
    batch_bytes : int
        A minibatch for ``/v2``. Beyond: 413.
    held_bytes : int
        The bodies of all requests together that are not answered yet. Beyond: 503.
    waiting : int
        Requests that wait for a worker. Beyond: 503.
    connections : int
        Open at a time. Beyond, the address with the most of them gives up one, see `Connections`; where
        none can be given up: 503.
    batch_requests, batch_pixels : int
        Requests that a worker is given at a time, and their pixels together. A picture with more pixels
        is given to a worker alone.
    head_seconds, body_seconds : float
        From its first byte to the end of a request's head; from there to the end of its body. Beyond: 408.
    idle_seconds : float
        Between two requests of a connection, which is then closed.
    work_seconds : float
        CPU time of a worker for each request that it was given; then it is ended, and the answer is 503.
    hang_seconds : float
        The same by the clock for all that a worker was given at a time, for workers that do not use the CPU.
    ready_seconds : float
        Requests wait this long while no worker is ready and another one starts. Beyond, or if none can: 503.
    worker_growth_bytes : int
        A worker whose memory stays this much above what it started with is replaced.
    drain_seconds, stop_seconds : float
        When the server ends, it goes on taking connections for ``drain_seconds``, and first requests on them
        for as long again; each answer says that the connection ends. Requests that were accepted then have
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
