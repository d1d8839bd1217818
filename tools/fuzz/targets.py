"""Every reader that is fuzzed, by name."""

from __future__ import annotations

from array_files import ARRAYS
from csv_files import CSV
from idx_files import IDX
from json_files import JSON
from parquet_files import PARQUET
from pictures import PICTURE
from target import Target
from tensor_files import TENSORS

TARGETS: dict[str, Target] = {
    "picture": PICTURE,
    "idx": IDX,
    "csv": CSV,
    "arrays": ARRAYS,
    "parquet": PARQUET,
    "json": JSON,
    "safetensors": TENSORS,
}
