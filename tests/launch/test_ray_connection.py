"""Whether something answers at the address of a cluster, tried with a socket."""

from __future__ import annotations

import re
import socket

import pytest

from tenfold.errors import ConfigError
from tenfold.train.parallel import ray_connection
from tenfold.train.parallel.ray_connection import answers


@pytest.mark.parametrize("nowhere", ["", "x", "127.0.0.1", "127.0.0.1:port", "ray://:", "127.0.0.1:0"])
def test_nothing_answers_nowhere(nowhere: str) -> None:
    assert not answers(nowhere)


def test_an_open_port_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        assert answers(address)
        assert answers(f"ray://{address}")
    assert not answers(address)


QUOTED = """Initialization failure from server:
Traceback (most recent call last):
  File "/opt/ray/util/client/server/proxier.py", line 780, in Datapath
    raise RuntimeError(
RuntimeError: Proxy failed to Connect to backend!
"""


def test_a_busy_cluster_is_said_with_its_cause() -> None:
    expected = "did not (RuntimeError: Proxy failed to Connect to backend!); try again"
    with pytest.raises(ConfigError, match=re.escape(expected)), ray_connection._reached(None):
        raise ConnectionAbortedError(QUOTED)


def test_an_aborted_server_is_said_with_the_variable_that_helps() -> None:
    cause = (
        "RuntimeError: Starting Ray client server failed. See ray_client_server_23000.err for detailed logs."
    )
    expected = (
        f"did not ({cause}); try again; if it fails again, start the head with $GRPC_ENABLE_FORK_SUPPORT"
    )
    with pytest.raises(ConfigError, match=re.escape(expected)), ray_connection._reached(None):
        raise ConnectionAbortedError(f"{QUOTED}{cause}")


def test_another_cause_of_a_server_that_did_not_start_is_said_without_that_advice() -> None:
    expected = "did not (ValueError: no such environment); look at the logs of its head"
    with pytest.raises(ConfigError, match=re.escape(expected)), ray_connection._reached(None):
        raise ConnectionAbortedError(f"{QUOTED}ValueError: no such environment")


def test_a_cluster_that_refuses_is_said_with_its_advice() -> None:
    with (
        pytest.raises(ConfigError, match=r"\(RuntimeError: bad token\); set \$RAY_AUTH_MODE"),
        ray_connection._reached(None),
    ):
        raise RuntimeError("bad token")
