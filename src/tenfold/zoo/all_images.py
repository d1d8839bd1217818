"""An entry that learns from every image it is given, with none held out to choose on."""

from __future__ import annotations

from dataclasses import replace

from tenfold.zoo.entry import Trainable
from tenfold.zoo.model import Model
from tenfold.zoo.network import NetworkModel


def on_all_images(entry: Trainable) -> Trainable:
    """Return the entry with its choices left out; see `Recipe.without_choices`.

    A classical model that chooses a coefficient still holds a sixth out for that by itself, and
    ``reader`` one for its temperature and threshold.

    Examples
    --------
    >>> from tenfold.zoo import entry
    >>> on_all_images(entry("lenet5")).recipe().validates
    False
    """
    if entry.recipe is None:
        return replace(entry, selection_set=None)
    recipe = entry.recipe().without_choices()

    def build(_: Trainable) -> Model:
        model = entry.build(entry)
        if isinstance(model, NetworkModel):
            model.recipe = recipe
        return model

    return replace(entry, build=build, recipe=lambda: recipe, selection_set=None, watched=False)
