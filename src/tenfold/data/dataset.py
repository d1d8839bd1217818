"""Images with labels."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tenfold.data.dataset_cell import dataset_cell
from tenfold.data.habits import DATASET_NAMES
from tenfold.data.idx import idx_sha256, idx_sha256_of
from tenfold.data.image_weights import checked_weights
from tenfold.data.mapping import check_unchanged
from tenfold.data.read_only import read_only
from tenfold.errors import ConfigError, DTypeError, RangeError, ShapeError
from tenfold.habits import NotHere, constructor, refusing

CLASSES = 10
MOST_CLASSES = 1 << 16
_FROM_ARRAYS = "write tenfold.data.from_arrays(images, labels), which converts them"
_PART_BYTES = 1 << 24  # of images that are copied, hashed or compared at a time


class Located(NamedTuple):
    """Images, labels and weights (or None) in memory, and which of them are meant."""

    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32] | None
    order: npt.NDArray[np.integer]


@constructor(
    {
        **dict.fromkeys(("transform", "target_transform"), "give an augmentation to the model"),
        **dict.fromkeys(("X", "x", "data"), "write images=..."),
        **dict.fromkeys(("y", "targets", "target"), "write labels=..."),
        "sample_weight": "write weights=...",
        "target_names": "write class_names=[...]",
    },
    example="Dataset(images, labels)",
    attributes=DATASET_NAMES,
)
@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels.

    Images and labels are immutable, so they are checked and hashed once. Writeable arrays are copied. A
    read-only array that is not a view of a writeable one is shared: to avoid a copy of a large data set,
    freeze it first (``images.setflags(write=False)``) or map it from a file
    (``numpy.load(..., mmap_mode="r")``).

    Parameters
    ----------
    images : uint8 array (n, h, w) or (n, h, w, c)
        Pixels 0-255; of digits, ink high (white digit on black). With one channel they are stored as
        (n, h, w).
    labels : integer array (n,)
        Classes counted from 0, as the digits 0-9. Stored as int64.
    name : str
        The corpus of the images, for figures and file names; by default ``"arrays"``.
    classes : int
        Number of classes, at most 65,536; not needed with names.
    class_names : sequence of str
        The name of each class, for reports; by default ``"0"``, ``"1"``, ...
    weights : array (n,), optional
        A factor for the loss of each image in training, at least 0; by default 1. Stored as float32.

    Raises
    ------
    ShapeError, DTypeError, RangeError
        If images or labels do not match the description above.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import Dataset
    >>> digits = Dataset(np.zeros((3, 28, 28), np.uint8), np.array([7, 2, 1]), "example")
    >>> digits
    Dataset('example', 3 images of 28 x 28)
    >>> digits.subset([0, 2]).labels.tolist()
    [7, 1]
    >>> colour = np.zeros((2, 32, 32, 3), np.uint8)
    >>> pets = Dataset(colour, np.array([1, 0]), "pets", class_names=["cat", "dog"])
    >>> pets.classes, pets.image_shape, pets.class_names[pets.labels[0]]
    (2, (32, 32, 3), 'dog')
    """

    images: npt.NDArray[np.uint8]  # (n, h, w) or (n, h, w, c)
    labels: npt.NDArray[np.int64]  # (n,)
    name: str = "arrays"
    classes: int = CLASSES
    class_names: Sequence[str] = ()
    weights: npt.NDArray[np.float32] | None = None  # (n,)

    def __post_init__(self) -> None:
        self._set_classes()
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        if images.dtype != np.uint8:
            raise DTypeError(f"images: expected uint8 0-255, found {images.dtype}; {_FROM_ARRAYS}")
        if images.ndim not in (3, 4) or 0 in images.shape[1:]:
            raise ShapeError(
                f"images: expected the shape (n, h, w) or (n, h, w, c), found {images.shape}; "
                f"reshape them, or {_FROM_ARRAYS}"
            )
        if labels.dtype.kind not in "iu":
            raise DTypeError(f"labels: expected int64, found {labels.dtype}; {_FROM_ARRAYS}")
        if labels.shape != images.shape[:1]:
            raise ShapeError(
                f"labels: expected the shape {images.shape[:1]} of {len(images)} images, "
                f"found {labels.shape}; pass one label for each image"
            )
        if labels.size and not (0 <= labels.min() and labels.max() < self.classes):
            self._refuse(labels)
        images = read_only(images, np.uint8)
        object.__setattr__(self, "images", images[..., 0] if images.shape[3:] == (1,) else images)
        object.__setattr__(self, "labels", read_only(labels, np.int64))
        if self.weights is not None:
            object.__setattr__(
                self, "weights", read_only(checked_weights(self.weights, len(labels)), np.float32)
            )

    def _refuse(self, labels: npt.NDArray[np.integer]) -> None:
        """Refuse labels without a class: of more classes than were named, or wrong ones."""
        where = int(np.flatnonzero((labels < 0) | (labels >= self.classes))[0])
        most = int(labels.max())
        more = f"of {most + 1} classes, write classes={most + 1}; otherwise "
        raise RangeError(
            f"labels: expected 0-{self.classes - 1}, found {labels[where]} at position {where}; "
            f"{more if labels.min() >= 0 and most < MOST_CLASSES and not self.named else ''}"
            "correct its label or remove the image"
        )

    def _set_classes(self) -> None:
        """Check number and names of the classes, and complete them."""
        names = tuple(self.class_names)
        if isinstance(self.class_names, str) or not all(isinstance(name, str) and name for name in names):
            raise DTypeError(
                f"class_names: expected a name for each class, found {self.class_names!r}; "
                "pass a list of strings"
            )
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise RangeError(f"class_names: expected each name once, found {twice!r} twice; rename one")
        if names and self.classes not in (CLASSES, len(names)):
            raise RangeError(
                f"class_names: expected a name for each of {self.classes} classes, found {len(names)}; "
                "leave classes out"
            )
        classes = len(names) or self.classes
        if not isinstance(classes, (int, np.integer)) or not 1 <= classes <= MOST_CLASSES:
            raise RangeError(f"classes: expected 1 to {MOST_CLASSES:,}, found {classes}; merge some classes")
        object.__setattr__(self, "classes", int(classes))
        object.__setattr__(self, "class_names", names or _numbers(int(classes)))

    def __reduce__(self) -> tuple[type[Dataset], tuple[Any, ...]]:
        """Copy and unpickle by the constructor, because unpickled arrays are writeable."""
        return type(self), tuple(getattr(self, one.name) for one in fields(self))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: slice | Sequence[int] | npt.NDArray[np.integer]) -> Dataset:
        """Return some images with their labels; see `subset`."""
        if isinstance(index, (int, np.integer)):
            raise ConfigError(
                f"data[{index}]: expected a slice or positions, got one; write data.images[{index}] and "
                f"data.labels[{index}], or data.subset([{index}])"
            )
        return self.subset(index)

    if not TYPE_CHECKING:  # a type checker knows that these are no pairs, and which names there are
        load = NotHere("write tenfold.load_corpus(path), which has .train and .test")
        from_csv = NotHere("write tenfold.load_corpus('digits.csv'), which has .train and .test")
        from_folder = NotHere("write tenfold.load_corpus(folder), which has .train and .test")
        __iter__ = refusing(
            "expected data.images and data.labels, got an iteration over both; "
            "write X, y = data.images, data.labels, or zip(data.images, data.labels)"
        )

    def __repr__(self) -> str:
        h, w, c = self.image_shape
        size = f"{h} x {w}" if c == 1 else f"{h} x {w} x {c}"
        return f"Dataset({self.name!r}, {len(self):,} images of {size})"

    def _repr_html_(self) -> str:
        return dataset_cell(self.images, self.labels, self.class_names, repr(self))

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image; one channel for grey."""
        h, w, *c = self.images.shape[1:]
        return h, w, *(c or [1])

    @property
    def named(self) -> bool:
        """Whether the classes have names other than their numbers."""
        return self.class_names != _numbers(self.classes)

    def like(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.integer],
        weights: npt.NDArray[np.floating] | None = None,
    ) -> Dataset:
        """Return other images with labels of the same classes."""
        given = images, np.asarray(labels, np.int64), self.name, self.classes, self.class_names
        return Dataset(*given, None if weights is None else np.asarray(weights, np.float32))

    def relabelled(self, labels: npt.NDArray[np.int64], class_names: Sequence[str]) -> Dataset:
        """Return the same images with other classes; ``labels[i]`` is the new label of class ``i``."""
        classes = len(class_names)
        return Dataset(self.images, labels[self.labels], self.name, classes, class_names, self.weights)

    def in_order_of(self, other: Dataset) -> Dataset:
        """Return the images with the classes of another set, which has all of them, in its order."""
        if self.class_names == other.class_names:
            return self
        places = {name: label for label, name in enumerate(other.class_names)}
        present = np.unique(self.labels)
        if strange := [self.class_names[label] for label in present if self.class_names[label] not in places]:
            raise RangeError(
                f"{self.name}: expected the classes of {other.name}, found {strange[0]}; name them alike"
            )
        labels = np.array([places.get(name, 0) for name in self.class_names], np.int64)
        return self.relabelled(labels, other.class_names)

    def joined(self, other: Dataset) -> Dataset:
        """Return these images and then those of another set, whose classes are matched by name.

        Parts of one set share its images.

        Raises
        ------
        RangeError
            If the other set has a class that this one does not have.
        """
        other = other.in_order_of(self)
        both = (self, other)
        if isinstance(self, Selection) and isinstance(other, Selection) and self.source is other.source:
            return Selection(self.source, np.concatenate([self.index, other.index]))
        weights = None
        if any(one.weights is not None for one in both):
            each = [np.ones(len(one), np.float32) if one.weights is None else one.weights for one in both]
            weights = np.concatenate(each)
        images = np.concatenate([one.images for one in both])
        return self.like(images, np.concatenate([one.labels for one in both]), weights)

    def subset(self, index: Sequence[int] | npt.NDArray[np.integer] | slice) -> Dataset:
        """Return the images at ``index``, in that order.

        Parameters
        ----------
        index : array of int or bool, sequence of int, or slice

        Returns
        -------
        Dataset
            A slice shares the images, anything else is a `Selection` of them.
        """
        if not isinstance(index, slice):
            return Selection(self, index)
        weights = None if self.weights is None else self.weights[index]
        return self.like(self.images[index], self.labels[index], weights)

    def located(self, order: npt.NDArray[np.integer]) -> Located:
        """Return where the images of an order lie: arrays, and the positions in them."""
        return Located(self.images, self.labels, self.weights, order)

    def take(self, index: npt.NDArray[np.integer] | slice) -> npt.NDArray[np.uint8]:
        """Return some images, (m, h, w) or (m, h, w, c), without a copy of all."""
        return self.images[index]

    def check_unchanged(self) -> None:
        """Refuse images of a mapped file that was written to since.

        Raises
        ------
        DataError
        """
        check_unchanged(self.images)

    def parts(self) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield all images in order, so many at a time that a copy of them is small."""
        n = max(1, _PART_BYTES // math.prod(self.image_shape))
        for first in range(0, len(self), n):
            yield self.take(slice(first, first + n))

    @property
    def sha256(self) -> str:
        """SHA-256 of images, labels and weights together, in hexadecimal; computed once."""
        known = vars(self)  # not a cached_property: in Python 3.11 its lock survives a fork
        if "_sha256" not in known:
            labels = self.labels.astype(np.uint8) if self.classes <= 256 else self.labels.astype(">i4")
            h, w, *c = self.image_shape
            shape = (len(self), h, w) if c == [1] else (len(self), h, w, *c)
            parts = [idx_sha256_of(shape, self.parts()), idx_sha256(labels)]
            if self.weights is not None:
                parts.append(hashlib.sha256(self.weights.astype("<f4").tobytes()).hexdigest())
            known["_sha256"] = hashlib.sha256("".join(parts).encode()).hexdigest()
        return str(known["_sha256"])


class Selection(Dataset):
    """Some images of a data set in another order, which are not copied.

    Five sixths of a large data set would need five sixths of its memory again. Training and evaluation ask
    for some images at a time (`take`, `located`); ``images`` copies all of them, once.

    Parameters
    ----------
    source : Dataset
    index : array of int or bool, or sequence of int
    """

    source: Dataset
    index: npt.NDArray[np.int64]

    def __new__(cls, *args: Any, **fields: Any) -> Any:
        """Let `dataclasses.replace`, which gives all fields by name, make a data set of its own images."""
        return Dataset(**fields) if fields else super().__new__(cls)

    def __init__(self, source: Dataset, index: Sequence[int] | npt.NDArray[np.integer]) -> None:
        chosen = np.asarray(index)
        chosen = np.arange(len(source))[chosen if chosen.size else chosen.astype(np.int64)]
        if isinstance(source, Selection):
            chosen, source = source.index[chosen], source.source
        weights = None if source.weights is None else source.weights[chosen]
        values = {"source": source, "index": chosen, "labels": source.labels[chosen], "weights": weights}
        values |= {name: getattr(source, name) for name in ("name", "classes", "class_names")}
        for name, value in values.items():
            object.__setattr__(self, name, read_only(value) if isinstance(value, np.ndarray) else value)

    @property
    def images(self) -> npt.NDArray[np.uint8]:
        """All images, copied when they are first asked for."""
        known = vars(self)
        if "_images" not in known:
            images = self.take(slice(None))
            images.setflags(write=False)  # so that it is not copied again
            known["_images"] = read_only(images)
        whole: npt.NDArray[np.uint8] = known["_images"]
        return whole

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image; one channel for grey."""
        return self.source.image_shape

    def relabelled(self, labels: npt.NDArray[np.int64], class_names: Sequence[str]) -> Dataset:
        """Return the same images with other classes, not copied either."""
        return Selection(self.source.relabelled(labels, class_names), self.index)

    def located(self, order: npt.NDArray[np.integer]) -> Located:
        """Return where the images of an order lie in the source."""
        return self.source.located(self.index[order])

    def take(self, index: npt.NDArray[np.integer] | slice) -> npt.NDArray[np.uint8]:
        """Return a copy of some images."""
        return self.source.images[self.index[index]]

    def check_unchanged(self) -> None:
        """Refuse images of a mapped file that was written to since."""
        self.source.check_unchanged()

    def __reduce__(self) -> tuple[type[Dataset], tuple[Any, ...]]:
        """Unpickle as a data set of its own images."""
        return Dataset, tuple(getattr(self, one.name) for one in fields(self))


@lru_cache(maxsize=32)
def _numbers(classes: int) -> tuple[str, ...]:
    """Return the names of classes without names."""
    return tuple(map(str, range(classes)))
