"""Images taken at other places than their pixels': the definition, in plain NumPy.

The compiled engine does the same for float32 (``cpu/bilinear.py``).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]


def bilinear(images: Array, matrices: Array) -> Array:
    """Return new images, each pixel taken from the place in the old one that an affine map leads to.

    Pixel (i, j) of the new image is the old image at the place ``matrix @ (i, j, 1)`` = (row, column).
    Between four pixels the value goes over in a straight line from one to the next, first along the
    row, then from row to row. Around the image all is 0, so that ink fades out at its border.

    Parameters
    ----------
    images : float array, shape (n, h, w, c)
    matrices : float64 array, shape (n, 2, 3)

    Returns
    -------
    array, shape (n, h, w, c)
        Of the images' dtype. No value is below the least or above the largest of image and 0.

    Examples
    --------
    >>> image = np.array([[0.0, 1.0], [2.0, 3.0]])[None, :, :, None]
    >>> half_a_pixel_on = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.5]]])
    >>> bilinear(image, half_a_pixel_on)[0, :, :, 0]
    array([[0.5, 0.5],
           [2.5, 1.5]])
    """
    n, h, w, _ = images.shape
    here = np.stack([*np.indices((h, w)), np.ones((h, w))])  # (3, h, w): i, j, 1
    y, x = np.moveaxis(np.einsum("nab,bhw->nahw", matrices, here), 1, 0)  # (n, h, w) each
    y, x = np.clip(y, -1, h), np.clip(x, -1, w)  # farther out it is 0 as well
    row, column = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = ((a - whole)[..., np.newaxis].astype(images.dtype) for a, whole in ((y, row), (x, column)))

    bordered = np.pad(images, ((0, 0), (1, 2), (1, 2), (0, 0)))
    which, row, column = np.arange(n)[:, None, None], row + 1, column + 1
    a, b = bordered[which, row, column], bordered[which, row, column + 1]  # (n, h, w, c)
    c, d = bordered[which, row + 1, column], bordered[which, row + 1, column + 1]
    above, below = a + right * (b - a), c + right * (d - c)
    new: Array = above + down * (below - above)
    return new
