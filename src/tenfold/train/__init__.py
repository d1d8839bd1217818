"""How a network learns: recipe, loop, progress, callbacks, resuming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenfold.habits import callable_unit, module_names
from tenfold.interrupt import Interrupted
from tenfold.train.callbacks import (
    Callback,
    CallbackError,
    CallbackLike,
    EarlyStopping,
    HistoryCSV,
    MetricLogger,
    MLflowLogger,
    ReduceOnPlateau,
    StopTraining,
    StuckAtChance,
    UnscaledInput,
    WandbLogger,
    WindowStopping,
)
from tenfold.train.choosing import executor_for
from tenfold.train.definition import DefinitionExecutor
from tenfold.train.display import PlainLines, RichBar
from tenfold.train.executor import Executor, Steps
from tenfold.train.fallback import fallback_notice
from tenfold.train.fitting import fit
from tenfold.train.habits import UNIT_NAMES
from tenfold.train.history import EpochMetrics, EpochRow, HeldOut, History
from tenfold.train.kept import branch, epoch_checkpoint, kept_epochs
from tenfold.train.progress import Progress
from tenfold.train.recipe import Recipe
from tenfold.train.run_checkpoints import CheckpointEvery
from tenfold.train.sanity_checks import Overfit, dry_run, overfit_batch
from tenfold.train.seeds import generator

__all__ = [
    "Callback",
    "CallbackError",
    "CallbackLike",
    "CheckpointEvery",
    "DefinitionExecutor",
    "EarlyStopping",
    "EpochMetrics",
    "EpochRow",
    "Executor",
    "HeldOut",
    "History",
    "HistoryCSV",
    "Interrupted",
    "MLflowLogger",
    "MetricLogger",
    "Overfit",
    "PlainLines",
    "Progress",
    "Recipe",
    "ReduceOnPlateau",
    "RichBar",
    "Steps",
    "StopTraining",
    "StuckAtChance",
    "UnscaledInput",
    "WandbLogger",
    "WindowStopping",
    "branch",
    "dry_run",
    "epoch_checkpoint",
    "executor_for",
    "fallback_notice",
    "fit",
    "generator",
    "kept_epochs",
    "overfit_batch",
]

if not TYPE_CHECKING:  # a type checker knows what there is
    __getattr__ = module_names(__name__, __all__, UNIT_NAMES)
callable_unit(__name__, "expected a function, got the unit; write model.fit(images, labels, epochs=5)")
