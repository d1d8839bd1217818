"""The executor that runs the definitions as they stand, on any array library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tenfold.backend.arrays import Array, asarray_like, copied, namespace, to_numpy
from tenfold.backend.cpu.threads import available
from tenfold.nn import Loss, Sequential
from tenfold.optim import EMA, Optimizer, OptimizerState, moving
from tenfold.optim.averaging import Following
from tenfold.optim.optimizer import Named
from tenfold.train.executor import Exported, HostArray, Steps, Weights
from tenfold.train.seeds import generator_state, restore_generator
from tenfold.train.training_data import NO_DATA, TrainingData

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
        self._data = NO_DATA
        self._average: EMA | None = None
        self._averages: tuple[Named, Named] = {}, {}  # of parameters and running statistics
        self._trained: tuple[Named, Named] | None = None  # with an average, the network has others meanwhile

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

    def keep_average(self, average: EMA) -> None:
        """Average the weights from now on, beginning with those that there are."""
        self._average = average
        params, state = self.network.params, self.network.state
        self._trained = dict(params), dict(state)
        self._averages = _copies(params), _copies(state)  # an optimiser may write into its arrays

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
        """Take training steps; see `Executor`.

        On a device nothing is read before the last step, for each reading waits for all that was asked of it.
        If a loss turns out not to be finite, the steps are taken once more, each looked at.
        """
        self._data = data = self._data.beside(self.network, images, labels, weights)
        task = data, order, batch_size, rates, rng
        if self._trained is not None:
            self.network.assign(*self._trained)
        before = self.network.params, self.network.state, self.optimizer_state, generator_state(rng)
        averages = self._averages
        with ignore_float_warnings():
            if data.on_host:
                return self._steps(*task, look=True)
            steps = self._steps(*task, look=False)
            if np.isfinite(steps.losses).all():
                return steps
            self.network.assign(*before[:2])
            self.optimizer_state, self._averages = before[2], averages
            restore_generator(rng, before[3])
            return self._steps(*task, look=True)

    def _steps(
        self,
        data: TrainingData,
        order: HostArray,
        batch_size: int,
        rates: HostArray,
        rng: np.random.Generator,
        *,
        look: bool,
    ) -> Steps:
        """Take steps, up to a loss that is not finite if each is looked at."""
        network, at = self.network, data.places(order)
        moved = moving(self.optimizer, network.params, self.optimizer_state)
        average = self._average
        following = None if average is None else Following(average, moved, *self._averages)
        losses, answers = [], []
        for step, rate in enumerate(rates):
            batch = at[step * batch_size : (step + 1) * batch_size if step + 1 < len(rates) else None]
            images, labels, *weights = data.minibatch(batch)
            logits, backward = network.forward(network_input(network, images), training=True, rng=rng)
            with data.known_labels(labels):
                loss, loss_backward = self.loss.forward(logits, labels, *weights)
            losses.append(loss)
            answers.append(self.loss.answers(logits))
            if look and not np.isfinite(float(loss)):
                break
            network.assign(moved.step(backward(loss_backward())[1], float(rate)))
            if following is not None:
                following.step(network.state)
        self.optimizer_state = moved.state
        if following is not None:
            self._averages = following.params, following.state
            self._trained = dict(network.params), dict(network.state)
        return Steps(_numbers(losses), data.correct(answers, order))

    def logits(self, images: HostArray) -> HostArray:
        """Return the outputs at prediction, shape (n, k): of the averaged weights, if an average is kept."""
        starts = range(0, max(len(images), 1), _INFERENCE_BATCH)
        if self._average is not None:
            self.network.assign(*self._averages)
        with ignore_float_warnings():
            batches = (images[at : at + _INFERENCE_BATCH] for at in starts)
            parts = [to_numpy(self.network.infer(network_input(self.network, batch))) for batch in batches]
        return np.concatenate(parts)

    def weights(self) -> Weights:
        """Return copies of the weights that `logits` uses: the averages, if they are kept."""
        kept = (self.network.params, self.network.state) if self._average is None else self._averages
        return Weights(_host_copies(kept[0]), _host_copies(kept[1]))

    def export(self) -> Exported:
        """Return copies of parameters and statistics as they are trained, and of the optimiser's state."""
        slots = {slot: _host_copies(arrays) for slot, arrays in self.optimizer_state.slots.items()}
        optimizer = OptimizerState(step=self.optimizer_state.step, slots=slots)
        params, state = self._trained or (self.network.params, self.network.state)
        return Exported(_host_copies(params), _host_copies(state), optimizer)

    def restore(
        self, params: Mapping[str, HostArray], state: Mapping[str, HostArray], optimizer_state: OptimizerState
    ) -> None:
        """Use copies of the arrays that `export` returned."""
        load_weights(self.network, params, state)
        if self._trained is not None:
            self._trained = dict(self.network.params), dict(self.network.state)
        like = self.network.params
        slots = {slot: _copies_like(arrays, like) for slot, arrays in optimizer_state.slots.items()}
        self.optimizer_state = OptimizerState(step=optimizer_state.step, slots=slots)

    def restore_average(self, weights: Weights) -> None:
        """Use copies of the averages that `weights` returned; only if averages are kept."""
        like = self.network
        self._averages = _copies_like(weights.params, like.params), _copies_like(weights.state, like.state)


def ignore_float_warnings() -> np.errstate:
    """Return a context in which NumPy does not warn of NaN and infinity: they are looked for, and refused."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def network_input(network: Sequential, images: Array) -> Array:
    """Return images as the network takes them: scaled, with channels, of its dtype and in its library.

    Bytes are moved as they are and scaled where they arrive: a quarter of what floats would take.
    """
    like = next(iter(network.params.values()), images)
    there = asarray_like(images, like)
    xp = namespace(there)
    if there.dtype == xp.uint8:
        there = xp.astype(there, xp.float32) / 255  # as `tenfold.data.as_float`
        there = there if there.ndim == 4 else there[..., None]  # (n, h, w, c)
    return there if like is images else xp.astype(there, like.dtype, copy=False)


def load_weights(
    network: Sequential, params: Mapping[str, HostArray], state: Mapping[str, HostArray]
) -> None:
    """Give a network copies of host arrays, in the library and on the device that its own are in."""
    network.assign(_copies_like(params, network.params), _copies_like(state, network.state))


def _numbers(losses: Sequence[Array]) -> HostArray:
    """Return single numbers as one float64 array; those on a device are read at once."""
    if all(isinstance(loss, (float, np.ndarray, np.generic)) for loss in losses):
        return np.asarray(losses, np.float64)
    return to_numpy(namespace(*losses).stack(losses)).astype(np.float64)


def _host_copies(arrays: Mapping[str, Array]) -> dict[str, HostArray]:
    return {name: to_numpy(array).copy() for name, array in arrays.items()}


def _copies(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: copied(array) for name, array in arrays.items()}


def _copies_like(arrays: Mapping[str, HostArray], like: Mapping[str, Array]) -> dict[str, Array]:
    return {
        name: asarray_like(array.copy(), like[name], dtype=like[name].dtype) for name, array in arrays.items()
    }
