"""The pictures of `make robustness` are drawn by a program beside the package; it is imported from there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "robustness"))
