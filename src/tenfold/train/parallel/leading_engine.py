"""The engine of the process that leads: to the training loop it is one engine for whole minibatches."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tenfold.backend.cpu.checks import check_images, check_labels, check_order
from tenfold.backend.cpu.part import Part
from tenfold.backend.cpu.part_engine import PartEngine
from tenfold.errors import WorkerLostError
from tenfold.train.executor import HostArray
from tenfold.train.parallel.collective import Collective
from tenfold.train.parallel.link import Link

_BYTES_AT_ONCE = 1 << 26  # of images that are sent before the steps that use them

_EXCHANGES = 5


class LeadingEngine(PartEngine):
    """Takes the first part of each minibatch, and sends the others to their workers.

    Parameters
    ----------
    network, loss, optimizer, threads, part_threads
        As for `PartEngine`.
    links : sequence of Link
        To the workers of rank 1, 2, ...
    """

    def __init__(
        self, network: Any, loss: Any, optimizer: Any, *, links: Sequence[Link], **threads: int
    ) -> None:
        self._links = links
        self.collective: Collective | None = None  # until the workers are ready
        super().__init__(network, loss, optimizer, **threads)

    def assign(
        self,
        params: Mapping[str, HostArray],
        state: Mapping[str, HostArray],
        slots: Mapping[str, Mapping[str, HostArray]] | None = None,
        step: int = 0,
    ) -> None:
        """Take over copies of all numbers, and have the workers do so."""
        super().assign(params, state, slots, step)
        for link in self._links:
            link.send({"do": "assign", "step": step}, *self.numbers())

    def train(
        self, images: HostArray, labels: HostArray, order: HostArray, n: int, rates: HostArray,
        bits: HostArray | None = None, rng: object = None, weights: HostArray | None = None,
    ) -> tuple[HostArray, HostArray]:  # fmt: skip
        """Take steps on whole minibatches; see `Engine.train`."""
        check_images(images, self.network.input_shape)
        check_labels(labels, len(images), self.labels)
        check_order(order, len(images), len(rates), n)
        random = np.zeros((len(rates), 0), np.uint16) if bits is None else bits.reshape(len(rates), -1)
        losses, correct = [np.zeros(0)], [np.zeros(0, np.int64)]
        for steps in self._pieces(len(rates), n * images[:1].nbytes):
            places = order[steps.start * n : steps.stop * n].reshape(-1, n)
            some = slice(steps.start, steps.stop)
            done = self._train(images, labels, places, rates[some], random[some], weights)
            losses.append(done[0])
            correct.append(done[1])
            if not np.isfinite(done[0][-1]):
                break
        return np.concatenate(losses), np.concatenate(correct)

    def exchange_seconds(self) -> float:
        """Time the exchange of the gradients, which are lost; return the shortest of some times."""
        times = []
        for _ in range(_EXCHANGES):
            for link in self._links:
                link.send({"do": "exchange"})
            began = time.perf_counter()
            self._all_sum(self.gradient)
            times.append(time.perf_counter() - began)
        return min(times)

    def _all_sum(self, array: HostArray) -> None:
        if self.collective is not None:
            self.collective.all_sum(array)

    @staticmethod
    def _pieces(steps: int, step_bytes: int) -> Iterator[range]:
        """Divide steps into pieces whose images take a bounded room."""
        most = max(1, _BYTES_AT_ONCE // max(1, step_bytes))
        for first in range(0, steps, most):
            yield range(first, min(first + most, steps))

    def _train(
        self, images: HostArray, labels: HostArray, places: HostArray, rates: HostArray, bits: HostArray,
        weights: HostArray | None,
    ) -> tuple[HostArray, HostArray]:  # fmt: skip
        """Take steps on the images at ``places`` (steps, n)."""
        n, size = places.shape[1], 1 + len(self._links)
        parts = [Part.of(n, rank, size) for rank in range(size)]

        def inputs(part: Part) -> list[HostArray]:
            own = places[:, part.first : part.last].ravel()
            counts = np.zeros(0) if weights is None else np.asarray(weights[own], np.float64)
            return [images[own], labels[own], rates, self._bits_of(part, bits), counts]

        for link, part in zip(self._links, parts[1:], strict=True):
            link.send({"do": "train", "n": n}, *inputs(part))
        own_images, own_labels, _, own_bits, counts = inputs(parts[0])
        done = self.train_part(own_images, own_labels, parts[0], rates, own_bits, counts, self._all_sum)
        self._compare()
        return done

    def _bits_of(self, part: Part, bits: HostArray) -> HostArray:
        """The random bits of a part's images, in each step of one dropout layer after the other."""
        features, at, found = self.dropouts, 0, [bits[:, :0]]
        for size in features:
            found.append(bits[:, at + part.first * size : at + part.last * size])
            at += part.whole * size
        return np.concatenate(found, axis=1).ravel()

    def _compare(self) -> None:
        """Refuse to go on if a worker's parameters are not the leader's."""
        own = self.checksum()
        for link in self._links:
            content, _ = link.receive()
            if content.get("checksum") != own:
                raise WorkerLostError.of(
                    link.name,
                    "parameters that are not the leader's: its processor rounds in another way, or its "
                    "memory is faulty",
                )
