"""Which epoch's weights are chosen."""

import numpy as np
import pytest

from tenfold.errors import ConfigError
from tenfold.train import EarlyStopping, EpochRow, Recipe, WindowStopping
from tenfold.train.selection import Selection, Weights

BEST = {"choose": "best"}
LAST_FOUR = {"choose": "best_of_last(4)"}
STOPPING = {"early_stopping": EarlyStopping("validation_loss", patience=99)}

WINDOW = {"early_stopping": WindowStopping("validation_loss", patience=3)}

# recipe, (accuracy, loss) of each epoch, the epoch chosen
CHOICES = {
    "best": (BEST, [(0.5, 1), (0.9, 1), (0.8, 1)], 2),
    "best, of equals the later": (BEST, [(0.5, 1), (0.9, 1), (0.9, 2), (0.8, 1)], 3),
    "best of the last four": (LAST_FOUR, [(0.99, 1), (0.5, 1), (0.9, 1), (0.8, 1), (0.7, 1)], 3),
    "best of the last four, of equals the later": (LAST_FOUR, [(0.9, 1)] * 6, 6),
    "best of the last four, out of two": (LAST_FOUR, [(0.9, 1), (0.8, 1)], 1),
    "what a window still holds": (WINDOW, [(0.5, 1), (0.9, 3), (0.8, 2), (0.95, 4)], 3),
    "what early stopping watches": (STOPPING, [(0.5, 3), (0.9, 2), (0.8, 1), (0.95, 2)], 3),
}


def observed(recipe, figures):
    selection = Selection.of(recipe, [c for c in (recipe.early_stopping,) if c], validated=True)
    for epoch, (accuracy, loss) in enumerate(figures, start=1):
        weights = Weights({"a": np.full(1, epoch)}, {})
        selection.observe(EpochRow(epoch, 1.0, 1.0, 0.5, accuracy, loss, 0.1, 32), 10 * epoch, weights)
    return selection


@pytest.mark.parametrize("name", CHOICES)
def test_chosen(name):
    options, figures, epoch = CHOICES[name]
    selection = observed(Recipe(9, **options), figures)
    assert selection.chosen().epoch == epoch
    assert selection.restores
    assert selection.weights[epoch].params["a"] == epoch
    assert (epoch, 10 * epoch) in selection.pinned


def test_no_more_weights_are_held_than_may_be_chosen():
    figures = [(0.1 * (e % 5), 1) for e in range(20)]
    assert len(observed(Recipe(20, **BEST), figures).weights) == 1
    assert sorted(observed(Recipe(20, **LAST_FOUR), figures).weights) == [17, 18, 19, 20]
    assert sorted(observed(Recipe(20, **WINDOW), figures).weights) == [18, 19, 20]


def test_the_last_epoch_needs_no_copy_but_the_best_checkpoint_stays():
    selection = observed(Recipe(9), [(0.5, 1), (0.9, 1), (0.8, 1)])
    assert not selection.restores
    assert selection.weights == {}
    assert selection.pinned == {(2, 20)}


def test_candidates_come_back_and_another_rule_is_refused():
    selection = observed(Recipe(9, **LAST_FOUR), [(0.5, 1), (0.9, 1)])
    again = Selection.of(Recipe(9, **LAST_FOUR), [], validated=True)
    assert again.candidates_from(selection.to_json()) == selection.candidates
    with pytest.raises(
        ConfigError, match=r"the run chose its weights by .*'window': 4.* got .*'window': None"
    ):
        Selection.of(Recipe(9, **BEST), [], validated=True).candidates_from(selection.to_json())


REFUSED = {
    "best without validation": (Recipe(1, **BEST), [], False, "choose='best' needs validation images"),
    "two choosers": (Recipe(1, **BEST), [EarlyStopping()], True, "both choose the weights"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    recipe, callbacks, validated, message = REFUSED[name]
    with pytest.raises(ConfigError, match=message):
        Selection.of(recipe, callbacks, validated)
