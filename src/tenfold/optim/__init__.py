"""Optimisers, schedules for the learning rate, and averages of weights."""

from typing import TYPE_CHECKING

from tenfold.habits import module_names
from tenfold.optim.adam import Adam
from tenfold.optim.averaging import AVERAGES, EMA, mean
from tenfold.optim.by_name import OptimizerLike, as_optimizer, check_schedule
from tenfold.optim.from_config import optimizer_from_config, schedule_from_config
from tenfold.optim.habits import UNIT_NAMES
from tenfold.optim.one_vector import moving
from tenfold.optim.optimizer import Optimizer, OptimizerState
from tenfold.optim.per_layer import OPTIMIZERS, PerLayer
from tenfold.optim.rmsprop import RMSprop
from tenfold.optim.schedules import (
    SCHEDULES,
    Constant,
    CosineDecay,
    Doubling,
    EpochCorrectedAdam,
    ExponentialAfter,
    LinearWarmup,
    PiecewiseConstant,
    Product,
    RampThenHalving,
    RateFunction,
    Schedule,
    StepHalving,
    Tunable,
    nominal_value,
)
from tenfold.optim.sgd import SGD

__all__ = [
    "AVERAGES",
    "EMA",
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "Constant",
    "CosineDecay",
    "Doubling",
    "EpochCorrectedAdam",
    "ExponentialAfter",
    "LinearWarmup",
    "Optimizer",
    "OptimizerLike",
    "OptimizerState",
    "PerLayer",
    "PiecewiseConstant",
    "Product",
    "RMSprop",
    "RampThenHalving",
    "RateFunction",
    "Schedule",
    "StepHalving",
    "Tunable",
    "as_optimizer",
    "check_schedule",
    "mean",
    "moving",
    "nominal_value",
    "optimizer_from_config",
    "schedule_from_config",
]

if not TYPE_CHECKING:  # a type checker knows what there is
    __getattr__ = module_names(__name__, __all__, UNIT_NAMES)
