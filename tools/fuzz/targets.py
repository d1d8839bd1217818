"""Every reader that is fuzzed, by name."""

from __future__ import annotations

from csv_files import CSV
from idx_files import IDX
from json_files import JSON
from pictures import PICTURE
from target import Target
from tensor_files import TENSORS

TARGETS: dict[str, Target] = {
    "picture": PICTURE,
    "idx": IDX,
    "csv": CSV,
    "json": JSON,
    "safetensors": TENSORS,
}
