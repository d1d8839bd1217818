"""The protocol of optimisers: a pure function from parameters and gradients to new parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, ClassVar, Protocol, TypeAlias

from tenfold.backend.arrays import Array, namespace
from tenfold.errors import ConfigError
from tenfold.quoting import quoted

Named: TypeAlias = Mapping[str, Array]
"""Arrays by dotted name (``"conv1.weight"``)."""


@dataclass(frozen=True)
class OptimizerState:
    """The state of an optimiser between steps.

    Attributes
    ----------
    step : int
        Number of steps so far.
    slots : mapping of str to mapping of str to array
        Name of the slot (such as ``m``) -> name of the parameter -> array of the parameter's shape.
    """

    step: int = 0
    slots: Mapping[str, Named] = field(default_factory=dict)


class Optimizer(Protocol):
    """The protocol of optimisers; all are frozen dataclasses."""

    kind: ClassVar[str]

    @property
    def learning_rate(self) -> float: ...

    @property
    def weight_decay(self) -> float: ...

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as JSON values."""
        ...

    def init(self, params: Named) -> OptimizerState:
        """Return the state before the first step."""
        ...

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        """Return new parameters and state after one step; the old ones are not changed.

        Parameters
        ----------
        params, grads : mapping of str to array
            The same names in both.
        state : OptimizerState
            From `init` or the previous step.
        rate : float
            The learning rate of this step: ``learning_rate``, or its value by a schedule.

        Raises
        ------
        ConfigError
            If the names differ.
        """
        ...


def zeros_for(params: Named) -> dict[str, Array]:
    """Return a zero array for every parameter."""
    return {name: namespace(p).zeros_like(p) for name, p in params.items()}


def apply_weight_decay(p: Array, rate: float, weight_decay: float) -> Array:
    """Return a parameter after decoupled weight decay: ``p (1 - rate * weight_decay)``.

    References
    ----------
    I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization" (arXiv:1711.05101), section 2.
    """
    return p * (1 - rate * weight_decay) if weight_decay else p


def check_names(params: Named, grads: Named, state: OptimizerState, slots: tuple[str, ...]) -> None:
    """Check that gradients and state belong to these parameters and this optimiser.

    Raises
    ------
    ConfigError
        With the first name that is missing on one side.
    """
    if set(state.slots) != set(slots):
        raise ConfigError(
            f"expected a state with the slots {slots}, got {tuple(state.slots)}; take it from init(params)"
        )
    for what, named in (
        ("a gradient", grads),
        *((f"{slot!r} in the state", state.slots[slot]) for slot in slots),
    ):
        if params.keys() != named.keys():
            name = min(params.keys() ^ named.keys())
            found = "none" if name in params else "one without a parameter"
            raise ConfigError(
                f"expected {what} for every parameter, got {found} for {name!r}; use those of one network"
            )


def is_number(value: object) -> bool:
    """Return whether ``value`` is a real number of Python or NumPy, but no bool."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Return whether ``value`` is a real number that is finite as a float."""
    try:
        return isinstance(value, Real) and is_number(value) and math.isfinite(value)
    except OverflowError:  # an integer of more than 300 digits
        return False


_NUMBER = "the model gives the parameters, and a schedule is given to it as rate=..."


def check_not_negative(**options: Any) -> None:
    """Check that options are finite numbers of at least 0.

    Raises
    ------
    ConfigError
        With the option's name.
    """
    for name, value in options.items():
        if not is_finite(value) or value < 0:
            is_number = isinstance(value, Real) or name != "learning_rate"
            advice = "" if is_number else f"; write 1e-3: {_NUMBER}"
            raise ConfigError(f"{name}: expected a finite number of at least 0, got {quoted(value)}{advice}")


def check_fraction(**options: float) -> None:
    """Check that options are in [0, 1).

    Raises
    ------
    ConfigError
        With the option's name.
    """
    for name, value in options.items():
        if not is_number(value) or not 0 <= value < 1:
            raise ConfigError(f"{name}: expected a number from 0 to below 1, got {quoted(value)}")
