"""Examples of each command: the end of its help, and the advice where an argument is missing."""

from __future__ import annotations

from types import MappingProxyType

EXAMPLES = MappingProxyType(
    {
        "models": ("tenfold models", "tenfold models lenet5 nn2l", "tenfold models --format markdown"),
        "data": ("tenfold data", "tenfold data --download", "tenfold data --data fashion-mnist --check"),
        "summary": ("tenfold summary lenet5", "tenfold summary runs/lenet5"),
        "train": (
            "tenfold train lenet5",
            "tenfold train nn2l --data fashion-mnist --epochs 5 --lr 0.01",
            "tenfold train lenet5 --out runs/mine --resume",
            "tenfold train --network mine.py --data pictures/",
        ),
        "worker": ("tenfold worker training-machine:7000 --token-file token",),
        "evaluate": (
            "tenfold evaluate runs/lenet5",
            "tenfold evaluate runs/lenet5 --show wrong --draw mistakes.png",
            "tenfold evaluate shipped --data pictures/",
        ),
        "report": ("tenfold report runs/lenet5", "tenfold report zoo:lenet5 --out report/"),
        "compare": (
            "tenfold compare lenet5 nn2l",
            "tenfold compare runs/lenet5 runs/mine --format markdown",
        ),
        "ablate": ("tenfold ablate lenet5", "tenfold ablate mine.toml --jobs 2"),
        "predict": (
            "tenfold predict photo.jpg",
            "tenfold predict scans/ --out digits.csv",
            "tenfold predict seven.png --single --run runs/lenet5",
        ),
        "export": ("tenfold export runs/lenet5 digits.onnx", "tenfold export shipped digits.onnx --force"),
        "serve": ("tenfold serve", "tenfold serve --port 8080 --run runs/lenet5"),
        "studio": ("tenfold studio", "tenfold studio --runs experiments --network mine.py"),
        "users": ("tenfold users add anna", "tenfold users set anna --minutes 120", "tenfold users list"),
        "trials": ("tenfold trials lenet5", "tenfold trials nn1l nn2l --seeds 0-9 --on slurm"),
        "tune": ("tenfold tune lenet5", "tenfold tune nn2l --trials 40"),
        "verify": ("tenfold verify lenet5", "tenfold verify nn2l --at-least 0.97"),
        "speedrun": ("tenfold speedrun", "tenfold speedrun 99", "tenfold speedrun 97 98 --seeds 0-9"),
        "check": ("tenfold check",),
        "doctor": ("tenfold doctor", "tenfold doctor --json"),
        "help": ("tenfold help", "tenfold help train"),
    }
)
"""Command -> what somebody may type, the plainest first."""


def epilogue(command: str) -> str:
    """Return the end of a command's help."""
    return "\n".join(["Examples:", *(f"  {line}" for line in EXAMPLES[command])])
