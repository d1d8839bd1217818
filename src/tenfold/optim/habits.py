"""Names and options that users of other libraries type for optimisers, and what to write instead."""

from __future__ import annotations

from tenfold.habits import each

RATE = "write learning_rate=1e-3"

OPTIONS = each(
    {
        "lr alpha": RATE,
        "params": "leave it out: the model gives the parameters in each step",
        "decay l2 lambd": "write weight_decay=0.01; a schedule is Model(..., rate=CosineDecay(1.0, 20))",
        "clipnorm clipvalue amsgrad centered foreach fused": "leave it out",
        "name": "leave it out",
    }
)
"""Options of optimisers."""

NAMES = each(
    {
        "step": (
            "write params, state = optimizer.update(params, grads, state, rate), or train with tenfold.Model"
        ),
        "zero_grad": "leave it out: gradients are returned, not kept",
        "param_groups": "write PerLayer(Adam(1e-3), layers={'dense_1': Adam(1e-4)})",
        "lr": "write optimizer.learning_rate",
        "state_dict": "write optimizer.config()",
        "minimize": (
            "write params, state = optimizer.update(params, grads, state, rate), or train with tenfold.Model"
        ),
        "apply_gradients": "write params, state = optimizer.update(params, grads, state, rate)",
    }
)
"""Attributes of optimisers."""

_DECAY = "write CosineDecay(1.0, epochs=20), a factor on the learning rate: Model(network, rate=...)"
_STEPS = "write StepHalving(1.0, every=10), a factor on the learning rate: Model(network, rate=...)"

UNIT_NAMES = each(
    {
        "AdamW": "write Adam(1e-3, weight_decay=0.01): its weight decay is decoupled, as AdamW's",
        "Adagrad Adadelta Adamax NAdam Nadam RAdam Lion LBFGS Ftrl Muon Rprop": (
            'write Adam(1e-3), or your own, see docs/python.md, "Your own optimiser"'
        ),
        "lr_scheduler CosineAnnealingLR CosineAnnealing": _DECAY,
        "StepLR MultiStepLR StepDecay Step": _STEPS,
        "ExponentialLR ExponentialDecay": (
            "write ExponentialAfter(1.0, after=0, decay=0.1), a factor on the learning rate: "
            "Model(network, rate=...)"
        ),
        "OneCycleLR OneCycle Warmup LinearLR": (
            "write Product(LinearWarmup(1.0, epochs=2), CosineDecay(1.0, epochs=20))"
        ),
        "LambdaLR": (
            "write a function: Model(network, rate=lambda epoch, step, steps_per_epoch: 0.9 ** epoch)"
        ),
        "ReduceLROnPlateau": "write Recipe(plateau=tenfold.train.ReduceOnPlateau())",
    }
)
"""Names of the unit `tenfold.optim`."""
