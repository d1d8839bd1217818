"""The digest: another one for whatever decides what is trained, the same for all else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.zoo import ENTRIES, SplitFractions, digest, entry, logistic_regression
from tenfold.zoo.changes import changed
from tenfold.zoo.digest import digest_of
from tenfold.zoo.least_squares import COEFFICIENTS

RESULTS = Path(__file__).parents[2] / "results"
SETTINGS = {
    "rate": {"recipe": {"rate": 3e-2}},
    "epochs": {"recipe": {"epochs": 3}},
    "choice of weights": {"recipe": {"choose": "last"}},
    "width": {"network": {"fc1": {"c_out": 77}, "fc2": {"c_in": 77}}},
    "initial weights": {"network": {"fc1": {"weight_init": "he_normal"}}},
}


def test_every_change_gives_another_digest() -> None:
    base = entry("nn3l")
    every = {name: digest(changed(base, settings)) for name, settings in SETTINGS.items()}
    every |= {"base": digest(base), "images": digest(replace(base, selection_set=SplitFractions(0.8, 0.2)))}
    every |= {f"the first {n}": digest(replace(base, first=n)) for n in (5, 6)}
    assert len(set(every.values())) == len(every), every


def test_what_decides_nothing_changes_nothing() -> None:
    base = entry("nn3l")
    assert digest(replace(base, name="another", notes=(), seeds=(1,), shortfall="some")) == digest(base)
    assert digest(base, base.recipe().epochs) == digest(base)
    published = replace(base.recipe(), protocol="published")
    model = base.build(base).network.config()
    assert digest_of(model, published.config(), "test") == digest(base)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_order_of_keys_does_not_count(name: str) -> None:
    found = ENTRIES[name]
    model = found.build(found)
    if found.is_network:
        what, how = model.network.config(), model.recipe.config()
    elif found.members:
        what, how = {name: one.network.config() for name, one in model.members.items()}, model.recipes()
    else:
        what, how = type(model.method).__name__, model.method.config()
    turned = json.loads(json.dumps(how), object_pairs_hook=lambda pairs: dict(pairs[::-1]))
    assert digest_of(what, turned, found.selection_set, found.first) == digest(found)


def test_the_options_of_classical_models_count(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: digest(found) for name, found in ENTRIES.items() if not found.in_epochs}
    assert len(set(before.values())) == len(before) == 5
    monkeypatch.setitem(logistic_regression._OPTIONS, "C", 2.0)
    monkeypatch.setattr("tenfold.zoo.knn._NEIGHBOURS", 3)
    monkeypatch.setattr("tenfold.zoo.elm.DEVIATION", 0.3)
    monkeypatch.setattr("tenfold.zoo.ridge_linear.COEFFICIENTS", COEFFICIENTS[1:])
    after = {name: digest(ENTRIES[name]) for name in before}
    assert {name for name in before if before[name] == after[name]} == {"gaussian-nb"}


# Of the recipes before images could be a part of the set, and chance decide for several at once: figures
# that were measured with them stay valid.
KEPT = {
    "nn2l": "26f9e658b2dca03d",
    "cnn-dev": "5c156e21c15b0895",
    "scratch-03": "9df67b062c8d766b",
    "scratch-wide": "e007e7bcb5775905",
    "ghouzam": "a4afd013cefa67b4",
    "ridge-linear": "85a584974387a2d7",
}


@pytest.mark.parametrize("name", KEPT)
def test_options_that_came_later_leave_the_digests_as_they_were(name: str) -> None:
    assert digest(ENTRIES[name]) == KEPT[name]


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_the_figures_in_results_are_of_todays_entries(path: Path) -> None:
    """Where this fails a model has changed since it was measured: measure it again."""
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict) or found.get("model") not in ENTRIES or "trials" not in found:
        pytest.skip("no file of the ledger")
    assert {one["digest"] for one in found["trials"]} == {digest(ENTRIES[found["model"]])}
