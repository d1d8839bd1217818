"""The contestants of each measurement, and their part of the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contestant import DENSE_PREDICTION_BATCHES, PREDICT, PREDICTION_BATCHES, TRAIN, Contestant
from field import KERAS, ONNX_RUNTIME, OURS, PYTORCH, SCIKIT_LEARN, Field
from networks import NETWORKS
from settings import Settings
from worker import MissingError

from tenfold.nn import Sequential

COMPILED = "compiled"
OUR_UNIT = 1000  # test images; the engine cuts them up itself


@dataclass(frozen=True)
class Event:
    """A network at one minibatch; at its first it predicts too, and not only PyTorch takes part."""

    network: str
    minibatch: int
    threads: int

    @property
    def is_first(self) -> bool:
        return self.minibatch == NETWORKS[self.network].minibatches[0]

    @property
    def whats(self) -> tuple[str, ...]:
        return (TRAIN, PREDICT) if self.is_first else (TRAIN,)


def enter(field: Field, event: Event, settings: Settings) -> tuple[list[Contestant], dict[str, str]]:
    """Return who takes part, each with the part settled that it will be timed on, and who cannot and why.

    The first are we.
    """
    field.forget()
    network = NETWORKS[event.network].build()
    folder = field.network(event.network, network)
    job = event.minibatch, event.threads
    ours = Contestant.enter(field.worker(OURS), folder, *job)
    untrained = Contestant.enter(field.worker(OURS), folder, *job, label="untrained")
    settle(ours, field, event, settings, (OUR_UNIT,))
    entered, missing = [ours], {}
    for library, way in peers(event, network, settings):
        try:
            one = Contestant.enter(field.worker(library), folder, *job, way)
            one.must_agree(untrained)
            settle(one, field, event, settings, batches(one, network, entered))
            entered.append(one)
        except MissingError as error:
            missing[f"{library}, {way}" if way else library] = str(error)
    return entered, missing


def settle(one: Contestant, field: Field, event: Event, settings: Settings, batches: tuple[int, ...]) -> None:
    """Find what a contestant is timed on; prediction first, for weights that were trained may slow it."""
    if PREDICT in event.whats:
        one.settle_prediction(batches, len(field.corpus.test), settings.piece)
    if one.worker.name != ONNX_RUNTIME:
        one.settle_training(len(field.corpus.train), settings.piece)


def peers(event: Event, network: Sequential, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each library and way that takes part."""
    yield from ((PYTORCH, way) for way in pytorch_ways(network, settings))
    if event.is_first and event.network in settings.compared:
        if not has_convolution(network):
            yield SCIKIT_LEARN, ""
        yield from ((library, "") for library in (*KERAS, ONNX_RUNTIME))


def pytorch_ways(network: Sequential, settings: Settings) -> tuple[str, ...]:
    """Return the ways in which PyTorch can be used; without convolutions there is one order in memory."""
    eager = ("NCHW", "channels last") if has_convolution(network) else ("eager",)
    return (*eager, COMPILED) if settings.compiled else eager


def batches(one: Contestant, network: Sequential, entered: list[Contestant]) -> tuple[int, ...]:
    """Return how many images at once are tried; compiling for each number would take minutes."""
    if one.label == f"{PYTORCH}, {COMPILED}":
        eager = [other for other in entered if other.worker.name == PYTORCH and PREDICT in other.trial]
        if eager:
            return (min(eager, key=lambda other: other.trial[PREDICT]).batch,)
    return PREDICTION_BATCHES if has_convolution(network) else DENSE_PREDICTION_BATCHES


def has_convolution(network: Sequential) -> bool:
    """Return whether the order of channels in memory can matter."""
    return any(layer.kind == "conv2d" for layer in network.layers.values())
