"""The Open Inference Protocol V2: metadata, health and inference.

References
----------
KServe, "Open Inference Protocol (V2)", HTTP/REST.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold import __version__
from tenfold.serve.asgi import (
    SERVER_STOPS,
    Headers,
    HttpError,
    Reply,
    Scope,
    content_type,
    header,
    overloaded,
)
from tenfold.serve.schemas import (
    DOUBT,
    INPUT,
    LABELS,
    PROBABILITIES,
    WITH_NONE,
    ModelMetadata,
    ServerMetadata,
    TensorMetadata,
)
from tenfold.serve.worker_pool import WorkerPool, not_ready

JSON, BINARY = "application/json", "application/octet-stream"
_JSON_SIZE = b"inference-header-content-length"


def server_metadata() -> ServerMetadata:
    """Return name, version and extensions of the server."""
    return ServerMetadata(name="tenfold", version=__version__, extensions=["binary_tensor_data"])


def model_metadata(model: Mapping[str, Any]) -> ModelMetadata:
    """Return names, datatypes and shapes of the model's inputs and outputs, and the names of its classes."""
    return ModelMetadata(
        name=model["name"],
        versions=["1"],
        platform="tenfold",
        inputs=[TensorMetadata(name=INPUT, datatype="UINT8", shape=[-1, *model["shape"]])],
        outputs=[
            TensorMetadata(name=PROBABILITIES, datatype="FP32", shape=[-1, model["classes"]]),
            TensorMetadata(name=LABELS, datatype="INT64", shape=[-1]),
            TensorMetadata(name=WITH_NONE, datatype="FP32", shape=[-1, model["classes"] + 1]),
            TensorMetadata(name=DOUBT, datatype="FP32", shape=[-1]),
        ],
        parameters={"class_names": model["class_names"]} if model["class_names"] else None,
    )


def infer_path(name: str) -> str:
    """Return the URL path of a model's inference."""
    return f"/v2/models/{name}/infer"


def check_name(name: str, pool: WorkerPool) -> None:
    """Refuse the name of a model that is not served.

    Raises
    ------
    HttpError
        404.
    """
    served = pool.model_info["name"]
    if name != served:
        raise HttpError(404, f"unknown model; this server has {served}")


def check_ready(pool: WorkerPool, *, stopping: bool) -> None:
    """Refuse while no worker is ready or the server is stopping.

    Raises
    ------
    HttpError
        503.
    """
    if stopping:
        raise overloaded(SERVER_STOPS)
    if not pool.ready:
        raise not_ready()


class Infer:
    """Answers with the model's outputs for a minibatch.

    Parameters
    ----------
    pool : WorkerPool
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, body: bytes) -> Reply:
        """Evaluate a minibatch.

        Raises
        ------
        HttpError
            400, 404, 415, 422 or 503.
        """
        check_name(scope["path"].removeprefix("/v2/models/").removesuffix("/infer"), self._pool)
        size = _json_size(scope, len(body))
        if content_type(scope) != JSON and (size is None or content_type(scope) != BINARY):
            raise HttpError(
                415,
                "expected Content-Type application/json, or application/octet-stream with "
                "Inference-Header-Content-Length, the size of the JSON before the binary data",
            )
        answer, content = await self._pool.ask(
            {"kind": "infer", "json_size": size}, body, _pixels(size, len(body))
        )
        if "json_size" not in answer:
            return Reply(content)
        headers: Headers = ((_JSON_SIZE, b"%d" % answer["json_size"]),)
        return Reply(content, content_type=BINARY.encode(), headers=headers)


def _pixels(json_size: int | None, size: int) -> int:
    """Estimate the pixels of a minibatch: three characters each in JSON, else one byte."""
    in_json = size if json_size is None else json_size
    return in_json // 3 + size - in_json


def _json_size(scope: Scope, size: int) -> int | None:
    """Return the size of the JSON if binary data follows it, else None."""
    value = header(scope, _JSON_SIZE)
    if value is None:
        return None
    if not value.isdigit() or len(value) > 8 or int(value) > size:
        raise HttpError(
            400, "Inference-Header-Content-Length: expected the size of the JSON, at most that of the body"
        )
    return int(value)
