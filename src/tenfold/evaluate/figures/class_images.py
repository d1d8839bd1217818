"""Sample images by class, and the mean image of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.classes import Classes
from tenfold.evaluate.figures.canvas import ink_on_paper, new_figure, plain_axes, show_image
from tenfold.evaluate.figures.lettering import drawn, families
from tenfold.evaluate.figures.style import INK
from tenfold.pages.axes import letters
from tenfold.pages.images import shown_channels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 60  # classes
_GAP = 6  # pixels between images


def sample_images(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    columns: int = 12,
    classes: int | Classes = 10,
) -> Figure:
    """The first images of every class, a row a class.

    Parameters
    ----------
    images : uint8 (n, h, w) or (n, h, w, c)
    labels : int64 (n,)
    columns : int
        Images a class.
    classes : int or Classes
        How many, or their names; a class that does not occur has an empty row, and of more than 60 classes
        the first 60 have one.
    """
    if isinstance(classes, int):
        classes = Classes.named(classes, grey=images.ndim == 3)
    rows = min(len(classes), _MOST)
    height, width = images.shape[1] + _GAP, images.shape[2] + _GAP
    sheet = _sheet(images, labels, rows, columns)  # one picture is drawn sooner than 120
    side = 0.6 * height / max(height, width), 0.6 * width / max(height, width)  # inches
    some = f", the first {rows} of {len(classes):,}" if rows < len(classes) else ""
    names = [drawn(classes, index) for index in range(rows)]
    figure = new_figure(
        max(side[1] * columns + 0.3 + 0.1 * max(map(letters, names)), 3.5),
        side[0] * rows + 0.5,
        f"Sample images by {classes.noun}{some}",
    )
    axes = figure.subplots()
    plain_axes(axes)
    axes.imshow(sheet, cmap=ink_on_paper(), vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    places = (np.arange(rows) * height + (height - _GAP) / 2).tolist()
    axes.set_yticks(places, names, fontfamily=families())
    axes.tick_params(labelsize=13 if classes.longest <= 2 else 9, colors=INK)
    axes.spines["bottom"].set_visible(False)
    return figure


def _sheet(images: NDArray[np.uint8], labels: NDArray[np.int64], rows: int, columns: int) -> NDArray[Any]:
    """All images on one: ink, or colours with opacity."""
    if images.ndim == 4:
        opaque = np.full((*images.shape[:3], 1), 255, np.uint8)
        images = np.concatenate([shown_channels(images), opaque], axis=-1)  # (n, h, w, 4)
    h, w = images.shape[1:3]
    sheet = np.zeros((rows * (h + _GAP), columns * (w + _GAP), *images.shape[3:]), images.dtype)
    for row in range(rows):
        for column, index in enumerate(np.flatnonzero(labels == row)[:columns]):
            top, left = row * (h + _GAP), column * (w + _GAP)
            sheet[top : top + h, left : left + w] = images[index]
    return sheet


def class_means(means: NDArray[np.floating[Any]], classes: Classes | None = None) -> Figure:
    """The mean image of each class, as naive Bayes holds them; of more than 60 classes, of the first 60.

    Parameters
    ----------
    means : floats (k, h, w) or (k, h, w, c)
        From 0 to 1; ink high.
    classes : Classes, optional
        Their names; numbers where not given.
    """
    classes = classes or Classes.named(len(means), grey=means.ndim == 3)
    shown = min(len(means), _MOST)
    columns = max(min((shown + 1) // 2, 10), 2)
    rows = -(-shown // columns)
    figure = new_figure(1.52 * columns, 1.5 * rows + 0.5, f"The mean image of each {classes.noun}")
    for index, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        if index >= shown:
            axes.set_axis_off()
            continue
        show_image(
            axes, 255 * means[index] if means.ndim == 3 else np.rint(255 * means[index]).astype(np.uint8)
        )
        size = 11 if classes.longest <= 2 else 8
        axes.set_title(drawn(classes, index), fontsize=size, color=INK, fontfamily=families())
    return figure
