"""Parquet files; the reader is another's, so only its errors and limits are tested. Needs pyarrow."""

from __future__ import annotations

import io
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from bounds import refused_in_one_line
from target import Target

from tenfold.data.parquet import read_parquet


def fuzz_parquet(data: bytes) -> None:
    """A file of any bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        path.write_bytes(data)
        with refused_in_one_line():
            read_parquet([[path]], "", "fuzzed", lambda line: None)


def parquet_seeds() -> list[bytes]:
    """Two pictures with labels; and lists of pixels."""
    if find_spec("pyarrow") is None:
        return [b"PAR1"]
    import pyarrow
    import pyarrow.parquet
    from PIL import Image

    png = io.BytesIO()
    Image.fromarray(np.eye(6, dtype=np.uint8) * 255).save(png, "PNG")
    pictures = [{"bytes": png.getvalue(), "path": "1.png"}] * 2
    found = []
    for images in (pictures, [list(range(36))] * 2):
        stream = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table({"image": images, "label": [0, 1]}), stream)
        found.append(stream.getvalue())
    return found


PARQUET = Target(fuzz_parquet, parquet_seeds)
