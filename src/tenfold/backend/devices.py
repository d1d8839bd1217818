"""Where a network computes: on the processor, or on a GPU through PyTorch's arrays.

The arrays decide, so a device is given as an empty array that lies there.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import array_api_compat
import numpy as np

from tenfold.backend.arrays import Array
from tenfold.errors import ConfigError
from tenfold.quoting import message, quoted

CPU, CUDA, TORCH, AUTO = "cpu", "cuda", "torch", "auto"
NAMES = f"{CPU}, {CUDA}, {CUDA}:N or {AUTO}"
_INSTALL = "install PyTorch for your GPU: https://pytorch.org/get-started/locally"


def gpus() -> list[str]:
    """Return the names of the GPUs that PyTorch can use; none without PyTorch."""
    torch = _torch()
    if isinstance(torch, str) or not torch.cuda.is_available():
        return []
    return [str(torch.cuda.get_device_name(n)) for n in range(torch.cuda.device_count())]


def why_no_gpu() -> tuple[str, str]:
    """Return why no GPU can be used, and what to do about it."""
    torch = _torch()
    if isinstance(torch, str):
        return torch, _INSTALL
    if not torch.backends.cuda.is_built():
        return f"PyTorch {torch.__version__} is made for the processor alone", _INSTALL
    return f"PyTorch {torch.__version__} finds no GPU", "look with nvidia-smi whether the driver works"


def place(device: str | Array) -> Array:
    """Return an empty array on a device.

    Parameters
    ----------
    device : str or array
        ``"cpu"``: NumPy's arrays, and compiled code. ``"cuda"``, ``"cuda:1"``: PyTorch's arrays on a GPU,
        also one of AMD's. ``"auto"``: a GPU if there is one, otherwise the processor. ``"torch"``: PyTorch's
        arrays on the processor, to compare with. Or any array, for its library and device.

    Raises
    ------
    ConfigError
        If there is no such device; the message says what there is.
    """
    if array_api_compat.is_array_api_obj(device):
        xp = array_api_compat.array_namespace(device)
        return xp.zeros((0,), dtype=xp.float32, device=array_api_compat.device(device))
    kind, _, number = device.partition(":") if isinstance(device, str) else ("", "", "")
    if device == CPU or (device == AUTO and not gpus()):
        return np.zeros(0, np.float32)
    if device == TORCH:
        return _on_torch("cpu")
    if device == AUTO or (kind == CUDA and (device == CUDA or number.isdecimal())):
        return _on_gpu(int(number or 0))
    raise ConfigError(f"device: expected {NAMES}, got {quoted(device)}; choose one of them")


def in_words(array: Array) -> str | None:
    """Return what computes with an array, as ``"cuda:0 (NVIDIA A100), PyTorch 2.13.0"``; None for NumPy's."""
    if isinstance(array, np.ndarray):
        return None
    library = type(array).__module__.partition(".")[0]
    version = getattr(importlib.import_module(library), "__version__", "")
    device = str(array_api_compat.device(array))
    if library == "torch" and device.startswith(CUDA):
        device += f" ({_torch().cuda.get_device_name(array.device)})"
    return f"{device}, {'PyTorch' if library == 'torch' else library} {version}"


def found(device: str) -> str:
    """Say which device a name stands for here, and why ``"auto"`` does not stand for a GPU."""
    there = in_words(place(device))
    if there is not None:
        return f"device: {there}"
    if device == CPU:
        return "device: the processor, with compiled code"
    why, advice = why_no_gpu()
    return f"device: the processor, with compiled code, for {why}; to use a GPU, {advice}"


def _on_gpu(number: int) -> Array:
    there = gpus()
    if not there:
        why, advice = why_no_gpu()
        raise ConfigError(f"device: expected a GPU, but {why}; there is: cpu; {advice}, or use cpu")
    if number >= len(there):
        listed = ", ".join(f"{CUDA}:{n} ({name})" for n, name in enumerate(there))
        raise ConfigError(f"device: expected one that there is, got {CUDA}:{number}; there is: cpu, {listed}")
    return _on_torch(f"{CUDA}:{number}")


def _on_torch(device: str) -> Array:
    torch = _torch()
    if isinstance(torch, str):
        raise ConfigError(f"device: expected PyTorch, but {torch}; there is: cpu; pip install torch")
    return torch.zeros(0, device=device)


def _torch() -> Any:
    """Return PyTorch, or why it cannot be used."""
    if importlib.util.find_spec("torch") is None:
        return "PyTorch is not installed"
    try:
        return importlib.import_module("torch")
    except (ImportError, OSError) as error:  # a library of CUDA's is missing
        return f"PyTorch cannot be imported ({message(error)})"
