"""The samples of a training: their rows, their classes and how much each counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_sample_weight

from tenfold.errors import ConfigError, RangeError, ShapeError
from tenfold.estimator.image_canvas import Size
from tenfold.quoting import message


class Samples(NamedTuple):
    """Samples that are trained on.

    Attributes
    ----------
    rows : array (n, features)
    size : Size
        Of the image that a row is.
    y : array (n,)
    weights : float array (n,) with a mean of 1, or None
    """

    rows: NDArray[Any]
    size: Size
    y: NDArray[Any]
    weights: NDArray[np.float64] | None


def weighted_samples(
    rows: NDArray[Any],
    size: Size,
    y: NDArray[Any],
    sample_weight: Any,
    class_weight: Literal["balanced"] | Mapping[Any, float] | None,
) -> Samples:
    """Return the samples with weights above 0, and these weights scaled to a mean of 1.

    Raises
    ------
    ConfigError, RangeError, ShapeError
        If the weights cannot be used.
    """
    if sample_weight is None and class_weight is None:
        return Samples(rows, size, y, None)
    weights = _checked(sample_weight, len(y))
    kept = weights > 0  # before classes are balanced: a sample that is left out does not count
    rows, y, weights = rows[kept], y[kept], weights[kept]
    weights = weights * _of_classes(class_weight, y)
    if not weights.any():
        raise RangeError("weights: expected one above 0, got none; raise some")
    kept = weights > 0
    return Samples(rows[kept], size, y[kept], weights[kept] / weights[kept].mean())


def _checked(sample_weight: Any, n: int) -> NDArray[np.float64]:
    """Return the weights of n samples."""
    try:
        weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, np.float64)
    except (TypeError, ValueError) as error:
        raise RangeError(
            f"sample_weight: expected numbers, got others ({message(error)}); convert them"
        ) from error
    if weights.ndim == 0:
        weights = np.full(n, weights)
    if weights.shape != (n,):
        raise ShapeError(
            f"sample_weight: expected one number for each of {n} samples, got shape {weights.shape}; "
            "pass as many as there are labels"
        )
    if not np.isfinite(weights).all() or weights.min() < 0:
        raise RangeError(
            f"sample_weight: expected numbers of at least 0, got {weights.min()} to {weights.max()}; "
            "correct them"
        )
    if not weights.any():
        raise RangeError(
            "sample_weight: expected a number above 0 for some samples, got only zeros, with which none is "
            "trained on; raise some, or leave sample_weight out"
        )
    return weights


def _of_classes(
    class_weight: Literal["balanced"] | Mapping[Any, float] | None, y: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the factor of each sample's class."""
    if class_weight is not None and class_weight != "balanced" and not isinstance(class_weight, Mapping):
        raise ConfigError(
            f"class_weight: expected 'balanced' or a factor for each label, got {class_weight!r}; "
            "for instance {0: 1, 1: 5}"
        )
    if isinstance(class_weight, Mapping):
        for label, factor in class_weight.items():
            if not isinstance(factor, (int, float, np.number)) or not np.isfinite(factor) or factor < 0:
                raise RangeError(
                    f"class_weight: expected numbers of at least 0, got {factor} for {label!r}; correct it"
                )
        factors = dict(class_weight)
        return np.array([factors.get(label, 1.0) for label in y.tolist()], np.float64)
    return np.asarray(compute_sample_weight(class_weight, y), np.float64)


def all_classes(known: NDArray[Any] | None, given: Any, y: NDArray[Any]) -> NDArray[Any]:
    """Return the classes of a training that is done call by call.

    Parameters
    ----------
    known : array (k,) or None
        Those of the calls before; None in the first.
    given : array (k,) or None
        What this call names.
    y : array (n,)
        The labels of this call.

    Raises
    ------
    ConfigError
        If they are missing, too few, or differ from those before.
    RangeError
        If a label is not among them.
    """
    if known is None and given is None:
        raise ConfigError(
            "partial_fit: expected classes in the first call, got none; pass all labels that will come, "
            "for instance classes=numpy.unique(y)"
        )
    classes = np.unique(known if given is None else np.asarray(given))  # type: ignore[arg-type]
    if known is not None and not np.array_equal(classes, known):
        raise ConfigError(
            f"partial_fit: expected the classes of the first call, {known}, got {classes}; leave classes out"
        )
    if len(classes) < 2:
        raise ConfigError(f"expected at least 2 classes, got {len(classes)}; name another")
    if not np.isin(y, classes).all():
        other = y[~np.isin(y, classes)][0]
        raise RangeError(f"partial_fit: expected labels among {classes}, got {other!r}; name it in classes")
    return classes


def names_of(classes: NDArray[Any]) -> tuple[str, ...]:
    """Return the labels as names of the outputs; none for labels that are the numbers of the outputs."""
    numbers = classes.dtype.kind in "iu" and np.array_equal(classes, np.arange(len(classes)))
    return () if numbers else tuple(map(str, classes.tolist()))
