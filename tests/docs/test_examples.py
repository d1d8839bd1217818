"""The examples in the documents run as they stand."""

from __future__ import annotations

import re
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
def test_the_examples_run(
    name: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    monkeypatch.chdir(tmp_path)
    shared: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, f"{name}.md", "exec"), shared)
    assert capsys.readouterr().out
    assert list(tmp_path.glob(made))
