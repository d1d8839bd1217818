"""Headers of an ASGI scope."""

from __future__ import annotations

from tenfold.serve.asgi import Scope


def header(scope: Scope, wanted: bytes) -> bytes | None:
    """Return the value of a header, given in lower case; None if it is not there."""
    return next((value for name, value in scope["headers"] if name == wanted), None)


def content_type(scope: Scope) -> str:
    """Return the type of a body in lower case, without its parameters; empty if none is named."""
    value = header(scope, b"content-type") or b""
    return value.partition(b";")[0].strip().lower().decode("latin-1")
