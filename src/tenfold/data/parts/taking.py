"""Takes images out of the middle of a file, some at a time."""

from __future__ import annotations

from collections.abc import Iterator

from tenfold.data.parts.array_parts import take_from_array
from tenfold.data.parts.parquet_parts import take_from_parquet
from tenfold.data.parts.part import Part, Taken


def take(part: Part, start: int, stop: int) -> Iterator[Taken]:
    """Yield the images of a file from one place to another, in their order.

    At most about 16 MB are held at a time. Of a gzipped file, and of a compressed ``.npz``, what lies before
    the first image is decompressed and dropped; of a Parquet file, what lies before it in its row group.

    Parameters
    ----------
    part : Part
    start, stop : int
        In 0..part.images.

    Raises
    ------
    DataError
        If the file is damaged; images that were yielded before are sound.
    """
    yield from (take_from_parquet if part.kind == "parquet" else take_from_array)(part, start, stop)
