"""Callbacks: each has one idea, frozen settings, and its state in the checkpoint."""

from __future__ import annotations

from tenfold.train.callbacks.base import (
    HOOKS,
    Callback,
    CallbackError,
    CallbackLike,
    Callbacks,
    StopTraining,
    made_for_stopping,
)
from tenfold.train.callbacks.early_stopping import STOPPING, EarlyStopping, Stopping, WindowStopping
from tenfold.train.callbacks.history_csv import HistoryCSV
from tenfold.train.callbacks.loggers import MetricLogger, MLflowLogger, WandbLogger
from tenfold.train.callbacks.notices import StuckAtChance, UnscaledInput
from tenfold.train.callbacks.reduce_on_plateau import ReduceOnPlateau

__all__ = [
    "HOOKS",
    "STOPPING",
    "Callback",
    "CallbackError",
    "CallbackLike",
    "Callbacks",
    "EarlyStopping",
    "HistoryCSV",
    "MLflowLogger",
    "MetricLogger",
    "ReduceOnPlateau",
    "StopTraining",
    "Stopping",
    "StuckAtChance",
    "UnscaledInput",
    "WandbLogger",
    "WindowStopping",
    "made_for_stopping",
]
