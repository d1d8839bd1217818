"""What a device's name stands for, with and without PyTorch and a GPU."""

import sys
from types import SimpleNamespace

import array_api_strict as strict
import numpy as np
import pytest

from tenfold.backend import devices
from tenfold.errors import ConfigError
from tenfold.nn import Dense, Sequential


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(devices, "_torch", lambda: "PyTorch is not installed")


def with_torch(monkeypatch, *, built, names):
    cuda = SimpleNamespace(
        is_available=lambda: bool(names), device_count=lambda: len(names), get_device_name=lambda n: names[n]
    )
    backends = SimpleNamespace(cuda=SimpleNamespace(is_built=lambda: built))
    made = {"cuda": cuda, "backends": backends, "__version__": "9.9", "zeros": lambda *_, device: device}
    monkeypatch.setattr(devices, "_torch", lambda: SimpleNamespace(**made))


def test_the_processor_needs_no_torch(no_torch):
    for name in ("cpu", "auto"):
        assert isinstance(devices.place(name), np.ndarray)
    assert devices.found("cpu") == "device: the processor, with compiled code"
    assert devices.found("auto") == (
        "device: the processor, with compiled code, for PyTorch is not installed; to use a GPU, "
        "install PyTorch for your GPU: https://pytorch.org/get-started/locally"
    )


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_without_torch_a_gpu_is_refused(no_torch, name):
    with pytest.raises(
        ConfigError, match=r"expected a GPU, but PyTorch is not installed; there is: cpu; inst"
    ):
        devices.place(name)
    with pytest.raises(ConfigError, match="pip install torch"):
        devices.place("torch")


@pytest.mark.parametrize(
    ("built", "said"),
    [
        (False, "is made for the processor alone; there is: cpu; install"),
        (True, "finds no GPU; .* nvidia-smi"),
    ],
)
def test_torch_without_a_gpu_says_why(monkeypatch, built, said):
    with_torch(monkeypatch, built=built, names=[])
    with pytest.raises(ConfigError, match=f"PyTorch 9.9 {said}"):
        devices.place("cuda")


def test_a_gpu_is_taken_by_its_number(monkeypatch):
    with_torch(monkeypatch, built=True, names=["A", "B"])
    assert devices.gpus() == ["A", "B"]
    assert [devices.place(name) for name in ("auto", "cuda", "cuda:1")] == ["cuda:0", "cuda:0", "cuda:1"]
    with pytest.raises(ConfigError, match=r"got cuda:2; there is: cpu, cuda:0 \(A\), cuda:1 \(B\)"):
        devices.place("cuda:2")


@pytest.mark.parametrize("name", ["tpu", "cuda:", "cuda:x", "cpu:1", "", 3, None])
def test_other_names_are_refused(name):
    with pytest.raises(ConfigError, match="expected cpu, cuda, cuda:N or auto, got"):
        devices.place(name)


def test_a_library_that_cannot_be_imported_is_said(monkeypatch):
    monkeypatch.setattr(devices.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of it fails
    assert devices.gpus() == []
    assert devices.why_no_gpu()[0].startswith("PyTorch cannot be imported (")


def network():
    return Sequential({"fc": Dense(3, 2)}, input_shape=(3,))


def test_a_network_goes_beside_an_array_and_is_initialised_there():
    moved, own = network().to(strict.zeros(1)), network()
    for one in (moved, own):
        one.initialise(0)
    assert all(isinstance(array, type(strict.zeros(1))) for array in moved.params.values())
    moved.initialise(1)
    own.initialise(1)
    assert all(isinstance(array, type(strict.zeros(1))) for array in moved.params.values())
    moved.to("cpu")
    for name, array in own.params.items():
        np.testing.assert_array_equal(moved.params[name], array)
    moved.initialise(2)
    assert all(isinstance(array, np.ndarray) for array in moved.params.values())
