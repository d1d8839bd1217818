"""A report's folder, with everything and with little, also where there is no display and no UTF-8."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tenfold.evaluate import Run, reproduce_command, write_report


def test_a_full_report(tmp_path, make, history):
    case = make("digit absent", n=40, run=Run("lenet5 ü", "honest", 0))
    path = write_report(
        case.evaluation,
        *case.arrays,
        title="→ LeNet",
        out=tmp_path / "runs" / "one",
        history=history,
        weight=np.ones((5, 5, 1, 2)),
        means=np.zeros((10, 28, 28)),
    )
    folder = path.parent
    assert path == tmp_path / "runs" / "one" / "report.html"
    pictures = {file.stem: file for file in (folder / "figures").iterdir()}
    assert set(pictures) == {
        *(
            "samples",
            "digits",
            "confusion",
            "reliability",
            "errors",
            "errors-4-9",
            "error-shares",
            "right",
            "uncertain",
            "training",
            "means",
            "filters",
        )
    }
    for file in pictures.values():
        with Image.open(file) as image:
            image.verify()
    assert {file.name for file in folder.iterdir()} == {
        "report.html",
        "evaluation.json",
        "errors.csv",
        "figures",
    }
    assert (folder / "evaluation.json").read_text("ascii") == case.evaluation.to_json()
    assert "→ LeNet" in path.read_text("utf-8")


SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from types import SimpleNamespace
from tenfold.evaluate import Run, evaluate, summary_lines, write_report
labels = np.arange(20) % 10
data = SimpleNamespace(images=np.full((20, 28, 28), 9, np.uint8), labels=labels, name="mnist-5k")
p = np.eye(10)[labels]
evaluation = evaluate(p, data, Run("knn"))
for line in summary_lines(evaluation):
    print(line)
write_report(evaluation, data.images, labels, p, title="\\u2192 \\ud800", out=Path(sys.argv[1]))
print(sorted(name for name in sys.modules if name in ("matplotlib.pyplot", "tkinter", "torch", "numba")))
"""


@pytest.mark.fault("trials and reports", "there is no display and no UTF-8", "the report is complete")
def test_a_classical_model_that_is_always_right_without_display_or_utf8(tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "LANG", "MPLBACKEND")
    }
    environment |= {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "latin-1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path / "run")],
        env=environment, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("latin-1")
    lines = done.stdout.decode("ascii").splitlines()
    assert lines[0] == "knn on mnist-5k, 20 images (test)"
    assert lines[-1] == "[]"
    page = (tmp_path / "run" / "report.html").read_bytes().decode("utf-8")
    assert "every image was read correctly" in page
    assert "→ &#55296;" in page
    assert not (tmp_path / "run" / "figures" / "training.png").exists()


def test_importing_evaluate_draws_nothing_in():
    heavy = ("matplotlib", "PIL", "torch", "sklearn", "numba")
    code = f"import sys, tenfold.evaluate; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.fault("trials and reports", "a report fails half way", "the old report is kept")
def test_a_failed_report_leaves_the_old_one(tmp_path, typical, monkeypatch):
    (tmp_path / "report.html").write_text("old")
    (tmp_path / "figures").mkdir()
    monkeypatch.setattr("tenfold.evaluate.report._drawings", lambda material: {})

    def fail(material):
        raise OSError("no space left")

    monkeypatch.setattr("tenfold.evaluate.report.report_document", fail)
    with pytest.raises(OSError, match="no space left"):
        write_report(typical.evaluation, *typical.arrays, title="new", out=tmp_path)
    assert (tmp_path / "report.html").read_text() == "old"


@pytest.mark.parametrize(
    ("run", "want"),
    [
        (
            Run("lenet5", "honest", 0, epochs=20),
            "tenfold train lenet5 --data made-up --epochs 20 --seed 0 --protocol honest",
        ),
        (Run("knn"), "tenfold train knn --data made-up"),
        (Run("a; rm -rf b"), "tenfold train 'a; rm -rf b' --data made-up"),
    ],
)
def test_command_that_repeats_a_run(typical, run, want):
    assert reproduce_command(replace(typical.evaluation, run=run)) == want


def test_command_of_a_run_that_went_on_from_another(typical):
    evaluation = replace(typical.evaluation, run=Run("lenet5", seed=1))
    assert (
        reproduce_command(evaluation, data="my digits", start="runs/lenet5")
        == "tenfold train lenet5 --data 'my digits' --from runs/lenet5 --seed 1"
    )
