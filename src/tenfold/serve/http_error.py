"""A request that is refused: the status, one line that says why, and an id to ask about."""

from __future__ import annotations

import json
import logging
import secrets

from tenfold.serve.asgi import Headers, Reply

log = logging.getLogger(__name__)


class HttpError(Exception):
    """Ends a request with an error.

    Parameters
    ----------
    status : int
    text : str
        What was expected, in our words: nothing of the request is repeated.
    headers : sequence of (bytes, bytes)
        To send besides.
    """

    def __init__(self, status: int, text: str, headers: Headers = ()) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers

    def reply(self) -> Reply:
        """Return the answer, with an id of its own that the log has too."""
        request_id = secrets.token_hex(8)
        log.info("%s %d %s", request_id, self.status, self.text)
        content = json.dumps({"error": self.text, "request_id": request_id})
        return Reply(content.encode(), status=self.status, headers=self.headers)


def overloaded(text: str = "busy; come back in a second") -> HttpError:
    """Return what a server answers that has enough to do."""
    return HttpError(503, text, ((b"retry-after", b"1"),))
