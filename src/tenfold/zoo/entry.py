"""One entry of the zoo: a model, how it is trained, what its authors report, what we measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenfold.zoo.measured import Measured, measured

if TYPE_CHECKING:
    from tenfold.train import Recipe
    from tenfold.train.recipe import Protocol
    from tenfold.zoo.model import Model


@dataclass(frozen=True)
class Published:
    """What the authors of a model report; accuracies are fractions of the 10,000 MNIST test images.

    Attributes
    ----------
    accuracy : float or None
        The figure, or the mean over the seeds; ``None`` where only a range is reported.
    low, high : float
        Smallest and largest accuracy reported; equal where there is one figure.
    runs : int
        How many seeds the figures come from.
    source : str
        Where they are reported.
    cost : tuple of float, optional
        Smallest and largest mean cost, in nats.
    train_seconds, predict_seconds : float, optional
        On the authors' machine, a laptop with an Intel i7-8565U; the second is for 10,000 images.
    """

    accuracy: float | None
    low: float
    high: float
    runs: int
    source: str
    cost: tuple[float, float] | None = None
    train_seconds: float | None = None
    predict_seconds: float | None = None


@dataclass(frozen=True)
class Entry:
    """A model of the zoo.

    Attributes
    ----------
    name : str
        As on the command line.
    title : str
        One line that says what it is.
    build : callable
        ``build(entry)`` gives a fresh, untrained model.
    published : Published
        The authors' figures.
    seeds : tuple of int
        The seeds that the published figures were made with; one seed where nothing is random.
    parameters : int or None
        Trainable numbers; ``None`` where the model keeps its training images instead.
    recipe : callable or None
        ``recipe()`` gives how a network is trained; ``None`` for the classical models.
    least_accuracy : float or None
        The acceptance band: the accuracy on the test images that a single run, under the protocol of the
        authors, must reach for `tenfold verify` to pass it; ``None`` where no band has been set.
    notes : tuple of str
        Where ours differs from what is published, and why.
    """

    name: str
    title: str
    build: Callable[[Entry], Model]
    published: Published
    seeds: tuple[int, ...]
    parameters: int | None
    recipe: Callable[[], Recipe] | None = None
    least_accuracy: float | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def is_network(self) -> bool:
        """Whether it is one of our own networks, trained by our own engine."""
        return self.recipe is not None

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """The protocols that differ: a model that chooses nothing on images of its own has only one."""
        chooses = getattr(self.build(self), "chooses", False)
        return ("published", "honest") if chooses else ("published",)

    @property
    def measured(self) -> Measured | None:
        """Our own figures under the protocol of the authors, or ``None`` until they have been measured."""
        return measured(self.name)

    @property
    def measured_honestly(self) -> Measured | None:
        """Our own figures under the honest protocol, where it differs; ``None`` until measured."""
        return measured(f"{self.name}-honest")
