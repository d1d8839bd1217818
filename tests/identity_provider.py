"""An identity provider in a process of its own, which signs in whomever it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from tests.ports import free_port

_PATIENCE = 120  # seconds


@contextmanager
def identity_provider(people: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Run one that knows these people and their claims, and give its issuer."""
    port = free_port()
    known = [json.dumps({"sub": name, **claims}) for name, claims in people.items()]
    claims = [word for one in known for word in ("--user-claims", one)]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *claims]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            issuer, end = f"http://127.0.0.1:{port}", time.monotonic() + _PATIENCE
            while not _answers(issuer):
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield issuer
        finally:
            process.kill()


def _answers(issuer: str) -> bool:
    try:
        return requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).ok
    except requests.RequestException:
        return False
