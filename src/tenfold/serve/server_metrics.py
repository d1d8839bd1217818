"""Metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from tenfold.serve.asgi import Reply

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """Counters and histograms; Prometheus fetches `reply`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        counter = partial(Counter, registry=self._registry)
        histogram = partial(Histogram, registry=self._registry)
        self._answers = counter("tenfold_requests", "Requests answered.", ["endpoint", "status"])
        self._refusals = counter(
            "tenfold_refused", "Requests refused before they reached an endpoint.", ["status"]
        )
        self._abandoned = counter(
            "tenfold_abandoned", "Requests whose client disconnected before the answer."
        )
        self._seconds = histogram(
            "tenfold_request_seconds",
            "From a request's last byte to its answer.",
            ["endpoint"],
            buckets=_SECONDS,
        )
        self._batch_sizes = histogram(
            "tenfold_requests_together", "Requests in one batch for a worker.", buckets=_COUNTS
        )
        self._images = counter("tenfold_images", "Images of digits evaluated.")
        self._restarts = counter("tenfold_worker_restarts", "Workers that ended and were replaced.")

    def count_response(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a response."""
        self._answers.labels(endpoint, status).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def count_refusal(self, status: int) -> None:
        """Count a request that was refused for its headers, size or slowness."""
        self._refusals.labels(status).inc()

    def count_disconnect(self) -> None:
        """Count a request whose client disconnected before the answer."""
        self._abandoned.inc()

    def count_batch(self, requests: int, images: int) -> None:
        """Count a batch that a worker answered, and its images."""
        self._batch_sizes.observe(requests)
        self._images.inc(images)

    def count_restart(self) -> None:
        """Count a worker that ended."""
        self._restarts.inc()

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Add a gauge; ``value`` is called whenever Prometheus fetches the metrics."""
        Gauge(f"tenfold_{name}", text, registry=self._registry).set_function(value)

    def reply(self) -> Reply:
        """Return all metrics in Prometheus's text format."""
        return Reply(generate_latest(self._registry), content_type=CONTENT_TYPE_PLAIN_0_0_4.encode())
