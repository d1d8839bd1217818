"""Which predictions are shown: the wrong ones, right ones at random, and the least certain right ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import ConfigError
from tenfold.evaluate.mistakes import mistakes

Kind = Literal["wrong", "right", "uncertain"]
"""Wrong predictions, worst first; right ones at random; right ones, least certain first."""
KINDS: tuple[Kind, ...] = get_args(Kind)


def examples(
    kind: Kind,
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    *,
    true: Collection[int] | None = None,
    predicted: Collection[int] | None = None,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Indices of all predictions of a kind, in the order in which they are shown.

    Parameters
    ----------
    kind : {"wrong", "right", "uncertain"}
    labels : int64 (n,)
        True classes.
    probabilities : floats (n, k)
        What was predicted; the predicted class is the first of the most probable.
    true, predicted : collection of int, optional
        Keep only images of these true classes, and predicted as one of these; all where not given.
    seed : int
        Of the order of ``"right"``. A filter leaves out images and keeps the order of the others.

    Returns
    -------
    int64 (m,)

    Raises
    ------
    ConfigError
        If there is no such kind.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> examples("uncertain", np.array([0, 0, 1]), p).tolist()
    [1, 2, 0]
    """
    if kind == "wrong":
        return mistakes(labels, probabilities, true=true, predicted=predicted)
    read = np.argmax(probabilities, axis=1)  # (n,)
    if kind == "right":
        order = np.random.default_rng(seed).permutation(len(labels))
    elif kind == "uncertain":
        order = np.argsort(np.max(probabilities, axis=1), kind="stable")
    else:
        raise ConfigError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}; choose one of them")
    keep = read == labels
    for values, wanted in ((labels, true), (read, predicted)):
        if wanted is not None:
            keep &= np.isin(values, list(wanted))
    index: NDArray[np.int64] = order[keep[order]].astype(np.int64)
    return index
