"""Find where NaN or infinity first appeared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tenfold.errors import DivergedError
from tenfold.nn import Sequential
from tenfold.train.definition import ignore_float_warnings, load_weights, network_input
from tenfold.train.executor import HostArray


def first_non_finite(
    network: Sequential, params: Mapping[str, HostArray], state: Mapping[str, HostArray], images: HostArray
) -> str:
    """Return the first place, layer by layer, where a minibatch meets NaN or infinity.

    The definition runs on the minibatch as at prediction; then the network gets its own arrays back.

    Returns
    -------
    str
        "fc1.weight", "output of fc1", "input"; "loss" if everything up to the outputs is finite.
    """
    own = network.params, network.state
    load_weights(network, params, state)
    try:
        with ignore_float_warnings():
            return network.first_non_finite(network_input(network, images)) or "loss"
    finally:
        network.assign(*own)


def diverged(what: str, where: str, rate: float, last_good: Path | None) -> DivergedError:
    """Return the error for a run that diverged.

    Parameters
    ----------
    what : str
        What happened: ``"the loss became nan in epoch 2, step 17"``.
    where : str
        The result of `first_non_finite`.
    rate : float
        The learning rate.
    last_good : Path or None
        The latest checkpoint.
    """
    kept = "no checkpoint was saved" if last_good is None else f"the last good checkpoint is {last_good}"
    return DivergedError(
        f"expected finite numbers, {what}: the first place that is not finite is {where}; {kept}; "
        f"try a learning rate below {rate:g}"
    )
