"""What is imported only once is no part of the seconds that a classical model is said to take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tenfold.data import Dataset
from tenfold.zoo import ENTRIES, ClassicalModel, build

# A process of its own for each takes seconds: one of them in the fast suite.
CLASSICAL = [
    pytest.param(name, marks=() if name == "knn" else pytest.mark.slow)
    for name in ENTRIES
    if isinstance(build(name), ClassicalModel)
]
# Notes which modules there are whenever the clock is read; prints those that came while it ran.
WATCHED = """
import sys
import numpy as np
from tenfold.data import Dataset
from tenfold.evaluate import evaluation
from tenfold.zoo import build, classical, load_model

def watch(module):
    real, loaded = module.perf_counter, []
    def clock():
        loaded.append(set(sys.modules))
        return real()
    module.perf_counter = clock
    return loaded

images = np.random.default_rng(0).integers(0, 256, (60, 28, 28), np.uint8)
if sys.argv[1] == "fit":
    loaded = watch(classical)
    build(sys.argv[2]).fit(Dataset(images, np.arange(60) % 10, "noise"))
else:
    model, loaded = load_model(sys.argv[2]), watch(evaluation)
    evaluation.timed(model.predict_proba, images)
assert len(loaded) == 2, len(loaded)
print(sorted(loaded[1] - loaded[0]))
"""


def came_while_it_ran(what: str, which: str) -> str:
    command = [sys.executable, "-W", "error", "-c", WATCHED, what, which]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.strip()


@pytest.mark.parametrize("name", CLASSICAL)
def test_nothing_is_imported_while_training_is_timed(name: str) -> None:
    assert came_while_it_ran("fit", name) == "[]"


@pytest.mark.parametrize("name", CLASSICAL)
def test_nothing_is_imported_while_prediction_is_timed(name: str, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (60, 28, 28), np.uint8)
    model = build(name)
    model.fit(Dataset(images, np.arange(60) % 10, "noise"))
    assert came_while_it_ran("predict", str(model.save(tmp_path / "model"))) == "[]"
