"""Chains of augmentations, and augmentations from configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tenfold.data.augment.augmenter import Array, Augmenter, ImageAugmenter
from tenfold.data.augment.mixing import CutMix, MixUp
from tenfold.data.augment.negatives import Negatives
from tenfold.data.augment.random_affine import RandomAffine
from tenfold.data.augment.random_elastic import RandomElastic
from tenfold.data.augment.random_erasing import RandomErasing
from tenfold.data.augment.random_flip import RandomFlip
from tenfold.data.augment.random_frame import RandomFrame
from tenfold.data.augment.random_marks import RandomMarks, RandomPhoto
from tenfold.data.augment.random_neighbours import RandomNeighbours
from tenfold.data.augment.random_pen import RandomPen
from tenfold.data.augment.random_styles import RandomStyles
from tenfold.data.augment.random_warp import RandomWarp
from tenfold.data.habits import AUGMENT_OPTIONS
from tenfold.errors import ConfigError
from tenfold.habits import constructor, keywords
from tenfold.quoting import quoted
from tenfold.registry import construct


@constructor(
    {**AUGMENT_OPTIONS, "*": "the steps are one list: Chain([RandomAffine(rotation=10), RandomElastic()])"}
)
@dataclass(frozen=True)
class Chain(Augmenter):
    """Applies several augmentations, one after the other.

    Parameters
    ----------
    steps : sequence of Augmenter
        Or their configurations, ``{"kind": ..., "config": ...}``.

    Raises
    ------
    ConfigError
        If there is none, or one of them is unknown.

    Examples
    --------
    >>> Chain([RandomPen(redrawn=0.5), RandomFrame()]).config()["steps"][1]["kind"]
    'random_frame'
    """

    kind: ClassVar[str] = "chain"

    steps: Sequence[Augmenter]

    def __post_init__(self) -> None:
        steps = tuple(_step(step) for step in self.steps)
        if not steps:
            raise ConfigError("chain: expected at least one augmentation, got none; use no chain")
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "digits_only", any(step.digits_only for step in steps))
        object.__setattr__(self, "adds_negatives", any(step.adds_negatives for step in steps))

    def config(self) -> dict[str, Any]:
        return {"steps": [{"kind": step.kind, "config": step.config()} for step in self.steps]}

    @keywords(example="augment(images, numpy.random.default_rng(0))")
    def __call__(self, images: Array, rng: np.random.Generator, *, threads: int | None = None) -> Array:
        """Return altered images, of steps that do not depend on the label; see `examples`."""
        for step in self.steps:
            if not isinstance(step, ImageAugmenter):
                raise ConfigError(
                    f"chain: expected steps that need no labels, got {type(step).__name__}; "
                    "write chain.examples(images, labels, rng)"
                )
            images = step(images, rng, threads=threads)
        return images

    def examples(
        self, images: Array, labels: Array, rng: np.random.Generator, *, threads: int | None = None
    ) -> tuple[Array, Array]:
        for step in self.steps:
            images, labels = step.examples(images, labels, rng, threads=threads)
        return images, labels


_STEPS: dict[str, type[Augmenter]] = {
    cls.kind: cls
    for cls in (
        Negatives, RandomStyles, RandomPen, RandomAffine, RandomWarp, RandomElastic, RandomNeighbours,
        RandomMarks, RandomFrame, RandomPhoto, RandomFlip, RandomErasing, MixUp, CutMix,
    )
}  # fmt: skip
AUGMENTATIONS: dict[str, type[Augmenter]] = {Chain.kind: Chain, **_STEPS}


def augmentation_from_config(kind: str, config: Mapping[str, Any]) -> Augmenter:
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


def _step(step: object) -> Augmenter:
    if isinstance(step, Mapping) and step.keys() == {"kind", "config"}:
        step = construct("augmentation in a chain:", step["kind"], step["config"], _STEPS)
    if type(step) not in _STEPS.values():
        raise ConfigError(
            f"chain: expected an augmentation, got {quoted(step)}; use one of {', '.join(_STEPS)}"
        )
    return step  # type: ignore[return-value]
