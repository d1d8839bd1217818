"""Load saved models: named arrays and JSON become a model only through closed lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tenfold import checkpoint
from tenfold.errors import CheckpointError, ConfigError, TenfoldError
from tenfold.nn import Layer, OpenSetCrossEntropy, Sequential
from tenfold.nn.loading import check_tensors
from tenfold.quoting import message, quoted
from tenfold.registry import UnknownNameError, construct, lookup, own_classes
from tenfold.train import epoch_checkpoint
from tenfold.zoo.classical import DIGITS, ClassicalModel, Method
from tenfold.zoo.elm import ExtremeLearningMachine
from tenfold.zoo.ensemble import MEMBERS, Ensemble
from tenfold.zoo.gaussian_nb import GaussianNaiveBayes
from tenfold.zoo.knn import NearestNeighbours
from tenfold.zoo.logistic_regression import MultinomialRegression
from tenfold.zoo.model import FORMAT, Model
from tenfold.zoo.model_input import DIGIT
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.open_set import OpenSetCalibration
from tenfold.zoo.ridge_linear import RidgeRegression

MODEL_FOLDER = "model"
"""The folder of the trained model inside a run's folder."""

RECORD = "run.json"
"""The record of a finished run."""

METHODS: Mapping[str, Callable[[], Method]] = {
    "elm-500": ExtremeLearningMachine,
    "gaussian-nb": GaussianNaiveBayes,
    "knn": NearestNeighbours,
    "logistic-regression": MultinomialRegression,
    "ridge-linear": RidgeRegression,
}


def load_model(folder: Path | str, epoch: int | None = None, *, layers: Iterable[type[Layer]] = ()) -> Model:
    """Read a model that `Model.save` or a training run wrote.

    Parameters
    ----------
    folder : path
        The model's folder, or the run's.
    epoch : int, optional
        Load the weights at the end of this epoch (from 1) of the run, instead of its final weights. The
        checkpoint must have been kept, see `tenfold.train.kept_epochs`. If the recipe averages weights,
        these are the weights of the one epoch.
    layers : classes, optional
        The user's own layers in the network. Those of tenfold and of installed packages need no mention.

    Raises
    ------
    CheckpointError
        If the folder has no complete model, the epoch was not kept, or a file has wrong content; one line
        names the file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tenfold.zoo import build
    >>> model = build("nn1l")
    >>> model.network.initialise(0)
    >>> with TemporaryDirectory() as folder:
    ...     load_model(model.save(f"{folder}/model")).n_parameters
    7850
    """
    folder, layers = Path(folder), own_classes(layers)
    if epoch is not None:
        return _of_epoch(folder, epoch, layers)
    if (folder / MODEL_FOLDER).is_dir():
        folder = folder / MODEL_FOLDER
    saved = checkpoint.load(folder)
    header = saved.state
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"{folder / checkpoint.STATE}: expected a model of format {FORMAT}, "
            f"found {quoted(header.get('format'))}; train it again with this version"
        )
    try:
        model = lookup("family of model", header.get("family"), _FAMILIES)(
            folder, header, saved.tensors, layers
        )
        model.class_names = _class_names(header, model.classes)
        return model
    except CheckpointError:
        raise
    except (TenfoldError, KeyError, TypeError, ValueError) as error:
        own = isinstance(error, UnknownNameError) and error.what == "layer"
        advice = "; if it is your own, pass its class: layers=[...]" if own else ""
        raise CheckpointError(
            f"{folder / checkpoint.STATE}: expected a saved model, found something else: "
            f"{message(error, 500)}{advice}"
        ) from error


def _class_names(header: Mapping[str, Any], classes: int) -> tuple[str, ...]:
    """Return the names of the classes; none in older files, and of data without names."""
    names = header.get("class_names", [])
    known = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not known or len(names) not in (0, classes):
        raise ConfigError(f"expected {classes} class_names, got {quoted(names)}")
    return tuple(names)


def _of_epoch(run: Path, epoch: int, layers: Iterable[type[Layer]]) -> NetworkModel:
    """Return the network of a run with the weights of an epoch."""
    saved = epoch_checkpoint(run, epoch)
    try:
        trained = saved.state["run"]
        network = Sequential.from_config(trained["network"], layers)
        arrays = saved.tensors["weights"]
        params = {name: arrays[name] for name in network.param_shapes}
        check_tensors("parameter", params, network.param_shapes, network.dtype)
        network.load(params, {name: arrays[name] for name in network.state_shapes})
        refuses = trained["recipe"]["loss"]["kind"] == OpenSetCrossEntropy.kind
    except (TenfoldError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{saved.folder}: expected the weights of a network, found something else: {message(error)}"
        ) from error
    calibration = OpenSetCalibration(temperature=1.0, threshold=0.5) if refuses else None
    record = checkpoint.read_json(run / RECORD) if (run / RECORD).is_file() else {}
    model = NetworkModel(str(record.get("model", run.resolve().name)), network, calibration=calibration)
    with _named(run / RECORD):
        model.class_names = _class_names(record, model.classes)
    return model


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """In a ``with`` block, errors name the file that they are about."""
    try:
        yield
    except KeyError as error:
        raise CheckpointError(f"{file}: expected it among the model's files, found none") from error
    except TenfoldError as error:
        raise CheckpointError(f"{file}: {error}") from error


def _network(
    folder: Path, header: Mapping[str, Any], tensors: Mapping[str, Any], layers: Iterable[type[Layer]]
) -> NetworkModel:
    return _built(str(header["name"]), folder, header, tensors, layers)


def _built(
    name: str,
    folder: Path,
    header: Mapping[str, Any],
    tensors: Mapping[str, Mapping[str, Any]],
    layers: Iterable[type[Layer]],
) -> NetworkModel:
    """Return the network that a header describes, with its arrays."""
    network = Sequential.from_config(header["network"], layers)
    weights, statistics = (folder / f"{name}.safetensors" for name in ("weights", "statistics"))
    with _named(weights):
        check_tensors("parameter", tensors["weights"], network.param_shapes, network.dtype)
    with _named(statistics):
        network.load(tensors["weights"], tensors.get("statistics", {}))
    calibration = header.get("calibration")
    if calibration is not None:
        calibration = construct(
            "calibration", "calibration", calibration, {"calibration": OpenSetCalibration}
        )
    return NetworkModel(name, network, calibration=calibration)


def _ensemble(
    folder: Path, header: Mapping[str, Any], tensors: Mapping[str, Any], layers: Iterable[type[Layer]]
) -> Ensemble:
    """Return an ensemble; the names of a member's arrays begin with its name."""
    members = header[MEMBERS]
    own: dict[str, dict[str, dict[str, Any]]] = {name: {file: {} for file in tensors} for name in members}
    for file, arrays in tensors.items():
        for name, array in arrays.items():
            member, _, at = name.partition(".")
            if member not in own:
                raise CheckpointError(
                    f"{folder / file}.safetensors: expected arrays of {', '.join(members)}, "
                    f"found {quoted(name)}; train it again"
                )
            own[member][file][at] = array
    return Ensemble(
        str(header["name"]),
        {name: _built(name, folder, members[name], own[name], layers) for name in members},
    )


def _classical(
    folder: Path, header: Mapping[str, Any], tensors: Mapping[str, Any], layers: Iterable[type[Layer]]
) -> ClassicalModel:
    method = lookup("classical model", header["name"], METHODS)()
    shape = tuple(map(int, header.get("input_shape", DIGIT)))
    classes = int(header.get("classes", DIGITS))
    with _named(folder / "weights.safetensors"):
        state = tensors["weights"]
        _check_state(state, method.shapes(math.prod(shape), classes))
    return ClassicalModel(str(header["name"]), method, state, classes=classes, input_shape=shape)


_FAMILIES: Mapping[
    str, Callable[[Path, Mapping[str, Any], Mapping[str, Any], Iterable[type[Layer]]], Model]
] = {
    NetworkModel.family: _network,
    Ensemble.family: _ensemble,
    ClassicalModel.family: _classical,
}


def _check_state(state: Mapping[str, Any], shapes: Mapping[str, tuple[int | None, ...]]) -> None:
    """Refuse arrays of other names or shapes, and numbers that are not finite."""
    if state.keys() != shapes.keys():
        raise ConfigError(f"expected the arrays {', '.join(sorted(shapes))}, got {', '.join(sorted(state))}")
    for name, shape in shapes.items():
        array = state[name]
        fits = array.ndim == len(shape) and all(
            w in (None, s) for w, s in zip(shape, array.shape, strict=True)
        )
        if not fits or not np.isfinite(array).all():
            raise CheckpointError(
                f"{name}: expected finite numbers of shape {shape}, got {array.shape}; train it again"
            )
