"""Numbers, distributions and pictures as TensorBoard takes them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboardX.proto.summary_pb2 import HistogramProto, Summary

if TYPE_CHECKING:
    from PIL.Image import Image

    from tenfold.train.executor import HostArray

BINS = 30  # as many as TensorBoard keeps


def scalar(tag: str, value: float) -> Any:
    """Return a number under a tag; up to its first slash the tag names the group."""
    return Summary.Value(tag=tag, simple_value=float(value))


def histogram(tag: str, values: HostArray) -> Any:
    """Return the distribution of an array's finite values, in bins of equal width."""
    values = values[np.isfinite(values)]  # (m,)
    counts, edges = np.histogram(values, bins=BINS)  # (30,), (31,)
    values = values.astype(np.float64)
    proto = HistogramProto(
        min=edges[0],
        max=edges[-1],
        num=len(values),
        sum=values.sum(),
        sum_squares=values @ values,
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
    return Summary.Value(tag=tag, histo=proto)


def picture(tag: str, image: Image) -> Any:
    """Return a picture under a tag."""
    content = io.BytesIO()
    image.save(content, "PNG")
    proto = Summary.Image(
        height=image.height,
        width=image.width,
        colorspace=len(image.getbands()),  # 1 grey, 3 colours
        encoded_image_string=content.getvalue(),
    )
    return Summary.Value(tag=tag, image=proto)
