"""Sample images by digit, and the mean image of each digit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenfold.evaluate.figures.canvas import ink_on_paper, new_figure, plain_axes, show_ink
from tenfold.evaluate.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def sample_images(
    images: NDArray[np.uint8], labels: NDArray[np.int64], *, columns: int = 12, classes: int = 10
) -> Figure:
    """The first images of every digit, a row a digit.

    Parameters
    ----------
    images : uint8 (n, h, w)
        Ink high.
    labels : int64 (n,)
    columns : int
        Images a digit.
    classes : int
        Rows; a digit that does not occur has an empty one.
    """
    height, width = images.shape[1:]
    gap = 6
    paper = np.zeros(
        (classes * (height + gap), columns * (width + gap))
    )  # one picture is drawn sooner than 120
    for digit in range(classes):
        for column, index in enumerate(np.flatnonzero(labels == digit)[:columns]):
            top, left = digit * (height + gap), column * (width + gap)
            paper[top : top + height, left : left + width] = images[index]
    figure = new_figure(0.6 * columns + 0.4, 0.6 * classes + 0.5, "Sample images by digit")
    axes = figure.subplots()
    plain_axes(axes)
    axes.imshow(paper, cmap=ink_on_paper(), vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks(
        (np.arange(classes) * (height + gap) + height / 2).tolist(), [str(d) for d in range(classes)]
    )
    axes.tick_params(labelsize=13, colors=INK)
    axes.spines["bottom"].set_visible(False)
    return figure


def class_means(means: NDArray[np.floating[Any]]) -> Figure:
    """The mean image of each digit, as naive Bayes holds them.

    Parameters
    ----------
    means : floats (k, h, w)
        Ink from 0 to 1, high.
    """
    figure = new_figure(7.6, 3.5, "The mean image of each digit")
    columns = (len(means) + 1) // 2
    for digit, axes in enumerate(figure.subplots(2, columns, squeeze=False).flat):
        if digit >= len(means):
            axes.set_axis_off()
            continue
        show_ink(axes, 255 * means[digit])
        axes.set_title(str(digit), fontsize=11, color=INK)
    return figure
