"""tenfold: handwritten digits recognised by neural networks written from first principles.

What stands here is the way in; each name is loaded from its unit when it is first used, so that
``import tenfold`` stays quick and pulls in nothing that a program may not need.

Examples
--------
>>> import tenfold
>>> "lenet5" in tenfold.models()
True
>>> tenfold.build("lenet5").network.n_parameters
61706
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tenfold import data, nn, optim, train, zoo
    from tenfold.data import Corpus, Dataset, as_float, load_corpus, split
    from tenfold.errors import SlowerWarning, TenfoldError
    from tenfold.estimator import TenfoldClassifier
    from tenfold.export import export_onnx
    from tenfold.nn import Sequential, gradcheck
    from tenfold.predict import Reader, Reading, Recogniser, read
    from tenfold.runs.comparing import compare
    from tenfold.runs.learning_rate import find_learning_rate
    from tenfold.runs.model import Model
    from tenfold.runs.opening import build, load_model, load_trained
    from tenfold.runs.run import NetworkModel, Run
    from tenfold.train import Recipe, StopTraining, fit
    from tenfold.zoo import Ensemble, models

_UNITS = ("data", "nn", "optim", "train", "zoo")
"""The units that users build with: ``tenfold.nn.Conv2d``."""

# public name -> the unit that it comes from
_HOME = {
    "Corpus": "tenfold.data",
    "Dataset": "tenfold.data",
    "Ensemble": "tenfold.zoo",
    "Model": "tenfold.runs.model",
    "NetworkModel": "tenfold.runs.run",
    "Reader": "tenfold.predict",
    "Reading": "tenfold.predict",
    "Recipe": "tenfold.train",
    "Recogniser": "tenfold.predict",
    "Run": "tenfold.runs.run",
    "Sequential": "tenfold.nn",
    "TenfoldClassifier": "tenfold.estimator",
    "SlowerWarning": "tenfold.errors",
    "StopTraining": "tenfold.train",
    "TenfoldError": "tenfold.errors",
    "as_float": "tenfold.data",
    "build": "tenfold.runs.opening",
    "compare": "tenfold.runs.comparing",
    "export_onnx": "tenfold.export",
    "find_learning_rate": "tenfold.runs.learning_rate",
    "fit": "tenfold.train",
    "gradcheck": "tenfold.nn",
    "load_corpus": "tenfold.data",
    "load_model": "tenfold.runs.opening",
    "load_trained": "tenfold.runs.opening",
    "models": "tenfold.zoo",
    "read": "tenfold.predict",
    "split": "tenfold.data",
}

__all__ = [
    "Corpus",
    "Dataset",
    "Ensemble",
    "Model",
    "NetworkModel",
    "Reader",
    "Reading",
    "Recipe",
    "Recogniser",
    "Run",
    "Sequential",
    "SlowerWarning",
    "StopTraining",
    "TenfoldClassifier",
    "TenfoldError",
    "__version__",
    "as_float",
    "build",
    "compare",
    "data",
    "export_onnx",
    "find_learning_rate",
    "fit",
    "gradcheck",
    "load_corpus",
    "load_model",
    "load_trained",
    "models",
    "nn",
    "optim",
    "read",
    "split",
    "train",
    "zoo",
]


def _load(name: str) -> object:
    """Load a public name from its unit, once."""
    if name in _UNITS:
        return import_module(f"tenfold.{name}")
    if name not in _HOME:
        raise import_module("tenfold.habits.front").no_name(name, __all__, sys._getframe(1))
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


if not TYPE_CHECKING:  # a type checker sees the imports above, and so it notices a wrong name
    __getattr__ = _load


def __dir__() -> list[str]:
    return sorted(__all__)
