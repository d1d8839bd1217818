"""TLS by the server itself: a certificate and its key, loaded again when they are renewed."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

from tenfold.errors import ConfigError, TenfoldError
from tenfold.files import read_bounded
from tenfold.quoting import message

log = logging.getLogger(__name__)

_MOST_BYTES = 1 << 20

Pair = tuple[Path, Path]
"""A file with the certificate, and those that lead to its issuer, and a file with the key: both PEM."""


def pair_of(certificate: Path | None, key: Path | None) -> Pair | None:
    """Return the two files; None if there is neither.

    Raises
    ------
    ConfigError
        If one is missing.
    """
    if certificate is not None and key is not None:
        return certificate, key
    if certificate is None and key is None:
        return None
    given, missing = ("--tls-cert", "--tls-key") if key is None else ("--tls-key", "--tls-cert")
    raise ConfigError(f"{given}: expected {missing} too, got none; name both files")


class Certificate:
    """What TLS connections need.

    Parameters
    ----------
    pair : (Path, Path)
        Certificate and key.

    Attributes
    ----------
    context : ssl.SSLContext
        New connections use the pair that was loaded last.

    Raises
    ------
    ConfigError
        If they cannot be read, or do not belong together.
    """

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._stamp = self._now()
        self.context = _context(pair)
        self._trouble = ""

    def check(self) -> None:
        """Load the files again if they have changed. Until both are right, the old pair is used."""
        stamp = self._now()
        if stamp == self._stamp:
            return
        try:
            _context(self._pair)
            self.context.load_cert_chain(*self._pair, password=_no_password)
        except (TenfoldError, OSError) as error:
            if (trouble := message(error, most=400)) != self._trouble:
                log.error("the old certificate is still used: %s", trouble)
            self._trouble = trouble
            return
        self._stamp, self._trouble = stamp, ""
        log.warning("the new certificate is used")

    def _now(self) -> list[tuple[int, int] | None]:
        return [_stamp(path) for path in self._pair]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _context(pair: Pair) -> ssl.SSLContext:
    certificate, key = pair
    for option, path in (("--tls-cert", certificate), ("--tls-key", key)):
        try:
            read_bounded(path, _MOST_BYTES, ConfigError)
        except TenfoldError as error:
            raise ConfigError(f"{option}: {error}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(
            f"--tls-cert {certificate}, --tls-key {key}: expected a certificate and its key, both PEM and "
            f"without a password, found others ({message(error)}); name the two that belong together"
        ) from error
    return context


def _no_password() -> str:
    """Return what no key has, so that nobody is asked at a terminal."""
    return "none"
