"""``POST /v1/digits``: reads the digits in a picture; ``POST /v1/classify``: classifies it as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from tenfold.serve.asgi import HttpError, Reply, Scope, content_type
from tenfold.serve.picture_body import FORM, JSON, picture_in
from tenfold.serve.picture_size import pixel_count
from tenfold.serve.worker_pool import WorkerPool

PATH, CLASSIFY = "/v1/digits", "/v1/classify"
TYPES = (
    *("image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif", "image/bmp", "image/x-ms-bmp"),
    *("image/tiff", "image/x-portable-graymap", "image/x-portable-pixmap", "image/x-portable-bitmap"),
    *("image/x-portable-anymap", "image/avif", "image/heic", "image/heif"),
    *("application/pdf", "application/octet-stream"),
)
"""Media types of pictures. The format itself is found by the content."""

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
        self._pool, self._formats = pool, pool.limits.pictures.listed

    async def __call__(self, scope: Scope, body: bytes) -> Reply:
        """Read one picture.

        Raises
        ------
        HttpError
            415, 422 or 503.
        """
        if content_type(scope) not in (*TYPES, FORM, JSON):
            raise HttpError(
                415,
                f"expected the Content-Type of a picture ({self._formats}), such as image/png, or "
                f"application/octet-stream, {FORM} or {JSON}; send the picture itself as the body",
            )
        picture = picture_in(scope, body)
        details, single = _flags(scope, "details", "single")
        header = {"kind": "digits", "details": details, "single": single}
        _, content = await self._pool.ask(header, picture, pixel_count(picture))
        return Reply(content)


def _flags(scope: Scope, *names: str) -> Iterator[bool]:
    """Yield whether the client asks for each of these, by the query; by default it does not."""
    try:
        given = parse_qs(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError as error:
        fields = ", ".join(names)
        raise HttpError(422, f"query: expected at most {_FIELDS} fields; send {fields} alone") from error
    for name in names:
        values = given.get(name, ["false"])
        if len(values) != 1 or values[0] not in _FLAGS:
            raise HttpError(422, f"{name}: expected true or false, once")
        yield _FLAGS[values[0]]
