"""A network of the zoo with changed options: of its recipe, its layers, or all of its dropout."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any, TypeGuard, TypeVar

from tenfold.data import Augmenter, augmentation_from_config
from tenfold.errors import ConfigError, RangeError, TenfoldError
from tenfold.nn import Sequential
from tenfold.nn.loss_by_name import SHORT
from tenfold.quoting import message, quoted
from tenfold.registry import unknown
from tenfold.train import Recipe
from tenfold.train.augmentation import Augmentation, augmentation_config, built_in
from tenfold.zoo.adapted import following
from tenfold.zoo.ensemble import Ensemble
from tenfold.zoo.entry import Trainable
from tenfold.zoo.model import Model
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.protocols import HELD_OUT, SelectionSet, SplitFractions

KNOWN = ("recipe", "network", "dropout", "held_out")
E = TypeVar("E", bound=Trainable)
_RATES = ("rate", "learning_rate")
_PLACES = ("after", "before")
_PARTS = ("optimizer", "rate", "loss", "augmentation", "early_stopping", "plateau", "average")


def changed(entry: E, settings: Mapping[str, Any]) -> E:
    """Return an entry with the changes in ``settings``.

    Parameters
    ----------
    entry : Entry
        A network.
    settings : mapping
        ``recipe``: options of the recipe by name; parts are nested: ``{"optimizer": {"weight_decay": 0.1}}``
        changes one option of the optimiser, ``{"optimizer": {"kind": "sgd", "learning_rate": 0.1}}`` replaces
        it, ``{"loss": "mean_squared_error"}`` gives the kind alone, ``{"augmentation": False}`` removes a
        part. ``learning_rate``, or a plain number for ``rate``, is that of the optimiser.
        ``network``: options of layers by name: ``{"fc1": {"c_out": 800}}``, the layers after it take the new
        width; ``{"relu1": {"kind": "tanh"}}`` exchanges a layer, ``{"drop1": False}`` removes one,
        ``{"pool1": {"after": "relu1", "kind": "max_pool2d", "size": 2}}`` inserts one (or ``"before"``).
        Your own layers, losses, optimisers and schedules are named by their ``kind``.
        ``dropout``: the rate of every dropout layer.
        ``held_out``: the share of the training images on which the authors made the choices of this
        recipe, for the published protocol.

    Raises
    ------
    ConfigError, RangeError, ShapeError
        If a name is unknown (the nearest is offered), a value cannot be used, layers do not fit one
        another, or the entry is not a network.

    Examples
    --------
    >>> from tenfold.zoo import entry
    >>> changed(entry("nn1l"), {"recipe": {"rate": 5e-4, "epochs": 5}}).recipe().epochs
    5
    """
    model = entry.build(entry)
    if not isinstance(model, NetworkModel) or model.recipe is None:
        raise ConfigError(f"{entry.name}: expected a network to change, got a model without a recipe")
    for key in settings:
        if key not in KNOWN:
            raise unknown("change", key, KNOWN)
    try:
        recipe = changed_recipe(model.recipe, _table("recipe", settings), entry.own)
        layers = _table("network", settings)
        config = changed_network(model.network.config(), layers, settings.get("dropout"))
        config = dict(following(config, layers, entry.own))
        parameters = Sequential.from_config(config, entry.own).n_parameters  # an error before the trials
    except TenfoldError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # such as a text in place of a number
        raise ConfigError(
            f"{dict(settings)!r:.80}: expected values of the same kind as the present ones, got others "
            f"({message(error)}); correct them"
        ) from error
    fit = entry.for_data
    return replace(
        entry,
        build=lambda same: NetworkModel(same.name, Sequential.from_config(config, entry.own), recipe),
        for_data=None if fit is None else lambda classes, shape: changed(fit(classes, shape), settings),
        recipe=lambda: recipe,
        parameters=parameters,
        selection_set=_choice(entry, recipe, settings.get("held_out")),
    )


def _choice(entry: Trainable, recipe: Recipe, held_out: object) -> SelectionSet:
    """Return the images of choices under the published protocol."""
    if held_out is None:
        # A choice that the authors did not make uses the share of the honest protocol.
        added = SplitFractions(1 - HELD_OUT, HELD_OUT)
        return (entry.selection_set or added) if recipe.validates else None
    if not _is_number(held_out) or not 0 < held_out < 1:
        raise RangeError(f"held_out: expected a share between 0 and 1, got {quoted(held_out)}; correct it")
    if not recipe.validates:
        raise ConfigError(
            "held_out: expected a recipe with a choice on held-out images, got one without; remove held_out"
        )
    return SplitFractions(1 - held_out, held_out)


def changed_recipe(recipe: Recipe, settings: Mapping[str, Any], own: tuple[type[Any], ...] = ()) -> Recipe:
    """Return the recipe with options changed; ``own`` are the user's classes. See `changed`."""
    config = deepcopy(recipe.config())
    del config["protocol"]  # a label, no option
    if built_in(recipe.augmentation):
        config["augmentation"]["config"] = every_option(recipe.augmentation)
    for key in sorted(settings, key=_RATES.__contains__):  # the rate after another optimiser
        value = settings[key]
        if key not in (*config, "learning_rate"):
            raise unknown("option of recipe:", key, (*config, "learning_rate"))
        if key == "learning_rate" and not _is_number(value):
            raise ConfigError(f"recipe.learning_rate: expected a number, got {quoted(value)}; correct it")
        if key in _RATES and _is_number(value):
            config["optimizer"]["config"]["learning_rate"] = value
        else:
            config[key] = _part(f"recipe.{key}", config[key], _named(key, value, config))
    kept = None if "augmentation" in settings else recipe.augmentation
    if kept is not None:
        return Recipe.from_config(config | _written_out(kept), augmentation=kept, own=own)
    if config["augmentation"] is not None:
        found = augmentation_from_config(config["augmentation"]["kind"], config["augmentation"]["config"])
        config |= _written_out(found)
    return Recipe.from_config(config, own=own)


def _written_out(augmentation: Augmentation) -> dict[str, Any]:
    """Return an augmentation as a recipe's configuration has it."""
    return {"augmentation": augmentation_config(augmentation)}


def _named(key: str, value: Any, config: Mapping[str, Any]) -> Any:
    """Return what a part of the recipe becomes; its kind may be given alone, as in ``loss = "mse"``."""
    if key == "loss":
        value = _in_full(value)
    if key not in _PARTS or value is False or isinstance(value, Mapping):
        return value
    if not isinstance(value, str) or key == "plateau":  # which has no kind
        raise _no_options(f"recipe.{key}", value)
    if key != "optimizer":
        return {"kind": value}
    return {"kind": value, "learning_rate": config[key]["config"]["learning_rate"]}


def _in_full(loss: Any) -> Any:
    """Return a loss whose kind may have the short name that Python takes, such as ``mse``, by its kind."""
    if isinstance(loss, Mapping) and "kind" in loss:
        return {**loss, "kind": _in_full(loss["kind"])}
    return SHORT.get(loss, loss) if isinstance(loss, str) else loss


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def every_option(augmentation: Augmenter) -> dict[str, Any]:
    """Return all options of an augmentation, also those that its configuration leaves out."""
    return {field.name: getattr(augmentation, field.name) for field in fields(augmentation)} | (  # type: ignore[arg-type]
        augmentation.config()
    )


def changed_network(
    config: dict[str, Any], settings: Mapping[str, Any], dropout: float | None = None
) -> dict[str, Any]:
    """Return a network's configuration with options of its layers changed; see `changed`."""
    layers = {layer["name"]: layer for layer in deepcopy(config["layers"])}
    for name, options in settings.items():
        if isinstance(options, Mapping) and not options.keys().isdisjoint(_PLACES):
            layers = _with(layers, name, options)
        elif name not in layers:
            raise unknown("layer", name, layers)
        elif options is False:
            del layers[name]
        elif isinstance(options, Mapping) and "kind" in options:
            layers[name] = _layer(name, options)
        else:
            layers[name]["config"] = _of_layer(name, layers[name], options)
    if dropout is not None:
        dropped = [layer for layer in layers.values() if layer["kind"] == "dropout"]
        if not dropped:
            raise ConfigError(
                "dropout: expected a network with dropout layers, got one without; remove dropout"
            )
        for layer in dropped:
            layer["config"]["rate"] = dropout
    return {**config, "layers": list(layers.values())}


def _layer(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a new layer: its kind, and its options."""
    config = {key: value for key, value in options.items() if key not in ("kind", *_PLACES)}
    return {"name": name, "kind": options["kind"], "config": config}


def _of_layer(name: str, layer: Mapping[str, Any], options: Any) -> dict[str, Any]:
    """Return the options of a layer with some changed."""
    if isinstance(options, Mapping) and not layer["config"]:
        raise ConfigError(
            f"network.{name}: expected no options of a layer {layer['kind']}, got {', '.join(options)}; "
            f'exchange the layer: network.{name} = {{ kind = "..." }}, or remove it: network.{name} = false'
        )
    return _merged(f"network.{name}", layer["config"], options)


def _with(layers: dict[str, Any], name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the layers with a new one after, or before, the layer that it names."""
    [where, *others] = [one for one in _PLACES if one in options]
    beside = options[where]
    if beside not in layers:
        raise unknown(f"layer in network.{name}.{where}:", beside, layers)
    if name in layers or "kind" not in options or others:
        raise ConfigError(
            f"network.{name}: expected a new name and a kind for a layer {where} {beside}, "
            f"got {dict(options)}"
        )
    order = list(layers.items())
    place = list(layers).index(beside) + (where == "after")
    return dict([*order[:place], (name, _layer(name, options)), *order[place:]])


def _table(name: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    found = settings.get(name, {})
    if not isinstance(found, Mapping) or (name in settings and not found):
        raise _no_options(name, found)
    return found


def _part(name: str, now: Any, value: Any) -> Any:
    """Return an option after a change: removed, replaced, changed in part, or another value."""
    if value is False:
        return None
    if not isinstance(value, Mapping):
        return value
    if "kind" in value:
        return {"kind": value["kind"], "config": {key: x for key, x in value.items() if key != "kind"}}
    if isinstance(now, Mapping) and now.keys() == {"kind", "config"}:
        return {"kind": now["kind"], "config": _merged(name, now["config"], value)}
    return value if now is None else _merged(name, now, value)


def _merged(name: str, now: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not isinstance(now, Mapping) or not value:
        raise _no_options(name, value)
    for key in value:
        if key not in now:
            raise unknown(f"option of {name}:", key, now)
    return {**now, **value}


def _no_options(name: str, value: object) -> ConfigError:
    return ConfigError(f"{name}: expected options by name, got {value!r:.60}; write {name}.OPTION=VALUE")


def on_all_images(entry: Trainable) -> Trainable:
    """Return the entry without its choices, for training on all images; see `Recipe.without_choices`.

    A classical model that chooses a coefficient still holds out a sixth of the images for that, and
    ``reader`` a sixth for its temperature and threshold.

    Examples
    --------
    >>> from tenfold.zoo import entry
    >>> on_all_images(entry("lenet5")).recipe().validates
    False
    """
    if entry.members:
        return replace(entry, build=lambda _: _without_choices(entry), selection_set=None)
    if entry.recipe is None:
        return replace(entry, selection_set=None)
    recipe = entry.recipe().without_choices()

    def build(_: Trainable) -> Model:
        model = entry.build(entry)
        if isinstance(model, NetworkModel):
            model.recipe = recipe
        return model

    return replace(entry, build=build, recipe=lambda: recipe, selection_set=None, watched=False)


def _without_choices(entry: Trainable) -> Model:
    """Return an ensemble whose members choose nothing."""
    model = entry.build(entry)
    if isinstance(model, Ensemble):
        for member in model.members.values():
            if member.recipe is not None:
                member.recipe = member.recipe.without_choices()
    return model
