"""Networks that a user's own function builds, as entries like those of the zoo."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenfold.backend.arrays import Shape
from tenfold.errors import ConfigError
from tenfold.nn import LAYERS, LOSSES, Layer, Sequential
from tenfold.nn.registry import is_layer, is_loss
from tenfold.optim import OPTIMIZERS, SCHEDULES, Adam
from tenfold.optim.from_config import is_optimizer, is_schedule
from tenfold.quoting import quoted
from tenfold.registry import extended
from tenfold.train import Recipe
from tenfold.train.recipe import EPOCHS
from tenfold.zoo.entry import Entry
from tenfold.zoo.measured import HONEST
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.own_file import OwnFile, own_code
from tenfold.zoo.protocols import HELD_OUT, SplitFractions

SEEDS = (0, 1, 2, 3, 4)
UNNAMED = "model"
"""The name of a `tenfold.Model` that was given none."""
MNIST = 10, (28, 28, 1)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_GIVEN = ("classes", "input_shape")


@dataclass(frozen=True)
class Builder:
    """A function that builds a network, and where it comes from.

    Attributes
    ----------
    name : str
        The model's, if the function returns a network without a name.
    named : str
        How messages call it.
    function : callable
        Returns a `Sequential`, or a `NetworkModel` with its recipe. If it has the arguments ``classes`` and
        ``input_shape``, it gets those of the data.
    own : tuple of classes
        The user's own layers, losses, optimisers and schedules.
    source : mapping of str to str
        What the run's record says of it.
    """

    name: str
    named: str
    function: Callable[..., Any]
    own: tuple[type[Any], ...]
    source: Mapping[str, str]

    @classmethod
    def of_file(cls, file: OwnFile) -> Builder:
        """Return the builder in a file."""
        source = {"file": str(file.path), "function": file.function, "sha256": file.sha256}
        return cls(file.model_name, file.named, file.builder(), file.classes, source)

    def model(self, classes: int, input_shape: Shape) -> NetworkModel:
        """Return a new, untrained network for images of a shape and so many classes.

        Raises
        ------
        ConfigError
            If the function raises an error, or returns something else.
        """
        given = {"classes": classes, "input_shape": tuple(input_shape)}
        with own_code(self.named):
            made = self.function(**{name: given[name] for name in self._takes()})
        if isinstance(made, Sequential):
            made = NetworkModel(self.name, made)
        if not isinstance(made, NetworkModel):
            raise ConfigError(
                f"{self.named}: expected a function that returns a Sequential, or a model with its recipe, "
                f"got {type(made).__name__}; return the network"
            )
        if made.name == UNNAMED:
            made.name = self.name
        if made.recipe is None:  # as `tenfold.Model` has it
            made.recipe = Recipe(epochs=EPOCHS, batch_size=32, optimizer=Adam(1e-3))
        return made

    def _takes(self) -> list[str]:
        """Return which of the arguments that depend on the data the function takes."""
        parameters = inspect.signature(self.function).parameters.values()
        needed = [
            one.name
            for one in parameters
            if one.default is one.empty
            and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            and (one.name not in _GIVEN or one.kind is one.POSITIONAL_ONLY)
        ]
        if needed:
            raise ConfigError(
                f"{self.named}: expected a function whose only arguments without a default are classes and "
                f"input_shape, got one that needs {', '.join(needed)}; give it a default"
            )
        if any(one.kind is one.VAR_KEYWORD for one in parameters):
            return [*_GIVEN]
        return [one.name for one in parameters if one.name in _GIVEN]


def entry_of(builder: Builder, classes: int = MNIST[0], input_shape: Shape = MNIST[1]) -> Entry:
    """Return an entry for the network that a function builds.

    Parameters
    ----------
    builder : Builder
    classes : int
        Of the data.
    input_shape : tuple of int
        (h, w, c) of the data's images.

    Raises
    ------
    ConfigError
        If the function cannot be used, or a part of the network could not be loaded again.
    """
    model = builder.model(classes, input_shape)
    recipe = model.known_recipe()
    _check_name(builder, model.name)
    _check_parts(builder, model)
    words = (inspect.getdoc(builder.function) or "").strip().partition("\n")[0]
    return Entry(
        name=model.name,
        title=words or f"your own network, {builder.named}",
        build=lambda _: builder.model(classes, input_shape),
        parameters=model.n_parameters,
        recipe=lambda: recipe,
        selection_set=SplitFractions(1 - HELD_OUT, HELD_OUT) if recipe.validates else None,
        published=None,
        seeds=SEEDS,
        own=builder.own,
        origin=builder.source,
        for_data=lambda k, shape: entry_of(builder, k, shape),
    )


def model_name(name: object) -> str:
    """Return the name of a model, if it can stand in the names of files.

    Raises
    ------
    ConfigError
        If it cannot.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            f"name: expected letters, digits, _, . and -, got {quoted(name)}; write for instance name='mine'"
        )
    return name


def _check_name(builder: Builder, name: str) -> None:
    """Refuse a name that cannot stand in the names of files, or that stands for something else."""
    if not _NAME.fullmatch(name) or name.endswith(HONEST) or name == "all":
        raise ConfigError(
            f"{builder.named}: expected a model's name of letters, digits, _, . and -, which does not end in "
            f"{HONEST}, got {name!r:.60}; rename the file, or return NetworkModel(name, network, recipe)"
        )


def _check_parts(builder: Builder, model: NetworkModel) -> None:
    """Refuse parts that a saved model could not name."""
    recipe = model.known_recipe()
    rate_and_size = [("schedule", x) for x in (recipe.rate, recipe.batch_size) if callable(x)]
    parts = [
        *(("layer", layer) for layer in _layers(model.network)),
        ("loss", recipe.loss),
        ("optimizer", recipe.optimizer),
        *rate_and_size,
    ]
    for what, part in parts:
        registry, fits = _REGISTRIES[what]
        kind = str(getattr(part, "kind", ""))
        if extended(registry, kind, builder.own, fits).get(kind) is not type(part):
            taken = kind in registry
            found = f"the kind {kind!r} of tenfold's own" if taken else f"the kind {kind!r}"
            raise ConfigError(
                f"{builder.named}: {type(part).__name__}: expected a class with a kind that no other {what} "
                f"has, defined or imported in the file, got one with {found}; "
                + ("choose another kind" if taken or not kind else "import the class in the file")
            )


def _layers(network: Sequential) -> Iterator[Layer]:
    """Yield every layer, also those inside others."""
    for layer in network.layers.values():
        yield layer
        for part in getattr(layer, "parts", {}).values():
            yield from _layers(part)


_REGISTRIES: Mapping[str, tuple[Mapping[str, Any], Callable[[Any], bool]]] = {
    "layer": (LAYERS, is_layer),
    "loss": (LOSSES, is_loss),
    "optimizer": (OPTIMIZERS, is_optimizer),
    "schedule": (SCHEDULES, is_schedule),
}
