"""Which images a model learns from, and on which its choices are made.

A model that chooses nothing (not the epoch, not when to stop, not a coefficient), or only by figures of
the training images, learns from all of them, whatever the protocol. For the others,

- under the **honest** protocol the choices are made on a sixth of the training images (10,000 of 60,000),
  held out by digit and seed;
- under the **published** protocol they are made where the authors made them: on the test images, or on
  images held out in shares of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from tenfold.data import Dataset, split
from tenfold.errors import DataError

if TYPE_CHECKING:
    from tenfold.train import HeldOut
    from tenfold.train.recipe import Protocol

HELD_OUT = 1 / 6
"""Share of the training images on which honest choices are made: 10,000 of 60,000."""


@dataclass(frozen=True)
class SplitFractions:
    """How authors divided the training images; what is left of 1 they did not use.

    Attributes
    ----------
    train, validation : float
        0 to 1.
    """

    train: float
    validation: float


SelectionSet: TypeAlias = Literal["test"] | SplitFractions | None


class Splits(NamedTuple):
    """What a run is given.

    Attributes
    ----------
    train : Dataset
    held_out : Dataset or None
        What choices are made on; ``None`` where there are none to make.
    what : {"validation", "test"}
        What the images in ``held_out`` are.
    """

    train: Dataset
    held_out: Dataset | None
    what: HeldOut


def split_for_protocol(
    selection_set: SelectionSet,
    protocol: Protocol,
    train: Dataset,
    test: Dataset,
    seed: int,
    first: int | None = None,
) -> Splits:
    """Return what a run learns from and chooses on.

    Parameters
    ----------
    selection_set : "test", SplitFractions or None
        Of the entry.
    protocol : {"honest", "published"}
    train, test : Dataset
        Of the corpus.
    seed : int
        The same seed gives the same division.
    first : int, optional
        Of the entry: the authors used so many images from the beginning of the training set, and no others.
        All that the data have, where they have fewer.
    """
    if first is not None:
        train = train.subset(slice(first))
    if selection_set is None:
        return Splits(train, None, "validation")
    if protocol == "honest":
        return Splits(*hold_out(train, seed), "validation")
    if selection_set == "test":
        return Splits(train, test, "test")
    return Splits(*_divided(train, (selection_set.train, selection_set.validation), seed), "validation")


def hold_out(train: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Return training and validation images: five sixths and one, the same share of every digit in both.

    Raises
    ------
    DataError
        If there are too few images to hold one out.
    """
    n = round(len(train) * HELD_OUT)
    return _divided(train, (len(train) - n, n), seed)


def _divided(train: Dataset, parts: Sequence[int] | Sequence[float], seed: int) -> tuple[Dataset, Dataset]:
    """Return two parts of the training images, neither of them empty."""
    kept, held = split(train, parts, seed)
    if not (len(kept) and len(held)):
        raise DataError(
            f"expected training images enough to hold some out for choices, got {len(train)}; give more"
        )
    return kept, held
