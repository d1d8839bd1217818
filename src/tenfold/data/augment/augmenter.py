"""Base classes of the augmentations, and checks of their arguments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from numbers import Integral, Real
from typing import Any, ClassVar, TypeAlias

import numpy as np

from tenfold.data.float_images import as_float, check_is_array
from tenfold.data.idx import SIDE
from tenfold.errors import ConfigError, DTypeError, ShapeError
from tenfold.habits import keywords
from tenfold.quoting import quoted

Array: TypeAlias = np.ndarray[Any, Any]
Arrays: TypeAlias = Sequence[Array]


class Augmenter(ABC):
    """Base of the augmentations; all are frozen dataclasses.

    `RandomAffine`, `RandomErasing`, `RandomFlip`, `RandomWarp`, `RandomElastic`, `MixUp` and `CutMix` take
    images of any size, grey or colour; the others draw digits, and take grey images of 28 x 28 only.

    Attributes
    ----------
    kind : str
        The name in configurations.
    digits_only : bool
        Whether it draws digits of 28 x 28.
    adds_negatives : bool
        Whether some images are replaced by images without a digit, labelled 10.
    """

    kind: ClassVar[str] = ""
    digits_only: ClassVar[bool] = True
    adds_negatives: ClassVar[bool] = False

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON values.

        Raises
        ------
        ConfigError
            If a user's class is not a dataclass, or has no kind.
        """
        if not (self.kind and hasattr(self, "__dataclass_fields__")):
            raise ConfigError(
                f"augmentation: expected a frozen dataclass with a kind, got {type(self).__name__} without; "
                'write @dataclass(frozen=True) above the class, and kind: ClassVar[str] = "mine" in it'
            )
        return asdict(self)  # type: ignore[call-overload,no-any-return]

    def check_numbers(self, *, below: bool = False, **most: float) -> None:
        """Check that options are numbers from 0 to a limit, or ``below`` it, and convert them to float.

        Raises
        ------
        ConfigError
        """
        for name, limit in most.items():
            value = check_number(self.kind, name, getattr(self, name), limit, below=below)
            object.__setattr__(self, name, value)  # so that equal ones have equal hashes

    @abstractmethod
    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        """Return altered images and their labels.

        Parameters
        ----------
        images : uint8 array (n, h, w) or (n, h, w, c), 0 to 255; or float32 array (n, h, w, c), 0 to 1
            All channels are altered alike. Grey, of 28 x 28, for augmentations of digits only.
        labels : int64 array (n,)
        rng : numpy.random.Generator
        threads : int, optional
            All cores unless given; the result is the same for any number.

        Returns
        -------
        float32 array, shape (n, h, w, c), and int64 array, shape (n,)

        Raises
        ------
        ShapeError, DTypeError
            If images or labels have another dtype or shape.
        """


class ImageAugmenter(Augmenter):
    """Base of augmentations that do not depend on the label."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Let each ``__call__`` look at its arguments first."""
        super().__init_subclass__(**keywords)
        if "__call__" in cls.__dict__:
            cls.__call__ = _called(cls.__call__)  # type: ignore[method-assign]

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        return self(images, rng, threads=threads), labels

    @abstractmethod
    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        """Return altered images; see `examples`."""


def _called(augment: Callable[..., Array]) -> Callable[..., Array]:
    """Return the call of an augmentation, which says what to write if images or generator are missing."""

    @keywords(
        {**dict.fromkeys(("seed", "random_state", "generator"), "write rng=numpy.random.default_rng(0)")},
        example="augment(images, numpy.random.default_rng(0))",
    )
    @wraps(augment)
    def checked(
        self: Augmenter, images: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> Array:
        name = type(self).__name__
        if not isinstance(rng, np.random.Generator):
            raise ConfigError(
                f"{name}: expected a random generator, got {quoted(rng)}; "
                "write augment(images, numpy.random.default_rng(0))"
            )
        check_is_array(f"{name}: images", images)
        return augment(self, images, rng, threads=threads)

    return checked


def as_planes(kind: str, images: Array) -> Array:
    """Return images as float32 (n, 28, 28), 0 to 1, for the compiled drawing code.

    That code assumes 28 x 28 pixels and checks no index: other sizes would make it read other memory.

    Raises
    ------
    ShapeError, DTypeError
        If they are not uint8 (n, 28, 28) or float32 (n, 28, 28, 1).
    """
    if images.dtype not in (np.uint8, np.float32):
        raise DTypeError(f"{kind}: expected images as uint8 or float32, got {images.dtype}; convert them")
    grey = images.ndim == 3 if images.dtype == np.uint8 else images.shape[3:] == (1,)
    if not grey:
        expected = "(n, h, w)" if images.dtype == np.uint8 else "(n, h, w, 1)"
        raise ShapeError(
            f"{kind}: expected {images.dtype} images of shape {expected}, got {images.shape}; reshape them, "
            "or use RandomAffine, RandomWarp or RandomElastic, which take colour"
        )
    h, w = images.shape[1:3]
    if (h, w) != (SIDE, SIDE):
        raise ShapeError(
            f"{kind}: expected images of {SIDE} x {SIDE}, got {h} x {w}; resize them, or use "
            "RandomAffine, RandomWarp or RandomElastic, which take any size"
        )
    floats = as_float(images) if images.dtype == np.uint8 else images
    return np.ascontiguousarray(floats[..., 0])


def run_kernel(kernel: Callable[..., None], planes: Array, threads: int | None, *arguments: Any) -> Array:
    """Run a compiled kernel over images (n, 28, 28), in parallel, and return the new ones, (n, 28, 28, 1)."""
    from tenfold.backend.cpu.threads import in_shares  # here, because importing Numba is slow

    new = np.empty_like(planes)
    in_shares(kernel, len(planes), threads, planes, *arguments, new)
    return new[..., np.newaxis]


def distort(
    kernel: Callable[..., None],
    kind: str,
    images: Array,
    threads: int | None,
    of_images: Arrays,
    weights: Array,
) -> Array:
    """Run a compiled kernel over the channels of images of any size, in parallel, and return the new images.

    Parameters
    ----------
    kernel : compiled function
    kind : str
        For errors.
    images : uint8 array (n, h, w) or (n, h, w, c), or float32 array (n, h, w, c)
    threads : int, optional
    of_images : sequence of arrays (n, ...)
        The kernel's numbers for each image: all its channels get the same.
    weights : array
        The kernel's last argument.

    Returns
    -------
    float32 array (n, h, w, c)

    Raises
    ------
    ShapeError, DTypeError
        If the images have another shape or dtype.
    """
    from tenfold.backend.cpu.threads import in_shares  # here, because importing Numba is slow

    check_pixels(kind, images, (np.uint8, np.float32))
    floats = as_float(images) if images.dtype == np.uint8 else images
    n, h, w, c = floats.shape
    if c > 1:
        of_images = [np.repeat(numbers, c, axis=0) for numbers in of_images]
    planes = np.ascontiguousarray(np.moveaxis(floats, 3, 1)).reshape(n * c, h, w)
    new = np.empty_like(planes)
    in_shares(kernel, n * c, threads, planes, *of_images, weights, new)
    return np.ascontiguousarray(np.moveaxis(new.reshape(n, c, h, w), 1, 3))


def check_pixels(kind: str, images: Array, dtypes: Sequence[type[np.generic]]) -> None:
    """Check images of any size and any number of channels.

    Raises
    ------
    ShapeError, DTypeError
        If they have another dtype or shape.
    """
    if images.dtype not in dtypes:
        *names, last = (np.dtype(dtype).name for dtype in dtypes)
        raise DTypeError(
            f"{kind}: expected images as {', '.join(names)} or {last}, got {images.dtype}; convert them"
        )
    if images.ndim != 4 and (images.dtype != np.uint8 or images.ndim != 3):
        expected = "(n, h, w) or (n, h, w, c)" if images.dtype == np.uint8 else "(n, h, w, c)"
        one = "images[None]" if images.dtype == np.uint8 else "images[None, ..., None]"
        advice = {2: f"for one image write {one}", 3: "write images[..., None]"}.get(
            images.ndim, "reshape them"
        )
        raise ShapeError(
            f"{kind}: expected {images.dtype} images of shape {expected}, got {images.shape}; {advice}"
        )


def check_labels(kind: str, labels: Array, n: int) -> None:
    """Check the labels, because the compiled code checks no index.

    Raises
    ------
    ShapeError, DTypeError
        If they are not int64 (n,).
    """
    if labels.dtype != np.int64:
        raise DTypeError(f"{kind}: expected labels as int64, got {labels.dtype}; convert them")
    if labels.shape != (n,):
        raise ShapeError(
            f"{kind}: expected labels of shape {(n,)}, got {labels.shape}; pass one for each image"
        )


def check_number(kind: str, name: str, value: object, most: float, *, below: bool = False) -> float:
    """Check a number from 0 to ``most`` (with ``below``, less than it) and return it as float.

    Raises
    ------
    ConfigError
        If it is not such a number.
    """
    if not isinstance(value, bool) and isinstance(value, Real):
        number = float(value)
        if 0 <= number < most or (number == most and not below):
            return number
    to = f"below {most:g}" if below else f"{most:g}"
    raise ConfigError(f"{kind}: {name}: expected a number from 0 to {to}, got {quoted(value)}")


def check_count(kind: str, name: str, value: object) -> int:
    """Check a whole number of at least 1 and return it as int.

    Raises
    ------
    ConfigError
        If it is not such a number.
    """
    if not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 1:
        return int(value)
    raise ConfigError(f"{kind}: {name}: expected a whole number of at least 1, got {quoted(value)}")
