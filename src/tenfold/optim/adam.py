"""Adam, with decoupled weight decay also known as AdamW."""

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
    {
        **OPTIONS,
        "betas": "write beta1=0.9, beta2=0.999",
        "beta_1": "write beta1=0.9",
        "beta_2": "write beta2=0.999",
        "epsilon": "write eps=1e-8",
    },
    example="Adam(1e-3)",
    attributes=NAMES,
)
@dataclass(frozen=True)
class Adam:
    """Adam: steps along the gradient's running mean, divided by its running root mean square.

    ``m = beta1 m + (1 - beta1) g``; ``v = beta2 v + (1 - beta2) g ** 2``; both start at 0. Bias correction in
    step t = 1, 2, ...: ``m' = m / (1 - beta1 ** t)``; ``v' = v / (1 - beta2 ** t)``; then
    ``p = p - rate m' / (sqrt(v') + eps)``

    Derived in tutorial 3, "03 to 04: Adam".

    Parameters
    ----------
    learning_rate : float
    beta1, beta2 : float
        Decay rates of the running mean and mean square, in [0, 1).
    eps : float
        Added to the square root, for numerical stability.
    weight_decay : float
        Decoupled, see `tenfold.optim.optimizer.apply_weight_decay`.

    References
    ----------
    D. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization" (arXiv:1412.6980), algorithm 1.
    """

    kind: ClassVar[str] = "adam"

    learning_rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        check_not_negative(learning_rate=self.learning_rate, eps=self.eps, weight_decay=self.weight_decay)
        check_fraction(beta1=self.beta1, beta2=self.beta2)

    def config(self) -> dict[str, Any]:
        return asdict(self)

    def init(self, params: Named) -> OptimizerState:
        return OptimizerState(0, {"m": zeros_for(params), "v": zeros_for(params)})

    def update(
        self, params: Named, grads: Named, state: OptimizerState, rate: float
    ) -> tuple[dict[str, Array], OptimizerState]:
        check_names(params, grads, state, slots=("m", "v"))
        step = state.step + 1
        new: dict[str, Array] = {}
        m: dict[str, Array] = {}
        v: dict[str, Array] = {}
        for name, p in params.items():
            g = grads[name]
            m[name] = self.beta1 * state.slots["m"][name] + (1 - self.beta1) * g
            v[name] = self.beta2 * state.slots["v"][name] + (1 - self.beta2) * g * g
            m_hat = m[name] / (1 - self.beta1**step)
            v_hat = v[name] / (1 - self.beta2**step)
            root = namespace(p).sqrt(v_hat)
            new[name] = apply_weight_decay(p, rate, self.weight_decay) - rate * m_hat / (root + self.eps)
        return new, OptimizerState(step, {"m": m, "v": v})
