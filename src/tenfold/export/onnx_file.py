"""ONNX files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np

from tenfold.errors import ConfigError
from tenfold.export.opset import OPSET, check_opset, checked
from tenfold.extras import require
from tenfold.files import shown, write_atomically
from tenfold.habits import keywords
from tenfold.nn import Sequential
from tenfold.registry import unknown
from tenfold.zoo import Ensemble, Model, NetworkModel

Pixels: TypeAlias = Literal["float32", "uint8"]
"""What an exported network takes: numbers from 0 to 1, or bytes."""


@keywords(
    {
        **dict.fromkeys(("opset_version", "target_opset"), "write opset=13"),
        **dict.fromkeys(("args", "dummy_input"), "leave it out: the network knows the shape of its images"),
        **dict.fromkeys(("input_names", "output_names", "dynamic_axes"), "leave it out: see docs/onnx.md"),
    },
    example="tenfold.export_onnx(model, 'mine.onnx')",
)
def export_onnx(
    model: Model,
    path: Path | str,
    *,
    pixels: Pixels = "float32",
    classes: Iterable[object] | None = None,
    opset: int = OPSET,
    overwrite: bool = False,
) -> Path:
    """Write a network to an ONNX file.

    It takes ``images`` and gives ``logits`` and ``probabilities``, both float32 (N, k), for any number N
    of images. The probabilities are those of ``model.predict_proba``. A calibrated network, such as the
    built-in one, also gives ``doubt``, float32 (N,): the probability that the best class is wrong, or that
    the image belongs to no class. Its temperature and threshold are in the file's metadata.

    Parameters
    ----------
    model : NetworkModel
        For instance from `tenfold.load_model`, or a `TenfoldClassifier`'s ``model_``.
    path : path
    pixels : {"float32", "uint8"}
        What ``images`` are: float32 (N, h, w, c) from 0 to 1, or uint8 from 0 to 255, (N, h, w) for grey
        images and (N, h, w, c) for others. Digits are (N, 28, 28, 1) or (N, 28, 28), ink high.
    classes : iterable, optional
        What the outputs stand for, written into the file; by default the names of the classes of the
        training set, or 0, 1, 2 and so on.
    opset : int
        The version of ONNX's operators, from 11 to 17; older programs need an older one. A calibrated
        network needs 13, `LayerNorm` 17.
    overwrite : bool
        Whether a file that is there may be replaced.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ConfigError
        If onnx is not installed, the model is not a network or not trained, an argument cannot be used, or
        there is a file that may not be replaced.
    StorageError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from tenfold.zoo import build
    >>> model = build("nn1l")
    >>> model.network.initialise(0)  # or model.fit(...)
    >>> export_onnx(model, Path(tempfile.mkdtemp()) / "nn1l.onnx").name
    'nn1l.onnx'
    """
    model = _network_model(model)
    network, path = model.network, Path(path)
    _check_pixels(model.name, network, pixels)
    names = _names(network, model.class_names or None if classes is None else classes)
    _check_place(path, overwrite)
    check_opset(opset)
    check_installed()
    from tenfold.export.model import onnx_model

    arrays = {name: np.asarray(array) for name, array in (network.params | network.state).items()}
    made = onnx_model(model.name, network, arrays, names, pixels, model.calibration, opset)
    write_atomically(path, checked(made, opset).SerializeToString())
    return path


def check_installed() -> None:
    """Refuse to go on without the package that writes the format.

    Raises
    ------
    ConfigError
        With the command that installs it.
    """
    require("ONNX", "onnx", "onnx")


def _network_model(model: Model) -> NetworkModel:
    """Return a model, if it is one that can be exported."""
    if not isinstance(model, Model):
        raise ConfigError(
            f"export_onnx: expected a model, got {type(model).__name__}; write run.model, "
            "tenfold.load_model(folder) or tenfold.Model(network)"
        )
    if isinstance(model, Ensemble):
        raise ConfigError(
            f"{model.name}: expected one network, got an ensemble; export its members one by one"
        )
    if not isinstance(model, NetworkModel):
        raise ConfigError(
            f"{model.name}: expected a network, got a classical model; "
            "skl2onnx exports those that scikit-learn has too"
        )
    network = model.network
    if network.params.keys() != network.param_shapes.keys():
        raise ConfigError(
            f"{model.name}: expected a fitted network, got one without parameters; call fit first"
        )
    return model


def _check_pixels(name: str, network: Sequential, pixels: str) -> None:
    """Refuse pixels that a network cannot be given, or that there are not."""
    options = get_args(Pixels)
    if pixels not in options:
        raise unknown("pixels", pixels, options)
    taken, given = network.input_shape, network.output_shape
    if len(taken) != 3:
        raise ConfigError(
            f"{name}: expected a network of images (h, w, c), got one that takes {taken}; "
            "build it for a shape such as (28, 28, 1)"
        )
    if len(given) != 1:
        raise ConfigError(
            f"{name}: expected a network that gives vectors, this gives {given}; end it with a Dense"
        )


def _names(network: Sequential, classes: Iterable[object] | None) -> list[str]:
    """Return what each output stands for."""
    [k] = network.output_shape
    names = [str(name) for name in (range(k) if classes is None else classes)]
    if len(names) != k:
        raise ConfigError(
            f"classes: expected a name for each of {k} outputs, got {len(names)}; name them all"
        )
    return names


def _check_place(path: Path, overwrite: bool) -> None:
    """Refuse a path where something is that must stay, and the name of another format."""
    if path.suffix.lower() not in ("", ".onnx"):
        raise ConfigError(
            f"{shown(path)}: expected a name that ends in .onnx, the only format, got {path.suffix}; "
            f"write {path.with_suffix('.onnx').name}"
        )
    if not os.path.lexists(path):
        return
    if not path.is_file() or path.is_symlink():
        raise ConfigError(
            f"{shown(path)}: expected a file or nothing, found something else; name another file"
        )
    if not overwrite:
        raise ConfigError(
            f"{shown(path)}: expected no file, found one; name another, or replace it "
            "(--force, overwrite=True)"
        )
