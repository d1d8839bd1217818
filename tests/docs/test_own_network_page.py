"""The page on own networks: its network is built, and its file for ``ablate`` is read, as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tenfold.runs.models import Models

PAGE = (Path(__file__).parents[2] / "docs" / "own-network.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    [one] = [text for text in found if containing in text]
    return one


def test_the_network_is_built(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(block("python", "def build"), encoding="utf-8")
    models = Models.of([str(path)])
    entry = models.entry("net")
    assert entry.parameters == 784 * 64 + 64 + 64 * 10 + 10
    recipe = entry.recipe()
    assert (recipe.epochs, recipe.batch_size, recipe.optimizer.kind) == (10, 32, "adam")
    assert [cls.kind for cls in models.own] == ["swish"]


def test_the_file_for_ablate_is_read(tmp_path: Path) -> None:
    path = tmp_path / "parts.toml"
    path.write_text(block("toml", "[[change]]"), encoding="utf-8")
    variants = Models().ablation(path).variants
    assert len(variants) == 6
    kinds = [
        [layer.kind for layer in variant.entry.build(variant.entry).network.layers.values()]
        for variant in variants
    ]
    base = kinds[0]
    at = base.index("relu")
    assert kinds[1] == [*base[:at], "tanh", *base[at + 1 :]]
    assert kinds[2] == [*base[:at], *base[at + 1 :]]
    assert sorted(kinds[3]) == sorted([*base, "dropout"])


@pytest.mark.parametrize("key", ["title", "source", "base", "chain"])
def test_every_key_of_the_file_is_explained(key: str) -> None:
    from tenfold.evaluate.ablation import plan

    assert key in plan._FILE
    for one in (*plan._FILE, *(f"change.{name}" for name in plan._CHANGE)):
        assert f"`{one}" in PAGE or one in ("published", "change"), one
