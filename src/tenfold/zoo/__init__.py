"""The networks and classical models, with their recipes and figures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.habits import keywords, module_names
from tenfold.registry import unknown
from tenfold.zoo.an import AN_M3, AN_M5, AN_M7, AN_VOTE
from tenfold.zoo.changes import on_all_images
from tenfold.zoo.classical import ClassicalModel, Fitted
from tenfold.zoo.cnn_dev import CNN_DEV
from tenfold.zoo.deotte import DEOTTE, DEOTTE_15
from tenfold.zoo.digest import digest
from tenfold.zoo.elastic import CIRESAN_MLP, SIMARD_CNN, SIMARD_MLP
from tenfold.zoo.elm import ELM_500
from tenfold.zoo.ensemble import MEMBERS, Ensemble, member_seeds
from tenfold.zoo.ensembles import COMMITTEE, ENSEMBLE
from tenfold.zoo.entry import Entry, Trainable
from tenfold.zoo.fitted import checked_kind, fitted_to, fitted_to_kind
from tenfold.zoo.gaussian_nb import GAUSSIAN_NB
from tenfold.zoo.ghouzam import GHOUZAM, GHOUZAM_PLAIN
from tenfold.zoo.habits import UNIT_NAMES
from tenfold.zoo.installed import installed_entry, installed_models
from tenfold.zoo.keras_cnn import CNN_REF, KERAS_LENET
from tenfold.zoo.knn import KNN
from tenfold.zoo.lenet5 import LENET5, NN1L, NN2L, NN3L
from tenfold.zoo.lenet5_1998 import LENET5_1998
from tenfold.zoo.logistic_regression import LOGISTIC_REGRESSION
from tenfold.zoo.measured import MAX_BYTES, Measured, MeasuredRun, Spread, measured
from tenfold.zoo.mlp import MLP_512, MLP_800
from tenfold.zoo.model import Model
from tenfold.zoo.model_input import of_digits
from tenfold.zoo.network import NetworkModel
from tenfold.zoo.protocols import SplitFractions, Splits, hold_out, split_for_protocol
from tenfold.zoo.published import Published, PublishedRun
from tenfold.zoo.record import LENET5_AUGMENTED, RECORD
from tenfold.zoo.residual_network import RESNET_CIFAR10, RESNET_FASHION, RESNET_LETTERS
from tenfold.zoo.ridge_linear import RIDGE_LINEAR
from tenfold.zoo.saved_models import MODEL_FOLDER, load_model
from tenfold.zoo.scratch_conv import SCRATCH_09, SCRATCH_10, SCRATCH_11, SCRATCH_12
from tenfold.zoo.scratch_dense import (
    SCRATCH_01,
    SCRATCH_02,
    SCRATCH_03,
    SCRATCH_04,
    SCRATCH_05,
    SCRATCH_06,
    SCRATCH_07,
    SCRATCH_08,
)
from tenfold.zoo.scratch_wide import SCRATCH_WIDE
from tenfold.zoo.simplenet import SIMPLENET_SLIM
from tenfold.zoo.times import Duration, Times, times
from tenfold.zoo.trained import load_trained, trained, trained_run
from tenfold.zoo.watching import Watch, Watched, watch_rule, watched

if TYPE_CHECKING:
    from tenfold.data import Dataset

_ENTRIES = (
    *(GAUSSIAN_NB, LOGISTIC_REGRESSION, KNN, NN1L, NN2L, NN3L, LENET5),
    *(RIDGE_LINEAR, ELM_500, MLP_512, MLP_800, CNN_REF, CNN_DEV),
    *(SCRATCH_01, SCRATCH_02, SCRATCH_03, SCRATCH_04, SCRATCH_05, SCRATCH_06, SCRATCH_07, SCRATCH_08),
    *(SCRATCH_09, SCRATCH_10, SCRATCH_11, SCRATCH_12, SCRATCH_WIDE),
    *(KERAS_LENET, GHOUZAM, GHOUZAM_PLAIN),
    *(LENET5_1998, SIMARD_MLP, SIMARD_CNN, CIRESAN_MLP),
    *(DEOTTE, DEOTTE_15, AN_M3, AN_M5, AN_M7, AN_VOTE, SIMPLENET_SLIM),
    *(LENET5_AUGMENTED, RECORD, ENSEMBLE, COMMITTEE),
    *(RESNET_FASHION, RESNET_LETTERS, RESNET_CIFAR10),
)
ENTRIES: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""The zoo: the systems of one document after the other, from the plain to the elaborate; then our own."""


@keywords(example="tenfold.models(), or tenfold.build('lenet5')")
def models() -> list[str]:
    """Return the names of the zoo, and of the models of installed packages, sorted.

    Examples
    --------
    >>> "lenet5" in models(), "committee" in models()
    (True, True)
    """
    return sorted({*ENTRIES, *installed_models()})


def entry(name: str) -> Entry:
    """Return an entry of the zoo, or that of a model of an installed package.

    Raises
    ------
    ConfigError
        If there is no such model; the nearest name is offered.
    """
    found = ENTRIES.get(name) or installed_entry(name)
    if found is None:
        raise unknown("model", name, models())
    return found


def build(
    name: str,
    *,
    classes: int | None = None,
    input_shape: tuple[int, ...] | None = None,
    data: Dataset | None = None,
) -> Model:
    """Return a fresh, untrained model of the zoo.

    Parameters
    ----------
    name : str
        One of `models`.
    classes : int
        The number of classes of the images; by default those of the model's own data set.
    input_shape : (h, w, c) or (h, w)
        Of an image, by default as in the model's own data set; the kernels and layers stay, and the sizes
        between them follow.
    data : Dataset, optional
        Images to build for, in place of both.

    Raises
    ------
    ConfigError, ShapeError
        If there is no such model (the nearest name is offered), it is for digits only, or the images are too
        small for it.

    Examples
    --------
    >>> model = build("nn1l")
    >>> model, model.n_parameters
    (NetworkModel('nn1l'), 7850)
    >>> build("lenet5", classes=26, input_shape=(32, 32, 3)).network.output_shape
    (26,)
    """
    found = entry(name)
    if data is not None:
        if not (hasattr(data, "classes") and hasattr(data, "image_shape")):
            raise ConfigError(
                f"data: expected a Dataset, got {type(data).__name__}; write data=corpus.train, "
                "with corpus = tenfold.load_corpus(...)"
            )
        classes, input_shape = data.classes, data.image_shape
    if classes is None and input_shape is None:
        return found.build(found)
    own_classes, own_shape = found.kind
    fitting = fitted_to_kind(
        found,
        *checked_kind(
            own_classes if classes is None else classes, own_shape if input_shape is None else input_shape
        ),
    )
    return fitting.build(fitting)


__all__ = [
    "ENTRIES",
    "MAX_BYTES",
    "MEMBERS",
    "MODEL_FOLDER",
    "ClassicalModel",
    "Duration",
    "Ensemble",
    "Entry",
    "Fitted",
    "Measured",
    "MeasuredRun",
    "Model",
    "NetworkModel",
    "Published",
    "PublishedRun",
    "SplitFractions",
    "Splits",
    "Spread",
    "Times",
    "Trainable",
    "Watch",
    "Watched",
    "build",
    "digest",
    "entry",
    "fitted_to",
    "hold_out",
    "installed_entry",
    "installed_models",
    "load_model",
    "load_trained",
    "measured",
    "member_seeds",
    "models",
    "of_digits",
    "on_all_images",
    "split_for_protocol",
    "times",
    "trained",
    "trained_run",
    "watch_rule",
    "watched",
]

if not TYPE_CHECKING:  # a type checker knows what there is
    __getattr__ = module_names(__name__, __all__, UNIT_NAMES)
