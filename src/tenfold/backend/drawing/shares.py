"""Images shared out over the cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.backend.cpu.threads import checked, together

_IMAGES_A_THREAD = 64  # fewer are done sooner than another thread is woken


def in_shares(work: Callable[..., None], n: int, threads: int | None, *arguments: Any) -> None:
    """Call ``work(first, last, *arguments)`` for parts of n images, on so many threads (all cores)."""
    count = min(checked(threads), max(1, n // _IMAGES_A_THREAD))

    def share(thread: int) -> None:
        first, last = (n * part // count for part in (thread, thread + 1))
        work(first, last, *arguments)

    together(count, share)
