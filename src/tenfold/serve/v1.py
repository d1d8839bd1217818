"""``POST /v1/digits``: a picture in, its digits out."""

from __future__ import annotations

from urllib.parse import parse_qs

from tenfold.serve.asgi import Reply, Scope
from tenfold.serve.headers import content_type
from tenfold.serve.http_error import HttpError
from tenfold.serve.picture_size import pixels
from tenfold.serve.worker_pool import WorkerPool

PATH = "/v1/digits"
TYPES = ("image/png", "image/jpeg")

_FIELDS = 20
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class ReadDigits:
    """Answers with what is written in a picture.

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
                415, "expected Content-Type: image/png or image/jpeg, and the picture as the body"
            )
        head = {"kind": "digits", "details": _details(scope)}
        _, content = await self._pool.ask(head, body, pixels(body))
        return Reply(content)


def _details(scope: Scope) -> bool:
    """Return whether all is wanted that a page can show."""
    try:
        given = parse_qs(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError as error:
        raise HttpError(422, f"query: expected at most {_FIELDS} fields") from error
    values = given.get("details", ["false"])
    if len(values) != 1 or values[0] not in _FLAGS:
        raise HttpError(422, "details: expected true or false")
    return _FLAGS[values[0]]
