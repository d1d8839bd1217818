"""Every example in a docstring runs, and gives what stands under it."""

import doctest
import tempfile
from importlib import import_module
from pathlib import Path

import pytest

import tenfold

PACKAGE = Path(tenfold.__file__).parent
EXAMPLES = {path: path.read_text(encoding="utf-8").count(">>> ") for path in sorted(PACKAGE.rglob("*.py"))}


def module_name(path: Path) -> str:
    """``tenfold.nn`` for ``tenfold/nn/__init__.py``, ``tenfold.nn.dense`` for ``tenfold/nn/dense.py``."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", [path for path, n in EXAMPLES.items() if n], ids=module_name)
def test_examples_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = doctest.testmod(import_module(module_name(path)))
    assert (found.attempted, found.failed) == (EXAMPLES[path], 0)  # all that are there, not only some
