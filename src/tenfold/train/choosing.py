"""Which executor computes a network: the arrays decide."""

from __future__ import annotations

import numpy as np

from tenfold.nn import LOSSES, Loss, Sequential
from tenfold.optim import OPTIMIZERS, Optimizer
from tenfold.train.definition import DefinitionExecutor
from tenfold.train.executor import Executor


def executor_for(
    network: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    *,
    threads: int | None = None,
    deterministic: bool = False,
) -> Executor:
    """Return who computes for a network: the arrays decide.

    Float32 NumPy parameters in layers that the CPU engine knows go to the engine, everything else
    (float64, layers of one's own, arrays of other libraries) to the definition.
    """
    if not _is_float32_numpy(network):
        return DefinitionExecutor(network, loss, optimizer)
    if remark := why_not_compiled(network, loss, optimizer):
        return DefinitionExecutor(network, loss, optimizer, remark)
    from tenfold.train.compiled import CompiledExecutor  # here, for Numba takes its time to import

    return CompiledExecutor(network, loss, optimizer, threads=threads, deterministic=deterministic)


def why_not_compiled(network: Sequential, loss: Loss, optimizer: Optimizer) -> str | None:
    """Return in one line what keeps a network from the engine, and what that costs; None if nothing does.

    Examples
    --------
    >>> from tenfold.nn import Dense, LeakyReLU, SoftmaxCrossEntropy
    >>> from tenfold.optim import SGD
    >>> network = Sequential({"fc": Dense(3, 2), "act": LeakyReLU(-1.0)}, (3,))
    >>> why_not_compiled(network, SoftmaxCrossEntropy(), SGD(0.1)).partition(":")[0]
    'the compiled engine does not know act (LeakyReLU)'
    """
    layers = network.layers
    unknown = [
        f"{row.name} ({type(layers[row.name]).__name__})" for row in network.rows() if not row.compiled
    ]
    for part, known in ((loss, LOSSES), (optimizer, OPTIMIZERS)):
        if type(part) is not known.get(part.kind):  # a class of the user's own, which may compute otherwise
            unknown.append(type(part).__name__)
    if not unknown:
        return None
    return (
        f"the compiled engine does not know {', '.join(unknown)}: the whole network is computed by the "
        "definition, which takes about 5 times as long, with convolutions up to 30 times"
    )


def _is_float32_numpy(network: Sequential) -> bool:
    arrays = (*network.params.values(), *network.state.values())
    return all(isinstance(array, np.ndarray) and array.dtype == np.float32 for array in arrays)
