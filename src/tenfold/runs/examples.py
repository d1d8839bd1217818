"""Images with their predictions: the worst, the best, the least certain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tenfold.errors import RangeError
from tenfold.registry import lookup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tenfold.data import Dataset

Which: TypeAlias = Literal["worst", "best", "least certain"]


@dataclass(frozen=True)
class Examples:
    """Some images of a data set with what was predicted; a notebook shows them.

    Attributes
    ----------
    which : str
        How they were chosen: ``"worst"`` gave the true class the least probability, ``"best"`` the most;
        ``"least certain"`` gave their likeliest class the least.
    index : int64 array (n,)
        Their places in the data set.
    images : uint8 array (n, h, w) or (n, h, w, c)
    labels, predicted : int64 array (n,)
        The true and the predicted classes.
    probabilities : float64 array (n, k)
    class_names : tuple of str
    """

    which: str
    index: NDArray[np.int64]
    images: NDArray[np.uint8] = field(repr=False)
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    probabilities: NDArray[np.float64] = field(repr=False)
    class_names: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def captions(self) -> list[str]:
        """Return what was predicted for each, and the true class if it is another."""
        names = dict(enumerate(self.class_names))  # a network may have more outputs than there are names
        return [
            f"{names.get(p, p)} {100 * q[p]:.1f} %" + ("" if p == t else f", true {names.get(t, t)}")
            for p, t, q in zip(self.predicted.tolist(), self.labels.tolist(), self.probabilities, strict=True)
        ]

    def plot(self) -> Figure:
        """Return the images as a figure, with what was predicted above each."""
        from tenfold.evaluate.figures.canvas import new_figure, show_image

        columns = min(8, len(self))
        rows = -(-len(self) // columns)
        figure = new_figure(1.5 * columns, 1.8 * rows + 0.4, f"{self.which.capitalize()} predictions")
        for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
            if place >= len(self):
                axes.set_axis_off()
                continue
            show_image(axes, self.images[place])
            axes.set_title(self.captions[place].replace(", ", "\n"), fontsize=8)
        return figure

    def _repr_html_(self) -> str:
        from tenfold.pages.cells import cell, pictures

        return cell(f"{self.which.capitalize()} predictions", pictures(self.images, self.captions))


def examples_of(data: Dataset, probabilities: NDArray[np.float64], which: str, n: int) -> Examples:
    """Return ``n`` images of a data set, or all if there are fewer; of equals, the first.

    Raises
    ------
    ConfigError, RangeError
        If there is no such choice, or ``n`` is less than 1.
    """
    if n < 1:
        raise RangeError(f"n: expected at least 1, got {n}; ask for more")
    of_true = probabilities[np.arange(len(data)), data.labels]  # (n,)
    orders: dict[str, NDArray[Any]] = {
        "worst": of_true,
        "best": -of_true,
        "least certain": probabilities.max(1),
    }
    index = np.argsort(lookup("choice of examples", which, orders), kind="stable")[:n].astype(np.int64)
    chosen = probabilities[index]
    return Examples(
        which,
        index,
        data.images[index],
        data.labels[index],
        np.argmax(chosen, axis=1).astype(np.int64),
        chosen,
        tuple(data.class_names),
    )
