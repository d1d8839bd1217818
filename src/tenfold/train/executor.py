"""Who computes the steps: the definition on any array library, or compiled code with the same face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from tenfold.backend.arrays import Array, asarray_like, to_numpy
from tenfold.backend.cpu.threads import available
from tenfold.data import as_float
from tenfold.nn import LOSSES, Loss, Sequential
from tenfold.optim import OPTIMIZERS, Optimizer, OptimizerState

HostArray: TypeAlias = np.ndarray[Any, Any]
_INFERENCE_BATCH = 1000


@dataclass(frozen=True)
class Steps:
    """What some training steps gave.

    Attributes
    ----------
    losses : float64 array, shape (steps,)
        The mean loss of each minibatch, before its update. If the last is not finite, the steps
        ended there, before that update.
    correct : int64 array, shape (steps,)
        How many images of each minibatch were recognised.
    """

    losses: HostArray
    correct: HostArray


class Exported(NamedTuple):
    """Everything that a run has learned, as copies in NumPy arrays by dotted name."""

    params: dict[str, HostArray]
    state: dict[str, HostArray]
    optimizer: OptimizerState


class Executor(Protocol):
    """What the training loop asks of whoever computes.

    Attributes
    ----------
    name : str
        In words; what a run's bits depend on besides its recipe and its seed.
    threads : int
        How many cores it may use.
    """

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    def prepare(self, notify: Callable[[str], None]) -> None:
        """Do now what must be done once, and tell if it takes long."""

    def train(
        self,
        images: HostArray,
        labels: HostArray,
        order: HostArray,
        batch_size: int,
        rates: HostArray,
        rng: np.random.Generator,
    ) -> Steps:
        """Take training steps.

        Parameters
        ----------
        images : uint8 array of shape (n, h, w), 0 to 255, or float array of shape (n, h, w, c), 0 to 1
        labels : int64 array, shape (n,)
        order : int64 array
            Which image comes when: ``batch_size`` of them in each step, and in the last all that are left,
            be they fewer or more.
        batch_size : int
        rates : float64 array, shape (steps,)
            The learning rate of each step.
        rng : numpy.random.Generator
            For dropout.
        """

    def logits(self, images: HostArray) -> HostArray:
        """Return the outputs at prediction, shape (n, k)."""

    def export(self) -> tuple[dict[str, HostArray], dict[str, HostArray], OptimizerState]:
        """Return copies of parameters, running statistics and the optimiser's state."""

    def restore(
        self, params: Mapping[str, HostArray], state: Mapping[str, HostArray], optimizer_state: OptimizerState
    ) -> None:
        """Take up copies of what `export` gave."""


ExecutorFactory: TypeAlias = Callable[[Sequential, Loss, Optimizer], Executor]


class DefinitionExecutor:
    """Runs the definitions of layers, loss and optimiser as they stand, wherever the parameters live.

    Parameters
    ----------
    network : Sequential
        With values; its parameters are replaced at every step.
    loss : Loss
    optimizer : Optimizer
    remark : str, optional
        What to tell whoever waits for it.
    """

    def __init__(
        self, network: Sequential, loss: Loss, optimizer: Optimizer, remark: str | None = None
    ) -> None:
        self.network, self.loss, self.optimizer, self.remark = network, loss, optimizer, remark
        self.optimizer_state = optimizer.init(network.params)

    @property
    def name(self) -> str:
        """In words, with the library that holds the arrays."""
        libraries = {type(p).__module__.partition(".")[0] for p in self.network.params.values()}
        return f"the definition on {', '.join(sorted(libraries)) or 'no'} arrays"

    @property
    def threads(self) -> int:
        """All cores: how many a library takes is its own affair."""
        return available()

    def prepare(self, notify: Callable[[str], None]) -> None:
        """There is nothing to prepare; pass the remark on."""
        if self.remark is not None:
            notify(self.remark)

    def train(
        self,
        images: HostArray,
        labels: HostArray,
        order: HostArray,
        batch_size: int,
        rates: HostArray,
        rng: np.random.Generator,
    ) -> Steps:
        """Take training steps; see `Executor`."""
        losses, correct = [], []
        with quietly():
            for step, rate in enumerate(rates):
                end = (step + 1) * batch_size if step + 1 < len(rates) else len(order)
                batch = order[step * batch_size : end]
                loss, n_correct = self._step(images[batch], labels[batch], float(rate), rng)
                losses.append(loss)
                correct.append(n_correct)
                if not np.isfinite(loss):
                    break
        return Steps(np.asarray(losses, np.float64), np.asarray(correct, np.int64))

    def _step(
        self, images: HostArray, labels: HostArray, rate: float, rng: np.random.Generator
    ) -> tuple[float, int]:
        """Return a minibatch's loss and how many were recognised; move the parameters if it is finite."""
        x = self._input(images)  # (n, h, w, c)
        logits, backward = self.network.forward(x, training=True, rng=rng)  # (n, k)
        loss, loss_backward = self.loss.forward(logits, labels)
        n_correct = int(np.sum(to_numpy(self.loss.answers(logits)) == labels))
        if np.isfinite(float(loss)):
            _, grads = backward(loss_backward())
            params, self.optimizer_state = self.optimizer.update(
                self.network.params, grads, self.optimizer_state, rate
            )
            self.network.assign(params)
        return float(loss), n_correct

    def logits(self, images: HostArray) -> HostArray:
        """Return the outputs at prediction, shape (n, k)."""
        starts = range(0, max(len(images), 1), _INFERENCE_BATCH)
        with quietly():
            batches = (images[at : at + _INFERENCE_BATCH] for at in starts)
            parts = [to_numpy(self.network.infer(self._input(batch))) for batch in batches]
        return np.concatenate(parts)

    def export(self) -> Exported:
        """Return copies of parameters, running statistics and the optimiser's state."""
        slots = {slot: _host_copies(arrays) for slot, arrays in self.optimizer_state.slots.items()}
        optimizer = OptimizerState(step=self.optimizer_state.step, slots=slots)
        return Exported(_host_copies(self.network.params), _host_copies(self.network.state), optimizer)

    def restore(
        self, params: Mapping[str, HostArray], state: Mapping[str, HostArray], optimizer_state: OptimizerState
    ) -> None:
        """Take up copies of what `export` gave."""
        put_weights(self.network, params, state)
        like = self.network.params
        slots = {slot: _copies_like(arrays, like) for slot, arrays in optimizer_state.slots.items()}
        self.optimizer_state = OptimizerState(step=optimizer_state.step, slots=slots)

    def _input(self, images: HostArray) -> Array:
        return network_input(self.network, images)


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


def quietly() -> np.errstate:
    """Return a context in which NumPy does not warn of NaN and infinity: they are looked for, and refused."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def network_input(network: Sequential, images: HostArray) -> Array:
    """Return images as the network takes them: scaled, with channels, of its dtype and in its library."""
    floats = as_float(images) if images.dtype == np.uint8 else images  # (n, h, w, c)
    like = next(iter(network.params.values()), floats)
    return asarray_like(floats, like, dtype=like.dtype)


def put_weights(network: Sequential, params: Mapping[str, HostArray], state: Mapping[str, HostArray]) -> None:
    """Give a network copies of host arrays, in the library and on the device that its own are in."""
    network.assign(_copies_like(params, network.params), _copies_like(state, network.state))


def _host_copies(arrays: Mapping[str, Array]) -> dict[str, HostArray]:
    return {name: to_numpy(array).copy() for name, array in arrays.items()}


def _copies_like(arrays: Mapping[str, HostArray], like: Mapping[str, Array]) -> dict[str, Array]:
    return {
        name: asarray_like(array.copy(), like[name], dtype=like[name].dtype) for name, array in arrays.items()
    }
