"""The images that a model learns from, and the images for its choices.

A model without choices (of an epoch, of when to stop, of a coefficient), or with choices by figures of the
training images, learns from all training images, under both protocols. For the others,

- under the **honest** protocol, choices use a sixth of the training images (10,000 of 60,000), held out
  and stratified by digit;
- under the **published** protocol, choices use the authors' images: the test images, or the authors' own
  share of the training images.
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
"""Share of the training images for honest choices: 10,000 of 60,000."""


@dataclass(frozen=True)
class SplitFractions:
    """How authors split the training images; the rest, if the sum is below 1, was not used.

    Attributes
    ----------
    train, validation : float
        0 to 1.
    """

    train: float
    validation: float


SelectionSet: TypeAlias = Literal["test"] | SplitFractions | None


class Splits(NamedTuple):
    """The images of a run.

    Attributes
    ----------
    train : Dataset
    held_out : Dataset or None
        For choices; ``None`` if there are none.
    what : {"validation", "test"}
        The name of the images in ``held_out``.
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
    """Return the images that a run learns from, and those for its choices.

    Parameters
    ----------
    selection_set : "test", SplitFractions or None
        Of the entry.
    protocol : {"honest", "published"}
    train, test : Dataset
        Of the corpus.
    seed : int
        The same seed gives the same split.
    first : int, optional
        Of the entry: the authors used only so many images from the beginning of the training set.
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
            f"expected enough training images to hold some out for choices, got {len(train)}; add more"
        )
    return kept, held
