"""The GPUs that a network can be trained on."""

from __future__ import annotations

from collections.abc import Iterator

from tenfold.backend.devices import CUDA, gpus, why_no_gpu
from tenfold.doctor.check_result import Check, Notify, State


def examine(notify: Notify) -> Iterator[Check]:
    """Name the GPUs that PyTorch can use, or say why there is none."""
    there = gpus()
    if not there:
        why, advice = why_no_gpu()
        found = f"the processor alone: {why}"
        yield Check("devices", State.note, found, f"nothing needs a GPU; to use one, {advice}")
    for number, name in enumerate(there):
        yield Check("devices", State.ok, f"{CUDA}:{number}: {name}, for tenfold train --device cuda")
