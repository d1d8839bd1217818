"""One master seed gives every random number of a run.

Each purpose has its own generator in each epoch, so that a run can stop anywhere and resume with
the same bits, and drawing more for one purpose (say, dropout) never changes another.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from tenfold.errors import CheckpointError, RangeError
from tenfold.quoting import message

Purpose = Literal["initialisation", "order", "augmentation", "dropout"]
PURPOSES: tuple[Purpose, ...] = ("initialisation", "order", "augmentation", "dropout")  # never reorder


def check_seed(seed: object) -> int:
    """Return the seed as an int.

    Raises
    ------
    RangeError
        If it is not a whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise RangeError(f"seed: expected a whole number of at least 0, got {seed!r}; use 0, 1, 2, ...")
    return int(seed)


def generator(seed: int, epoch: int, purpose: Purpose) -> np.random.Generator:
    """Return the generator for one purpose in one epoch (from 0; the initialisation is in epoch 0).

    Examples
    --------
    >>> generator(0, 3, "order").integers(100) == generator(0, 3, "order").integers(100)
    np.True_
    """
    sequence = np.random.SeedSequence([check_seed(seed), epoch, PURPOSES.index(purpose)])
    return np.random.Generator(np.random.PCG64(sequence))


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """Return a generator's state, fit for JSON."""
    return dict(rng.bit_generator.state)


def restore_generator(rng: np.random.Generator, state: dict[str, Any]) -> None:
    """Set a generator to a state that `generator_state` gave.

    Raises
    ------
    CheckpointError
        If the state is not one of this kind of generator.
    """
    try:
        rng.bit_generator.state = state
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise CheckpointError(
            f"expected the state of a PCG64 generator, got another ({message(error)}); use another checkpoint"
        ) from error
