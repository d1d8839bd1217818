"""A network in a file of the user's own goes the same way as ours."""

from __future__ import annotations

import subprocess
import sys

OWN = """
from tenfold.nn import Dense, Flatten, Sequential, Tanh


def build():
    layers = {"flatten": Flatten(), "fc1": Dense(784, 12), "tanh": Tanh(), "fc2": Dense(12, 10)}
    return Sequential(layers, (28, 28, 1))
"""


def test_it_is_offered_trained_and_asked(new_studio, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(OWN, encoding="utf-8")
    with new_studio(tmp_path / "runs", "--network", str(file)) as studio:
        assert studio.get("/api/choices")["networks"][0]["name"] == "mine"
        assert studio.get("/api/networks/mine")["widths"] == {"fc1": 12}
        name = studio.start("mine", epochs=2, change={"widths": {"fc1": 9}, "activation": "relu"})
        events = studio.follow(name)
        assert events[-1] == {"kind": "over", "error": None}
        [plan] = [event for event in events if event["kind"] == "plan"]
        assert [layer["kind"] for layer in plan["layers"]] == ["flatten", "dense", "relu", "dense"]
        assert plan["parameters"] == 784 * 9 + 9 + 9 * 10 + 10
        assert name in studio.get("/api/readers")["runs"]


def test_a_file_that_cannot_be_used_is_an_error_at_the_start(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("build = 3", encoding="utf-8")
    command = [sys.executable, "-m", "tenfold", "studio", "--port", "0", "--runs", str(tmp_path / "runs")]
    command += ["--network", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert str(file) in done.stderr
    assert not (tmp_path / "runs").exists()
