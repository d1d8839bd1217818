"""The Open Inference Protocol V2: who answers, whether it can, and inference.

References
----------
KServe, "Open Inference Protocol (V2)", HTTP/REST.
"""

from __future__ import annotations

from tenfold import __version__
from tenfold.serve.asgi import Headers, Reply, Scope
from tenfold.serve.headers import content_type, header
from tenfold.serve.http_error import HttpError
from tenfold.serve.schemas import (
    INPUT,
    LABELS,
    PROBABILITIES,
    ModelMetadata,
    ServerMetadata,
    TensorMetadata,
)
from tenfold.serve.worker_pool import WorkerPool, not_ready

JSON, BINARY = "application/json", "application/octet-stream"
_UNKNOWN = "unknown model; GET /v2/models/NAME answers for the one that is served"
_JSON_SIZE = b"inference-header-content-length"


def server_metadata() -> ServerMetadata:
    """Return who answers."""
    return ServerMetadata(name="tenfold", version=__version__, extensions=["binary_tensor_data"])


def model_metadata(name: str) -> ModelMetadata:
    """Return what the model takes and gives."""
    return ModelMetadata(
        name=name,
        versions=["1"],
        platform="tenfold",
        inputs=[TensorMetadata(name=INPUT, datatype="UINT8", shape=[-1, 28, 28])],
        outputs=[
            TensorMetadata(name=PROBABILITIES, datatype="FP32", shape=[-1, 10]),
            TensorMetadata(name=LABELS, datatype="INT64", shape=[-1]),
        ],
    )


def infer_path(name: str) -> str:
    """Return where a model's inference is."""
    return f"/v2/models/{name}/infer"


def check_name(name: str, pool: WorkerPool) -> None:
    """Refuse a model that is not served.

    Raises
    ------
    HttpError
        404.
    """
    if name != pool.model_info["name"]:
        raise HttpError(404, _UNKNOWN)


def check_ready(pool: WorkerPool) -> None:
    """Refuse while nobody can read.

    Raises
    ------
    HttpError
        503.
    """
    if not pool.ready:
        raise not_ready()


class Infer:
    """Answers with the outputs for a minibatch.

    Parameters
    ----------
    pool : WorkerPool
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, body: bytes) -> Reply:
        """Judge a minibatch.

        Raises
        ------
        HttpError
            400, 404, 415, 422 or 503.
        """
        if scope["path"] != infer_path(self._pool.model_info["name"]):
            raise HttpError(404, _UNKNOWN)
        size = _json_size(scope, len(body))
        if content_type(scope) != JSON and (size is None or content_type(scope) != BINARY):
            raise HttpError(
                415,
                "expected Content-Type: application/json; or application/octet-stream, and "
                "Inference-Header-Content-Length with the size of the JSON before the binary data",
            )
        head, content = await self._pool.ask(
            {"kind": "infer", "json_size": size}, body, _pixels(size, len(body))
        )
        if "json_size" not in head:
            return Reply(content)
        headers: Headers = ((_JSON_SIZE, b"%d" % head["json_size"]),)
        return Reply(content, content_type=BINARY.encode(), headers=headers)


def _pixels(json_size: int | None, size: int) -> int:
    """Return about how many pixels a minibatch has: each takes three characters as JSON, else a byte."""
    in_json = size if json_size is None else json_size
    return in_json // 3 + size - in_json


def _json_size(scope: Scope, size: int) -> int | None:
    """Return how much of the body is JSON, where binary data may follow; None where none does."""
    value = header(scope, _JSON_SIZE)
    if value is None:
        return None
    if not value.isdigit() or len(value) > 8 or int(value) > size:
        raise HttpError(400, "Inference-Header-Content-Length: expected the size of the JSON in the body")
    return int(value)
