"""Images that are as networks take them, a CSV file or a whole data set: each is of one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.evaluate.wording import percent
from tenfold.train.history import csv_cell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenfold.data import Corpus, Dataset
    from tenfold.predict import Classified, Recogniser

FEW = 20
"""So many images are named one by one."""


@dataclass(frozen=True)
class Images:
    """Images to predict.

    Attributes
    ----------
    source : str
        The file, or the data's name.
    dataset, split : str
        As they stand in tables.
    pixels : uint8 (n, h, w) or (n, h, w, c)
    labels : int64 (n,) or None
    """

    source: str
    dataset: str
    split: str
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64] | None


@dataclass(frozen=True)
class Predicted:
    """Images, the probabilities of their classes, float64 (n, k), and the names of the classes, if any."""

    images: Images
    probabilities: NDArray[np.float64]
    class_names: tuple[str, ...] = ()

    @property
    def digits(self) -> NDArray[np.int64]:
        """The likeliest class of each, int64 (n,); none is refused."""
        found: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON."""
        found = {"file": self.images.source, "split": self.images.split, "images": len(self.probabilities)}
        right = {} if self.images.labels is None else {"as_labelled": self._right()}
        names = {"class_names": list(self.class_names)} if self.class_names else {}
        return found | right | {"predicted": self.digits.tolist()} | names

    def lines(self) -> list[str]:
        """Say what was read, in words."""
        n = len(self.probabilities)
        right = "" if self.images.labels is None else f", {self._right():,} as labelled"
        first = f"{self.images.source}: {n:,} {'image' if n == 1 else 'images'} ({self.images.split}){right}"
        if n > FEW:
            counts = [int((self.digits == digit).sum()) for digit in range(self.probabilities.shape[1])]
            return [first, *(f"  {self._name(digit)}  {count:>9,}" for digit, count in enumerate(counts))]
        likely = self.probabilities.max(axis=1)
        each = enumerate(zip(self.digits, likely, strict=True), start=1)
        return [first, *(f"  image {i:>2}  {self._name(digit)} ({percent(p)})" for i, (digit, p) in each)]

    def _name(self, label: int) -> str:
        width = max(map(len, self.class_names), default=0)
        return f"{self.class_names[label]:<{width}}" if self.class_names else str(label)

    def _right(self) -> int:
        return int((self.digits == self.images.labels).sum())


def from_csv(file: Path) -> Images:
    """Read a CSV file of digits, with labels or without.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    from tenfold.data import read_digit_csv
    from tenfold.files import shown

    pixels, labels = read_digit_csv(file)
    return Images(shown(file), file.stem, "unlabelled" if labels is None else "labelled", pixels, labels)


def from_corpus(corpus: Corpus) -> list[Images]:
    """All images of a data set; of one that came with images without labels, these alone."""
    if corpus.unlabelled is not None:
        return [from_csv(Path(corpus.unlabelled))]
    parts: dict[str, Dataset] = {"train": corpus.train, corpus.split: corpus.test}
    return [Images(corpus.name, corpus.name, name, part.images, part.labels) for name, part in parts.items()]


def predicted(recogniser: Recogniser, images: Images) -> Predicted:
    """Ask the recogniser."""
    found = recogniser.predict(images.pixels).probabilities
    return Predicted(images, found, recogniser.model.class_names)


def table(found: list[Predicted], model: str, *, probabilities: bool) -> tuple[str, str]:
    """Return the text of a table, and what kind it is in words.

    Images without labels get Kaggle's answer file, unless probabilities are asked for.
    """
    from tenfold.evaluate import predictions_csv, submission_csv

    n = sum(len(one.probabilities) for one in found)
    if len(found) == 1 and found[0].images.labels is None and not probabilities:
        return submission_csv(found[0].digits), f"{n:,} answers as Kaggle's Digit Recognizer takes them"
    texts = [
        predictions_csv(
            model,
            one.images.dataset,
            one.probabilities,
            labels=one.images.labels,
            split=one.images.split,
            class_names=one.class_names,
        )
        for one in found
    ]
    first, *others = texts
    return first + "".join(text.partition("\n")[2] for text in others), f"{n:,} predictions"


def classified_columns(names: Sequence[str]) -> list[str]:
    """Heads of `classified_row`."""
    return ["model", "file", "class", "probability", *map(csv_cell, names)]


def classified_row(model: str, name: str, found: Classified) -> list[Any]:
    """Return the line of a picture that was classified as a whole: its class, and all probabilities."""
    numbers = map(repr, (found.probability, *found.probabilities))
    return [*map(csv_cell, (model, name, found.name)), *numbers]
