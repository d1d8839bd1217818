"""The augmentations that a configuration can name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.data.affine import RandomAffine
from tenfold.registry import construct

AUGMENTATIONS: dict[str, type[RandomAffine]] = {cls.kind: cls for cls in (RandomAffine,)}


def augmentation_from_config(kind: str, config: Mapping[str, Any]) -> RandomAffine:
    """Build an augmentation from its kind and what its ``config()`` returned.

    Raises
    ------
    ConfigError
        If the kind or an option is unknown or out of range.

    Examples
    --------
    >>> augmentation_from_config("random_affine", {"rotation": 10.0}).rotation
    10.0
    """
    return construct("augmentation", kind, config, AUGMENTATIONS)
