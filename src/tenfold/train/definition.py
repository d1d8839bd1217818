"""The executor that runs the definitions as they stand, on any array library."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tenfold.backend.arrays import Array, asarray_like, to_numpy
from tenfold.backend.cpu.threads import available
from tenfold.data import as_float
from tenfold.nn import Loss, Sequential
from tenfold.optim import Optimizer, OptimizerState
from tenfold.train.executor import Exported, HostArray, Steps

_INFERENCE_BATCH = 1000


class DefinitionExecutor:
    """Runs the definitions of layers, loss and optimiser as they stand, wherever the parameters live.

    Parameters
    ----------
    network : Sequential
        With values; its parameters are replaced at every step.
    loss : Loss
    optimizer : Optimizer
    """

    notice = None  # whoever chose it expects nothing faster

    def __init__(self, network: Sequential, loss: Loss, optimizer: Optimizer) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
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

    def prepare(self) -> None:
        """There is nothing to prepare."""

    def train(
        self,
        images: HostArray,
        labels: HostArray,
        order: HostArray,
        batch_size: int,
        rates: HostArray,
        rng: np.random.Generator,
        weights: HostArray | None = None,
    ) -> Steps:
        """Take training steps; see `Executor`."""
        losses, correct = [], []
        with ignore_float_warnings():
            for step, rate in enumerate(rates):
                end = (step + 1) * batch_size if step + 1 < len(rates) else len(order)
                batch = order[step * batch_size : end]
                counts = None if weights is None else weights[batch]
                loss, n_correct = self._step(images[batch], labels[batch], counts, float(rate), rng)
                losses.append(loss)
                correct.append(n_correct)
                if not np.isfinite(loss):
                    break
        return Steps(np.asarray(losses, np.float64), np.asarray(correct, np.int64))

    def _step(
        self,
        images: HostArray,
        labels: HostArray,
        weights: HostArray | None,
        rate: float,
        rng: np.random.Generator,
    ) -> tuple[float, int]:
        """Return a minibatch's loss and how many were recognised; move the parameters if it is finite."""
        x = self._input(images)  # (n, h, w, c)
        logits, backward = self.network.forward(x, training=True, rng=rng)  # (n, k)
        loss, loss_backward = self.loss.forward(logits, labels, *([] if weights is None else [weights]))
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
        with ignore_float_warnings():
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
        """Use copies of the arrays that `export` returned."""
        load_weights(self.network, params, state)
        like = self.network.params
        slots = {slot: _copies_like(arrays, like) for slot, arrays in optimizer_state.slots.items()}
        self.optimizer_state = OptimizerState(step=optimizer_state.step, slots=slots)

    def _input(self, images: HostArray) -> Array:
        return network_input(self.network, images)


def ignore_float_warnings() -> np.errstate:
    """Return a context in which NumPy does not warn of NaN and infinity: they are looked for, and refused."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def network_input(network: Sequential, images: HostArray) -> Array:
    """Return images as the network takes them: scaled, with channels, of its dtype and in its library."""
    floats = as_float(images) if images.dtype == np.uint8 else images  # (n, h, w, c)
    like = next(iter(network.params.values()), floats)
    return asarray_like(floats, like, dtype=like.dtype)


def load_weights(
    network: Sequential, params: Mapping[str, HostArray], state: Mapping[str, HostArray]
) -> None:
    """Give a network copies of host arrays, in the library and on the device that its own are in."""
    network.assign(_copies_like(params, network.params), _copies_like(state, network.state))


def _host_copies(arrays: Mapping[str, Array]) -> dict[str, HostArray]:
    return {name: to_numpy(array).copy() for name, array in arrays.items()}


def _copies_like(arrays: Mapping[str, HostArray], like: Mapping[str, Array]) -> dict[str, Array]:
    return {
        name: asarray_like(array.copy(), like[name], dtype=like[name].dtype) for name, array in arrays.items()
    }
