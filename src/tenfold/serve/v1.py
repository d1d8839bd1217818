"""``POST /v1/digits``: reads the digits in a picture; ``POST /v1/classify``: classifies it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tenfold.serve.asgi import HttpError, Reply, Scope, content_type
from tenfold.serve.picture_size import pixel_count
from tenfold.serve.worker_pool import WorkerPool

PATH, CLASSIFY = "/v1/digits", "/v1/classify"
TYPES = ("image/png", "image/jpeg")

_FIELDS = 20
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def path(model: Mapping[str, Any]) -> str:
    """Return the URL path for pictures: by whether the model reads digits or knows other classes."""
    return PATH if model["reads_digits"] else CLASSIFY


class ReadDigits:
    """Answers with the digits in a picture, or with its class.

    Parameters
    ----------
    pool : WorkerPool
    """

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, body: bytes) -> Reply:
        """Read one picture.

        Raises
        ------
        HttpError
            415, 422 or 503.
        """
        if content_type(scope) not in TYPES:
            raise HttpError(
                415, "expected Content-Type image/png or image/jpeg; send the picture itself as the body"
            )
        header = {"kind": "digits", "details": _details(scope)}
        _, content = await self._pool.ask(header, body, pixel_count(body))
        return Reply(content)


def _details(scope: Scope) -> bool:
    """Return whether the client wants all details, as the drawing page does."""
    try:
        given = parse_qs(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError as error:
        raise HttpError(422, f"query: expected at most {_FIELDS} fields; send details alone") from error
    values = given.get("details", ["false"])
    if len(values) != 1 or values[0] not in _FLAGS:
        raise HttpError(422, "details: expected true or false, once")
    return _FLAGS[values[0]]
