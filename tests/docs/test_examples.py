"""The examples in the documents run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("scikit-learn", "*.onnx"),
        ("onnx", "*.onnx"),
        ("training", "runs/b"),
        ("ensembles", "mine/model"),
        ("python", "runs/mine/report.html"),
        ("adding-a-layer", "mine.onnx"),
    ],
)
def test_the_examples_run(name: str, made: str, tmp_path: Path) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    page = tmp_path / "page.py"
    page.write_text("\n".join(blocks), encoding="utf-8")
    done = subprocess.run(  # of its own: here, modules are imported that a page may forget to import
        [sys.executable, page], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.glob(made))
