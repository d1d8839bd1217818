"""Stochastic gradient descent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tenfold.backend.arrays import Array
from tenfold.errors import ConfigError
from tenfold.habits import constructor
from tenfold.optim.habits import NAMES, OPTIONS
from tenfold.optim.optimizer import (
    Named,
    OptimizerState,
    apply_weight_decay,
    check_fraction,
    check_names,
    check_not_negative,
    zeros_for,
)


@constructor(
    {**OPTIONS, "lr": "write learning_rate=0.1", "dampening": "leave it out"},
    example="SGD(0.1)",
    attributes=NAMES,
)
@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent: steps down the gradient g, optionally with momentum.

    ``m = momentum m + g``; ``p = p - rate m``, or with Nesterov ``p = p - rate (g + momentum m)``

    Derived in tutorial 2, "One neuron".

    Parameters
    ----------
    learning_rate : float
    momentum : float
        Fraction of the previous step's direction that is kept, in [0, 1).
    nesterov : bool
        Whether to use Nesterov's momentum.
    weight_decay : float
        Decoupled, see `tenfold.optim.optimizer.apply_weight_decay`.

    References
    ----------
    I. Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013),
    section 2.

    Examples
    --------
    >>> import numpy as np
    >>> sgd, params = SGD(0.1), {"w": np.array([1.0, -2.0])}
    >>> params, state = sgd.update(params, {"w": params["w"]}, sgd.init(params), rate=0.1)
    >>> params["w"], state.step
    (array([ 0.9, -1.8]), 1)
    """

    kind: ClassVar[str] = "sgd"

    learning_rate: float
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        check_not_negative(learning_rate=self.learning_rate, weight_decay=self.weight_decay)
        check_fraction(momentum=self.momentum)
        if self.nesterov and not self.momentum:
            raise ConfigError("nesterov: expected a momentum above 0 with it, got 0; try momentum=0.9")

    def config(self) -> dict[str, Any]:
        return asdict(self)

    def init(self, params: Named) -> OptimizerState:
        return OptimizerState(0, {"m": zeros_for(params)} if self.momentum else {})

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        check_names(params, grads, state, slots=("m",) if self.momentum else ())
        new: dict[str, Array] = {}
        m: dict[str, Array] = {}
        for name, p in params.items():
            g = direction = grads[name]
            if self.momentum:
                m[name] = self.momentum * state.slots["m"][name] + g
                direction = g + self.momentum * m[name] if self.nesterov else m[name]
            new[name] = apply_weight_decay(p, rate, self.weight_decay) - rate * direction
        return new, OptimizerState(state.step + 1, {"m": m} if self.momentum else {})
