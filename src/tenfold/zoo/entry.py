"""A model and its training; an entry of the zoo also has its authors' figures and ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenfold.resources import Resources
from tenfold.zoo.acceptance import lowest_accepted
from tenfold.zoo.measured import Measured, measured, stem
from tenfold.zoo.published import Published, PublishedRun

if TYPE_CHECKING:
    from tenfold.backend.arrays import Shape
    from tenfold.train import Recipe
    from tenfold.train.recipe import Protocol
    from tenfold.zoo.model import Model
    from tenfold.zoo.protocols import SelectionSet


MNIST = "mnist"
_KINDS = {  # data set -> classes and shape of an image
    "fashion-mnist": (10, (28, 28, 1)),
    "emnist-letters": (26, (28, 28, 1)),
    "cifar10": (10, (32, 32, 3)),
}


@dataclass(frozen=True, kw_only=True)
class Trainable:
    """A model and how it is trained.

    Attributes
    ----------
    name : str
        As on the command line.
    title : str
        A description of one line.
    build : callable
        ``build(entry)`` returns a new, untrained model.
    parameters : int or None
        Trainable numbers; ``None`` if the model stores its training images instead.
    recipe : callable or None
        ``recipe()`` returns a network's recipe; ``None`` for classical models and ensembles.
    members : tuple of str
        The members of an ensemble, each a network with its own recipe.
    selection_set : "test", SplitFractions or None
        The images of the authors' choices, see `tenfold.zoo.protocols`; ``None`` if no choice needs
        images of its own, so that both protocols are the same.
    first : int or None
        How many images from the beginning of the training set the authors used, under both protocols;
        ``None`` for all. `Model.fit` uses all the images that it is given.
    watched : bool
        Whether the authors evaluated it on the test images after each epoch, without a choice by that.
    dataset : str
        The name of the images that it is for, for `tenfold.load_corpus`.
    notes : tuple of str
        How ours differs from the published model, and why.
    own : tuple of classes
        The user's own layers, losses, optimisers and schedules in it.
    origin : mapping of str to str, or None
        The user's file that it comes from, with its SHA-256, or the installed package.
    resources : Resources
        What its training is given on a cluster.
    for_data : callable or None
        ``for_data(classes, input_shape)`` returns the entry for other data; ``None`` if it never differs.
    """

    name: str
    title: str
    build: Callable[[Trainable], Model]
    parameters: int | None
    recipe: Callable[[], Recipe] | None = None
    members: tuple[str, ...] = ()
    selection_set: SelectionSet = None
    first: int | None = None
    watched: bool = False
    dataset: str = MNIST
    notes: tuple[str, ...] = field(default=())
    own: tuple[type[Any], ...] = ()
    origin: Mapping[str, str] | None = None
    resources: Resources = field(default_factory=Resources)
    for_data: Callable[[int, Shape], Trainable] | None = None

    @property
    def source(self) -> str | None:
        """The source of its images where none is given: for MNIST None, so that a sample may stand in."""
        return None if self.dataset == MNIST else self.dataset

    @property
    def kind(self) -> tuple[int, tuple[int, ...]]:
        """The number of classes and the shape of an image, (h, w, c), in its own data set."""
        return _KINDS.get(self.dataset, (10, (28, 28, 1)))

    @property
    def is_network(self) -> bool:
        """Whether it is a network of tenfold's own."""
        return self.recipe is not None

    @property
    def in_epochs(self) -> bool:
        """Whether it is trained in epochs: a network, or an ensemble of networks."""
        return self.is_network or bool(self.members)


@dataclass(frozen=True, kw_only=True)
class Entry(Trainable):
    """A model of the zoo with its authors' figures and ours.

    Attributes
    ----------
    published : Published or None
        The authors' figures; ``None`` for a model of our own.
    aim : float or None
        The accuracy that a model of our own aims at.
    seeds : tuple of int
        The seeds to measure it with: the authors' seeds if known; one if nothing is random.
    shortfall : str
        Why our mean is below the published one; empty if it is not.
    """

    published: Published | None
    seeds: tuple[int, ...]
    aim: float | None = None
    shortfall: str = ""

    @property
    def acceptance(self) -> float:
        """The accuracy that one seed must reach under its first protocol, see `lowest_accepted`."""
        if self.published is None:
            return lowest_accepted(Published.once(self.aim or 0.0, "our aim"))
        return lowest_accepted(self.published, deterministic=self.deterministic)

    @property
    def published_runs(self) -> tuple[PublishedRun, ...]:
        """The authors' runs, one by one; none of a model of our own."""
        return () if self.published is None else self.published.each_run

    @property
    def deterministic(self) -> bool:
        """Whether nothing in its training is random, so that every seed gives the same result."""
        return not self.in_epochs and len(self.seeds) == 1

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """The protocols that differ: only one if no choice needs images of its own.

        A model of our own has only one too, since nothing is published.
        """
        if self.published is None:
            return ("honest",)
        return ("published",) if self.selection_set is None else ("published", "honest")

    @property
    def measured(self) -> Measured | None:
        """Our figures under the authors' protocol; ``None`` until measured."""
        return measured(self.name)

    @property
    def measured_honestly(self) -> Measured | None:
        """Our figures under the honest protocol, if it differs; ``None`` until measured."""
        return measured(stem(self.name, "honest"))
