"""A digest of everything that decides a training, except data and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from tenfold.checkpoint import dump_json
from tenfold.train.former_names import digested
from tenfold.zoo.classical import ClassicalModel
from tenfold.zoo.ensemble import Ensemble
from tenfold.zoo.entry import Trainable
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.protocols import SelectionSet, SplitFractions

DIGITS = 16


def digest(entry: Trainable, epochs: int | None = None) -> str:
    """Return hexadecimal digits that depend on everything that decides the training.

    Parameters
    ----------
    entry : Trainable
        The digest depends on a network's layers and recipe, on those of an ensemble's members, or on a
        classical model's method and options; also on the images of choices and of training. It does not
        depend on names, notes and published figures.
    epochs : int, optional
        In place of the recipe's.

    Examples
    --------
    >>> from tenfold.zoo import entry
    >>> digest(entry("nn2l")) == digest(entry("nn2l"), epochs=20) != digest(entry("nn2l"), epochs=10)
    True
    """
    model = entry.build(entry)
    if isinstance(model, NetworkModel) and model.recipe is not None:
        recipe = model.recipe if epochs is None else replace(model.recipe, epochs=epochs)
        return digest_of(model.network.config(), recipe.config(), entry.selection_set, entry.first)
    if isinstance(model, Ensemble):
        if epochs is not None:
            model.set_recipes(epochs=epochs)
        networks = {name: member.network.config() for name, member in model.members.items()}
        return digest_of(networks, model.recipes(), entry.selection_set, entry.first)
    if isinstance(model, ClassicalModel):
        return digest_of(type(model.method).__name__, model.method.config(), entry.selection_set, entry.first)
    raise TypeError(
        f"{entry.name}: expected a network with a recipe, an ensemble or a classical model, got {model!r}"
    )


def digest_of(
    what: object, how: Mapping[str, Any], selection_set: SelectionSet, first: int | None = None
) -> str:
    """Return the digest of a network or a method's name (``what``) and its recipe or options (``how``)."""
    known = digested(_unlabelled(how))
    chosen_on = asdict(selection_set) if isinstance(selection_set, SplitFractions) else selection_set
    part = [] if first is None else [{"first": first}]  # all images: as in older digests
    return sha256(dump_json([what, known, chosen_on, *part])).hexdigest()[:DIGITS]


def _unlabelled(how: Any) -> Any:
    """Return options without the protocol, which is only a label."""
    if not isinstance(how, Mapping):
        return how
    return {key: _unlabelled(value) for key, value in how.items() if key != "protocol"}
