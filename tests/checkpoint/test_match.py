"""Another network's weights are recognised as such."""

import numpy as np
import pytest

from tenfold.checkpoint import match_tensors
from tenfold.errors import CheckpointError

EXPECTED = {"fc.weight": ((2, 3), "float32"), "fc.bias": ((3,), "float32")}


def tensors(**changes):
    arrays = {"fc.weight": np.ones((2, 3), np.float32), "fc.bias": np.zeros(3, np.float32)}
    arrays.update({name.replace("_", "."): array for name, array in changes.items()})
    return {name: array for name, array in arrays.items() if array is not None}


REFUSED = {
    "missing": (tensors(fc_bias=None), "expected tensor 'fc.bias', found none"),
    "extra": (tensors(bn_mean=np.zeros(1, np.float32)), "expected no tensor 'bn.mean', found one"),
    "shape": (tensors(fc_weight=np.ones((3, 2), np.float32)), r"expected shape \(2, 3\), got \(3, 2\)"),
    "dtype": (tensors(fc_bias=np.zeros(3)), "'fc.bias': expected float32, got float64"),
    "NaN": (tensors(fc_bias=np.array([0, np.nan, 0], np.float32)), "'fc.bias': expected finite numbers"),
    "infinity": (
        tensors(fc_bias=np.array([0, 0, -np.inf], np.float32)),
        "'fc.bias': expected finite numbers",
    ),
}


@pytest.mark.fault(
    "checkpoints",
    "a tensor is missing, added, of another shape or dtype, NaN or infinite",
    "rejected, with the tensor's name",
)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    found, message = REFUSED[name]
    match_tensors(tensors(), EXPECTED, where="weights.safetensors")  # the network's own pass
    with pytest.raises(CheckpointError, match=message) as refused:
        match_tensors(found, EXPECTED, where="weights.safetensors")
    assert str(refused.value).startswith("weights.safetensors")
