"""JPEG files that are cut short: read if only the end is missing.

The decoder makes grey of what is missing, so the rows that end in this grey are left out. What is said as a
remark is how many they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenfold.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

END = b"\xff\xd9"
_GREY = (127, 128)
_EDGE = 8  # pixels at the right edge: the side of a block
_MOST = 8  # so many times more rows than are missing


def without_missing_rows(image: Image.Image, name: str) -> tuple[Image.Image, str]:
    """Return the rows that are there of a JPEG that was cut short, and a remark.

    Parameters
    ----------
    image : PIL.Image.Image
        Decoded from a file whose end was added.

    Raises
    ------
    DataError
        If more than an eighth of its rows is missing.
    """
    edge = np.asarray(image.crop((max(0, image.width - _EDGE), 0, image.width, image.height)))
    rows = edge.reshape(image.height, -1)
    grey = ((rows == _GREY[0]) | (rows == _GREY[1])).all(axis=1) & (rows == rows[-1, 0]).all(axis=1)
    missing = int(np.argmin(grey[::-1])) if not grey.all() else image.height
    if missing * _MOST > image.height:
        raise DataError(
            f"{name}: expected a complete picture, found a JPEG without its last {missing} of "
            f"{image.height} rows; copy or save it again"
        )
    if not missing:
        return image, "the end of the file is missing; the picture was read"
    remark = f"the end of the file is missing; the last {missing} of {image.height} rows were not read"
    return image.crop((0, 0, image.width, image.height - missing)), remark
