"""Tokens: made at random, kept as hashes."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_token() -> str:
    """Return a token of 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> str:
    """Return what is kept of a token.

    A token has 256 random bits, so nobody finds it by trying, and a slow hash would protect it no better.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
