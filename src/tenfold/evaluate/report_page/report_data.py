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
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise ShapeError(
                f"report: expected images as uint8 (n, h, w), got {self.images.dtype} "
                f"{self.images.shape}; pass the data set's own images"
            )

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Indices of doubtful labels, where these are known."""
        return metrics.DOUBTFUL if self.evaluation.without_doubtful is not None else ()
