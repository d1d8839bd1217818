"""Commands and options that users of other programs type, and what to write instead."""

from __future__ import annotations

COMMANDS = {
    "test": "write tenfold evaluate RUN",
    "fit": "write tenfold train NAME",
    "eval": "write tenfold evaluate RUN",
    "download": "write tenfold data --download",
    "list": "write tenfold models, or tenfold data",
}
"""What to write instead of a command that there is not."""
_TRAINED = "write --run RUN, or leave it out for the built-in network"
OPTIONS = {
    "-V": "write --version",
    "-v": "write --version, or --debug for the traceback of an error",
    "--model": _TRAINED,
    "--weights": _TRAINED,
    "--checkpoint": _TRAINED,
    "--optimizer": "write --set recipe.optimizer=sgd",
    "--optimiser": "write --set recipe.optimizer=sgd",
    "--loss": "write --set recipe.loss=mean_squared_error",
    "--learning-rate": "write --lr 0.001",
    "--momentum": "write --set recipe.optimizer.momentum=0.9",
    "--batch": "write --batch-size 64",
    "--weight-decay": "write --set recipe.optimizer.weight_decay=0.01",
    "--dataset": "write --data NAME|PATH",
    "--gpu": "write --device cuda",
    "--cuda": "write --device cuda",
    "--output": "write --out FOLDER",
    "--verbose": "leave it out: progress is shown; --quiet turns it off",
    "--csv": "write --format csv",
    "--latex": "write --format latex",
}
"""What to write instead of an option that there is not."""
