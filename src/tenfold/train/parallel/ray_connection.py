"""The connection to a Ray cluster: quiet, with its token, and refused in one line where there is none."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tenfold.errors import ConfigError
from tenfold.extras import require
from tenfold.interrupt import own_signals
from tenfold.quoting import message
from tenfold.streams import without_stderr
from tenfold.train.parallel.ray_token import use_token

_SECONDS_TO_ANSWER = 5.0
_LATE = (
    "try again when its head is less busy, or start the head with "
    "$RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S set to the seconds that this may take"
)
_ABORTED = "try again; if it fails again, start the head with $GRPC_ENABLE_FORK_SUPPORT set to 0"
_SEE_LOGS = "look at the logs of its head"
_ADVICE = {"Proxy failed to Connect": _LATE, "Starting Ray client server failed": _ABORTED}
"""What to try, by what Ray says. Its server for a client may be aborted by gRPC's handlers of a fork."""


def require_ray() -> None:
    """Check that Ray is installed, and have it find the token; to be called before it is imported.

    Raises
    ------
    ConfigError
        Without Ray.
    """
    require("--on ray", "ray", "ray")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # read when it is imported
    use_token()


def connect(address: str | None, namespace: str | None = None) -> None:
    """Connect this process to a cluster; Ray itself prints nothing.

    Parameters
    ----------
    address : str or None
        ``ray://HOST:PORT``, or None for the cluster of ``$RAY_ADDRESS`` or of this machine; without one, Ray
        is started on this machine until the process ends.
    namespace : str, optional
        Where the names of its actors are known.

    Raises
    ------
    ConfigError
        If the cluster cannot be reached.
    """
    require_ray()
    import ray

    _silence()
    address = address or os.environ.get("RAY_ADDRESS")
    with _reached(address), own_signals(), without_stderr():
        ray.init(address, namespace=namespace, log_to_driver=False, configure_logging=False)


def answers(address: str) -> bool:
    """Return whether something takes connections at ``HOST:PORT`` or ``ray://HOST:PORT``."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        with closing(socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS_TO_ANSWER)):
            return True
    except (OSError, ValueError):
        return False


def _silence() -> None:
    """Have Ray print nothing: the commands say what counts, and stdout may be for one JSON object alone.

    Ray has no option for the pages that it prints on stdout when a machine is lost.
    """
    import ray

    logging.getLogger("ray").setLevel(logging.ERROR)
    worker = ray._private.worker
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = lambda *told, **options: None


@contextmanager
def _reached(address: str | None) -> Iterator[None]:
    """In a ``with`` block, what hinders a connection is said in one line.

    Raises
    ------
    ConfigError
        At once if nothing takes connections there, where Ray would try for a minute; if the cluster refuses
        this command, or has no time for it.
    """
    at = f" at {address}" if address else ""
    if address is not None and ":" in address and not answers(address):
        raise ConfigError(
            f"--on ray: expected a Ray cluster{at}, found nothing that answers; start one with "
            "`ray start --head`, or correct the address"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the error says it
            yield
    except ConnectionAbortedError as error:  # Ray Client quotes a traceback; its last line says the cause
        cause = str(error).rstrip().rpartition("\n")[2]
        advice = next((advice for known, advice in _ADVICE.items() if known in cause), _SEE_LOGS)
        raise ConfigError(
            f"--on ray: expected a Ray cluster{at} that starts a server for this command, found one that "
            f"did not ({message(RuntimeError(cause))}); {advice}"
        ) from error
    except Exception as error:  # of many kinds, some of them RuntimeError
        raise ConfigError(
            f"--on ray: expected a Ray cluster{at} that takes this command, found one that does not "
            f"({type(error).__name__}: {message(error)}); set $RAY_AUTH_MODE to token and "
            "$RAY_AUTH_TOKEN to its token, and use its versions of Ray and Python"
        ) from error
