"""Entries that learn from every image: nothing is left that needs images of its own."""

from __future__ import annotations

import pytest

from tenfold.train import EarlyStopping, Recipe, ReduceOnPlateau
from tenfold.zoo import ENTRIES, Ensemble, NetworkModel, build, on_all_images


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.is_network])
def test_a_network_is_built_with_a_recipe_that_chooses_nothing(name: str) -> None:
    entry = on_all_images(ENTRIES[name])
    model = entry.build(entry)
    assert entry.selection_set is None
    assert isinstance(model, NetworkModel)
    assert model.recipe == entry.recipe()
    assert not model.chooses
    before = ENTRIES[name].recipe()
    if not before.validates:
        assert model.recipe == before
    assert (model.recipe.epochs, model.recipe.optimizer) == (before.epochs, before.optimizer)


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if not entry.is_network])
def test_a_classical_model_stays_what_it_is(name: str) -> None:
    entry = on_all_images(ENTRIES[name])
    assert (entry.name, entry.selection_set, entry.recipe) == (name, None, None)


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.members])
def test_the_members_of_an_ensemble_choose_nothing(name: str) -> None:
    entry = on_all_images(ENTRIES[name])
    model = entry.build(entry)
    assert isinstance(model, Ensemble)
    assert not model.chooses
    for member, before in zip(model.members.values(), build(name).members.values(), strict=True):
        assert member.recipe == before.recipe.without_choices()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"choose": "best"}, {}),
        ({"choose": "mean_of_last(3)"}, {"choose": "mean_of_last(3)"}),
        ({"early_stopping": EarlyStopping("validation_loss", 3)}, {}),
        (
            {"early_stopping": EarlyStopping("train_loss", 3)},
            {"early_stopping": EarlyStopping("train_loss", 3)},
        ),
        ({"plateau": ReduceOnPlateau("validation_accuracy", 0.5, 3)}, {}),
    ],
)
def test_what_training_images_decide_is_kept(given: dict[str, object], kept: dict[str, object]) -> None:
    assert Recipe(epochs=2, **given).without_choices() == Recipe(epochs=2, **kept)
