"""The order of the training images in one epoch."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from tenfold.backend.memory_limit import check_memory
from tenfold.errors import ConfigError
from tenfold.habits import keywords

ShortBatch = Literal["resample", "drop", "keep"]


@keywords(example="epoch_order(len(data), 32, numpy.random.default_rng(0))")
def epoch_order(
    n: int, batch_size: int, rng: np.random.Generator, short: ShortBatch = "resample"
) -> npt.NDArray[np.int64]:
    """Shuffle ``n`` images for one epoch and handle a short last minibatch.

    Parameters
    ----------
    n : int
        Images in the training set.
    batch_size : int
    rng : numpy.random.Generator
    short : {"resample", "drop", "keep"}
        Fill the last minibatch with images drawn from the whole set, drop it, or keep it short. If it
        is kept and too short for the network, `tenfold.train` joins it to the one before.

    Returns
    -------
    int64 array (steps * batch_size,)
        Indices into the training set; with ``"keep"``, (n,).

    Raises
    ------
    ConfigError
        If ``n`` or ``batch_size`` is below 1, or dropping leaves no minibatch.
    OutOfMemoryError
        If the order does not fit into memory.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import epoch_order
    >>> order = epoch_order(10, 4, np.random.default_rng(0))
    >>> len(order), sorted(order[:10].tolist())
    (12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    if n < 1 or batch_size < 1:
        raise ConfigError(
            f"minibatches: expected at least 1 image and a batch size of at least 1, "
            f"found {n} and {batch_size}; give more"
        )
    if short not in get_args(ShortBatch):
        raise ConfigError(
            f"minibatches: expected a short batch to be 'resample', 'drop' or 'keep', found {short!r}; "
            "choose one of them"
        )
    images = max(n, batch_size) if short == "resample" else n
    check_memory(f"an epoch of {images:,} images", 16 * images, "make the batch smaller")
    order = rng.permutation(n).astype(np.int64)
    over = n % batch_size
    if over == 0 or short == "keep":
        return order
    if short == "resample":
        return np.concatenate([order, rng.integers(0, n, size=batch_size - over, dtype=np.int64)])
    if n < batch_size:
        raise ConfigError(
            f"minibatches: expected at least one whole batch of {batch_size}, found {n} images; "
            "make the batch smaller or do not drop the short one"
        )
    return order[: n - over]
