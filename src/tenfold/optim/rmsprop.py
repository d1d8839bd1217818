"""RMSprop."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from tenfold.backend.arrays import Array, namespace
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
    {**OPTIONS, "alpha": "write rho=0.9", "epsilon": "write eps=1e-8"},
    example="RMSprop(1e-3)",
    attributes=NAMES,
)
@dataclass(frozen=True)
class RMSprop:
    """RMSprop: steps down the gradient g, divided by its running root mean square.

    ``v = rho v + (1 - rho) g ** 2``; ``p = p - rate g / (sqrt(v) + eps)``

    Derived in tutorial 5, "RMSprop".

    Parameters
    ----------
    learning_rate : float
    rho : float
        Decay rate of the running mean square, in [0, 1).
    eps : float
        Added to the square root, for numerical stability.
    weight_decay : float
        Decoupled, see `tenfold.optim.optimizer.apply_weight_decay`.

    References
    ----------
    T. Tieleman, G. Hinton, "Neural Networks for Machine Learning" (2012), lecture 6.5.
    """

    kind: ClassVar[str] = "rmsprop"

    learning_rate: float
    rho: float = 0.9
    eps: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        check_not_negative(learning_rate=self.learning_rate, eps=self.eps, weight_decay=self.weight_decay)
        check_fraction(rho=self.rho)

    def config(self) -> dict[str, Any]:
        return asdict(self)

    def init(self, params: Named) -> OptimizerState:
        return OptimizerState(0, {"v": zeros_for(params)})

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        check_names(params, grads, state, slots=("v",))
        new: dict[str, Array] = {}
        v: dict[str, Array] = {}
        for name, p in params.items():
            g = grads[name]
            v[name] = self.rho * state.slots["v"][name] + (1 - self.rho) * g * g
            root = namespace(p).sqrt(v[name])
            new[name] = apply_weight_decay(p, rate, self.weight_decay) - rate * g / (root + self.eps)
        return new, OptimizerState(state.step + 1, {"v": v})
