"""The one conversion of images to floats."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tenfold.errors import DTypeError, ShapeError


def check_is_array(what: str, images: object) -> None:
    """Refuse images that are not a NumPy array: a list, a data set, a tensor.

    Raises
    ------
    DTypeError
    """
    if isinstance(images, np.ndarray):
        return
    advice = "write data.images" if hasattr(images, "images") else "write numpy.asarray(images, numpy.uint8)"
    raise DTypeError(f"{what}: expected a NumPy array, got {type(images).__name__}; {advice}")


def as_float(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Scale images for a network: uint8 0-255 to float32 0-1, with a channel axis.

    Parameters
    ----------
    images : uint8 array (n, h, w) or (n, h, w, c)

    Returns
    -------
    float32 array (n, h, w, 1) or (n, h, w, c)
        ``images / 255``, so that 255 is exactly 1.

    Raises
    ------
    DTypeError, ShapeError
        If the images are not uint8 (perhaps already scaled) or have another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from tenfold.data import as_float
    >>> as_float(np.full((2, 28, 28), 255, np.uint8)).max()
    np.float32(1.0)
    """
    check_is_array("images", images)
    if images.dtype != np.uint8:
        raise DTypeError(f"images: expected uint8 0-255, found {images.dtype}; pass the unscaled pixels")
    if images.ndim not in (3, 4):
        raise ShapeError(
            f"images: expected the shape (n, h, w) or (n, h, w, c), found {images.shape}; "
            "reshape them, for instance to (n, 28, 28)"
        )
    scaled: npt.NDArray[np.float32] = images.astype(np.float32) / np.float32(255)
    return scaled if images.ndim == 4 else scaled[..., np.newaxis]  # (n, h, w, c)
