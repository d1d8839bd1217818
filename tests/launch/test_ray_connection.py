"""Whether something answers at the address of a cluster, tried with a socket."""

from __future__ import annotations

import socket

import pytest

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
