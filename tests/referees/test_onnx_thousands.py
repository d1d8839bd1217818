"""A thousand images by exported networks with convolutions: what is too slow for every run of the tests.

ONNX's reference needs minutes for a thousand images of the larger ones: it gets the smaller, the others are
computed by ONNX Runtime alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tenfold import as_float, export_onnx, load_corpus
from tenfold.nn import SoftmaxCrossEntropy
from tenfold.optim import SGD
from tenfold.train import executor_for
from tenfold.zoo import build

onnx = pytest.importorskip("onnx", reason="the extra 'onnx' is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is the referee")
OUTPUTS = ["logits", "probabilities"]


@pytest.mark.parametrize(
    ("name", "referee"),
    [
        *((name, "runtime") for name in ("cnn-ref", "keras-lenet", "scratch-11", "scratch-12", "ghouzam")),
        *((name, "runtime") for name in ("scratch-wide", "deotte", "an-m3", "an-m5", "an-m7")),
        *((name, "runtime") for name in ("simplenet-slim", "record")),
        *((name, "reference") for name in ("lenet5", "scratch-09", "scratch-10")),
    ],
)
def test_a_thousand_images(name: str, referee: str, tmp_path: Path) -> None:
    from onnx.reference import ReferenceEvaluator

    model = build(name)
    model.network.initialise(1)
    path = export_onnx(model, tmp_path / "zoo.onnx")
    if referee == "runtime":
        run = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run
    else:
        run = ReferenceEvaluator(onnx.load(path)).run
    images = as_float(load_corpus("mnist-5k").test.images)  # (1000, 28, 28, 1)
    logits = executor_for(model.network, SoftmaxCrossEntropy(), SGD(0.1)).logits(images)
    found = run(OUTPUTS, {"images": images})
    for what, got, want in zip(OUTPUTS, found, (logits, model.predict_proba(images)), strict=True):
        assert got.shape == (1000, 10)
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5, err_msg=what)
