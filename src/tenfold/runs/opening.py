"""Models of the zoo and saved models, whose training makes runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast, overload

from tenfold import zoo
from tenfold.errors import CheckpointError, ConfigError
from tenfold.habits import keywords
from tenfold.runs.arguments import check_folder
from tenfold.runs.habits import LOAD_OPTIONS
from tenfold.runs.run import NetworkModel, making_runs
from tenfold.zoo.habits import BUILD_OPTIONS
from tenfold.zoo.model_input import DIGIT
from tenfold.zoo.trained import PREFIX

if TYPE_CHECKING:
    from tenfold.backend.arrays import Array
    from tenfold.data import Dataset
    from tenfold.nn import Layer
    from tenfold.zoo import ClassicalModel, Ensemble, Model

M = TypeVar("M", bound=zoo.Model)

Classical: TypeAlias = Literal["elm-500", "gaussian-nb", "knn", "logistic-regression", "ridge-linear"]
"""The entries of the zoo that are not networks."""

Ensembles: TypeAlias = Literal["an-vote", "committee", "deotte-15", "ensemble"]
"""The entries of the zoo of several networks."""


@overload
def build(  # type: ignore[overload-overlap]  # by its name
    name: Classical, *, classes: int = ..., input_shape: tuple[int, ...] = ..., data: Dataset | None = ...
) -> ClassicalModel: ...
@overload
def build(  # type: ignore[overload-overlap]  # by its name
    name: Ensembles, *, classes: int = ..., input_shape: tuple[int, ...] = ..., data: Dataset | None = ...
) -> Ensemble: ...
@overload
def build(
    name: str, *, classes: int = ..., input_shape: tuple[int, ...] = ..., data: Dataset | None = ...
) -> NetworkModel: ...
@keywords(BUILD_OPTIONS, example="tenfold.build('lenet5')")
def build(
    name: str, *, classes: int = 10, input_shape: tuple[int, ...] = DIGIT, data: Dataset | None = None
) -> Model:
    """Return a fresh, untrained model of the zoo, perhaps for other data; see `tenfold.zoo.build`.

    For a type checker every name that is not one of `Classical` or `Ensembles` is a network's.

    Examples
    --------
    >>> model = build("nn1l")
    >>> model, model.n_parameters
    (NetworkModel('nn1l'), 7850)
    >>> build("lenet5", classes=26, input_shape=(32, 32, 3)).n_parameters
    84486
    """
    return making_runs(zoo.build(name, classes=classes, input_shape=input_shape, data=data))


@overload
def load_model(
    folder: Path | str,
    epoch: int | None = None,
    *,
    layers: Sequence[type[Layer]] = (),
    device: str | Array | None = None,
) -> NetworkModel: ...
@overload
def load_model(
    folder: Path | str,
    epoch: int | None = None,
    *,
    layers: Sequence[type[Layer]] = (),
    kind: type[M],
    device: str | Array | None = None,
) -> M: ...
@keywords(LOAD_OPTIONS, example="tenfold.load_model(folder)")
def load_model(
    folder: Path | str,
    epoch: int | None = None,
    *,
    layers: Sequence[type[Layer]] = (),
    kind: type[Model] | None = None,
    device: str | Array | None = None,
) -> Model:
    """Read a model that `Model.save` or a training run wrote; see `tenfold.zoo.load_model`.

    Parameters
    ----------
    folder, epoch, layers
        As for `tenfold.zoo.load_model`.
    kind : class, optional
        What must be in the folder: `NetworkModel`, `Ensemble` or `tenfold.zoo.ClassicalModel`. Without it any
        model is read, and a type checker takes it for a network.
    device : str or array, optional
        Where a network's parameters go; see `tenfold.nn.Sequential.to`. By default they are NumPy's.

    Raises
    ------
    CheckpointError
        If there is no model, or one of another kind.
    ConfigError
        If there is no such device, or the model is not a network.
    """
    check_folder("folder", folder)
    _check_is_no_name(folder)
    found = making_runs(zoo.load_model(folder, epoch, layers=layers))
    if kind is not None and not isinstance(found, kind):
        cls = type(found).__name__
        raise CheckpointError(f"{folder}: expected {kind.__name__}, found {cls}; write kind={cls}")
    if device is not None:
        if not isinstance(found, NetworkModel):
            raise ConfigError(f"device: expected a network, got {type(found).__name__}; leave it out")
        found.network.to(device)
    return found


def _check_is_no_name(folder: Path | str) -> None:
    """Refuse a name of the zoo in place of a folder."""
    name = str(folder).removeprefix(PREFIX)
    if name in zoo.models() and not Path(folder).exists():
        trained = name in zoo.trained()
        advice = f"tenfold.load_trained({name!r})" if trained else f"tenfold.build({name!r}), and train it"
        raise CheckpointError(
            f"{folder}: expected a folder with a model, got a name of the zoo; write {advice}"
        )


@keywords(example="tenfold.load_trained('lenet5')")
def load_trained(name: str) -> NetworkModel:
    """Return a network of the zoo that comes trained; see `tenfold.zoo.load_trained`."""
    return cast(NetworkModel, making_runs(zoo.load_trained(name)))
