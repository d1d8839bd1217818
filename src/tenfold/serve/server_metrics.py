"""Figures for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from tenfold.serve.asgi import Reply

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """Counts and times; `reply` is what Prometheus fetches."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._answers = Counter(
            "tenfold_requests", "Requests answered.", ["endpoint", "status"], registry=self._registry
        )
        self._refusals = Counter(
            "tenfold_refused", "Requests refused before any endpoint.", ["status"], registry=self._registry
        )
        self._abandoned = Counter(
            "tenfold_abandoned", "Requests whose client left before the answer.", registry=self._registry
        )
        self._seconds = Histogram(
            "tenfold_request_seconds",
            "From a request's last byte to its answer.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._together = Histogram(
            "tenfold_requests_together",
            "Requests that a worker was given at a time.",
            buckets=_COUNTS,
            registry=self._registry,
        )
        self._images = Counter("tenfold_images", "Images of digits judged.", registry=self._registry)
        self._restarts = Counter(
            "tenfold_worker_restarts", "Workers that had ended.", registry=self._registry
        )

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Note an answer."""
        self._answers.labels(endpoint, status).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def refused(self, status: int) -> None:
        """Note a request that was refused by its head, its size or its slowness."""
        self._refusals.labels(status).inc()

    def abandoned(self) -> None:
        """Note a request whose client left before the answer."""
        self._abandoned.inc()

    def judged(self, requests: int, images: int) -> None:
        """Note what a worker did at a time."""
        self._together.observe(requests)
        self._images.inc(images)

    def restarted(self) -> None:
        """Note the end of a worker."""
        self._restarts.inc()

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Let a figure be asked for whenever Prometheus wants it."""
        Gauge(f"tenfold_{name}", text, registry=self._registry).set_function(value)

    def reply(self) -> Reply:
        """Return all figures in Prometheus's text format."""
        return Reply(generate_latest(self._registry), content_type=CONTENT_TYPE_PLAIN_0_0_4.encode())
