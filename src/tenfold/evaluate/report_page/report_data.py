"""Everything that a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenfold import metrics
from tenfold.errors import ShapeError
from tenfold.evaluate.curves import Curves
from tenfold.evaluate.evaluation import Evaluation
from tenfold.nn import LayerRow


@dataclass(frozen=True, eq=False)
class ReportData:
    """Everything that a report is made from; see `tenfold.evaluate.write_report`."""

    title: str
    evaluation: Evaluation
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.floating[Any]]
    curves: Curves
    layers: Sequence[LayerRow]
    recipe: Mapping[str, object]
    weight: NDArray[np.floating[Any]] | None
    means: NDArray[np.floating[Any]] | None
    command: str
    made: str | None = None

    def __post_init__(self) -> None:
        counts = (
            len(self.images),
            len(self.labels),
            len(self.probabilities),
            self.evaluation.scores.share.images,
        )
        if len(set(counts)) != 1:
            raise ShapeError(
                "report: expected as many images, labels and rows of probabilities as were evaluated, "
                "got {}, {}, {} and {}; pass the data that was evaluated".format(*counts)
            )
        if self.images.ndim not in (3, 4) or self.images.dtype != np.uint8:
            raise ShapeError(
                f"report: expected images as uint8 (n, h, w) or (n, h, w, c), got {self.images.dtype} "
                f"{self.images.shape}; pass the data set's own images"
            )

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Indices of doubtful labels, where these are known."""
        return metrics.DOUBTFUL if self.evaluation.without_doubtful is not None else ()


def recipe_rows(recipe: Mapping[str, object]) -> dict[str, str]:
    """Name and wording of each setting; ``None`` reads as "none".

    Examples
    --------
    >>> recipe_rows({"batch_size": 32, "optimizer": {"kind": "adam", "learning_rate": 0.001}})
    {'batch size': '32', 'optimizer': 'adam (learning rate 0.001)'}
    """
    return {str(name).replace("_", " "): _wording(value) for name, value in recipe.items()}


def _wording(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_wording(part) for part in value)
    return str(value)


def _mapping(value: Mapping[str, object]) -> str:
    kind = value.get("kind")
    inner = value.get("config")
    rest: dict[str, object] = {key: part for key, part in value.items() if key not in ("kind", "config")}
    if isinstance(inner, Mapping):
        rest.update(inner)
    settings = ", ".join(f"{str(key).replace('_', ' ')} {_wording(part)}" for key, part in rest.items())
    if kind is None:
        return settings
    return f"{kind} ({settings})" if settings else str(kind)
