"""The limits on what clients may send, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from tenfold.data.formats.limits import BOUNDED, FORMATS, MEGAPIXELS, OTHERS, PictureLimits
from tenfold.errors import ConfigError

MOST_BODY = 64  # MB
MOST_LEAVING = 600.0  # seconds


@dataclass(frozen=True)
class Limits:
    """Limits on sizes, counts and times. A request beyond a limit is refused with the status given here.

    Attributes
    ----------
    head_bytes, header_count : int
        Size of the request line with all headers; number of headers: 431.
    body_bytes : int
        Size of a picture: 413. A phone's photo of 12 megapixels takes 2 to 6 MB.
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
    megapixels : float
        Of a picture, or of all pages of a file together: 422.
    formats : tuple of str
        Of pictures: 422 for any other. By default those whose work and memory are known beforehand.
    work_seconds : float
        CPU time of a worker for each request of its batch. Then it is killed, and the answer is 503.
    hang_seconds : float
        Wall-clock time of a worker for a whole batch, for workers that hang without using the CPU.
    ready_seconds : float
        How long requests wait while no worker is ready and another one starts; then, or if none can start:
        503.
    worker_growth_bytes : int
        A worker that keeps this much more memory than after its start is replaced.
    leave_seconds : float
        When the server stops, it first says for so long that it is not ready, and answers every request.
        Balancers notice this and send requests elsewhere.
    drain_seconds, stop_seconds : float
        Then it still accepts connections for ``drain_seconds``, and first requests on them
        for as long again; each response says that the connection ends. Then accepted requests have
        ``stop_seconds`` to be answered.
    """

    head_bytes: int = 16 << 10
    header_count: int = 64
    body_bytes: int = 8 << 20
    batch_bytes: int = 8 << 20
    held_bytes: int = 64 << 20
    waiting: int = 64
    connections: int = 800
    batch_requests: int = 16
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 30.0
    batch_pixels: int = 1 << 19
    megapixels: float = MEGAPIXELS
    formats: tuple[str, ...] = BOUNDED
    work_seconds: float = 6.0
    hang_seconds: float = 30.0
    ready_seconds: float = 10.0
    worker_growth_bytes: int = 256 << 20
    leave_seconds: float = 0.0
    drain_seconds: float = 0.5
    stop_seconds: float = 5.0

    @property
    def pictures(self) -> PictureLimits:
        """The limits on a picture."""
        return PictureLimits(self.megapixels, tuple(self.formats), pages=1)


def limits_for(
    megapixels: float, body_megabytes: float, further: tuple[str, ...] = (), leave_seconds: float = 0.0
) -> Limits:
    """Return the limits for larger or smaller pictures, further formats and a slower end.

    Parameters
    ----------
    megapixels, body_megabytes : float
        Of a picture, and of its file.
    further : tuple of str
        Formats whose work is not known beforehand.
    leave_seconds : float
        How long a stopping server still answers every request.

    Raises
    ------
    ConfigError, RangeError
        If they are outside what the server is made for.
    """
    if not 0 < body_megabytes <= MOST_BODY:
        raise ConfigError(
            f"--max-body: expected more than 0 and at most {MOST_BODY} MiB, got {body_megabytes:g}; "
            "save larger pictures as JPEG"
        )
    unknown = next((one for one in further if one not in FORMATS), None)
    if unknown is not None:
        raise ConfigError(f"--format: expected {', '.join(OTHERS[:-1])} or {OTHERS[-1]}, got {unknown}")
    if not 0 <= leave_seconds <= MOST_LEAVING:
        raise ConfigError(
            f"--drain: expected 0 to {MOST_LEAVING:g} seconds, got {leave_seconds:g}; "
            "20 are enough for most balancers"
        )
    usual, body = Limits(), round(body_megabytes * (1 << 20))
    return Limits(
        body_bytes=body,
        held_bytes=max(usual.held_bytes, 8 * body),
        megapixels=PictureLimits(megapixels).megapixels,
        formats=tuple(dict.fromkeys((*BOUNDED, *further))),
        work_seconds=usual.work_seconds * max(1.0, megapixels / MEGAPIXELS),
        leave_seconds=leave_seconds,
    )
