"""The training set and the test set of a source."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tenfold.data.dataset import Dataset
from tenfold.data.habits import CORPUS_NAMES
from tenfold.errors import ConfigError
from tenfold.habits import constructor, refusing
from tenfold.pages.cells import cell

Split = Literal["test", "held-out", "none"]


@constructor(example="load_corpus('mnist'), or load_corpus((X, y))", attributes=CORPUS_NAMES)
@dataclass(frozen=True, eq=False)
class Corpus:
    """A training set and a test set from one source.

    Parameters
    ----------
    name : str
        ``"mnist"`` only if the four files carry the checksums of MNIST.
    train, test : Dataset
        Use the test set once, at the end.
    origin : str
        The source of the images, for the report.
    sha256 : str
        Of both sets together; computed if left empty.
    split : {"test", "held-out", "none"}
        What ``test`` is: the source's own test set; labelled images held out from the training set,
        because the source has no test set; or empty, see `undivided`.
    unlabelled : str or None
        A file of images without labels, to be predicted.

    Examples
    --------
    >>> import numpy as np
    >>> one = Dataset(np.zeros((1, 28, 28), np.uint8), np.array([7]), "mine")
    >>> len(Corpus("mine", train=one, test=one, origin="drawn by hand").sha256)
    64
    """

    name: str
    train: Dataset
    test: Dataset
    origin: str
    sha256: str = ""
    split: Split = "test"
    unlabelled: str | None = None

    def __post_init__(self) -> None:
        if not self.sha256:
            both = self.train.sha256 + self.test.sha256
            object.__setattr__(self, "sha256", hashlib.sha256(both.encode()).hexdigest())

    if not TYPE_CHECKING:  # a type checker knows that a corpus is no sequence
        __iter__ = __getitem__ = refusing(
            "expected one of its sets, got an index or an iteration; "
            "write corpus.train.images, corpus.train.labels, corpus.test.images, corpus.test.labels"
        )
        __len__ = refusing("expected the length of one of its sets, got its own; write len(corpus.train)")

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Corpus({self.name!r}, {len(self.train):,} training and {len(self.test):,} test images)"

    def _repr_html_(self) -> str:
        return cell(repr(self), self.train._repr_html_(), self.test._repr_html_())

    def undivided(self) -> Corpus:
        """Return this corpus with all labelled images in the training set and an empty test set.

        Raises
        ------
        ConfigError
            If the source has its own test set, which must not be trained on.
        """
        if self.split == "test":
            raise ConfigError(
                f"{self.name}: expected data without their own test set, to train on all images, "
                f"found {len(self.test):,} test images, which must stay unseen; leave the option out"
            )
        whole = self.train.joined(self.test)
        return replace(self, train=whole, test=whole.subset([]), split="none")
