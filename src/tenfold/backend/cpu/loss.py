"""The losses: mean loss in nats or squares, and the gradient that starts the backward pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.backend.cpu import opcodes
from tenfold.backend.cpu.compilation import kernel, linked
from tenfold.backend.cpu.views import doubles, floats, integers


@kernel
def _cross_entropy(outputs: Any, slopes: Any, largest: float, label: int, smoothing: float, n: int) -> float:
    """``-sum of target * log softmax``; its gradient is ``(softmax - target) / n``."""
    k = outputs.shape[0]
    total, outputs_sum = 0.0, 0.0
    for j in range(k):
        slopes[j] = math.exp(outputs[j] - largest)
        total += slopes[j]
        outputs_sum += outputs[j]
    for j in range(k):
        target = smoothing / k + (1 - smoothing if j == label else 0.0)
        slopes[j] = np.float32((slopes[j] / total - target) / n)
    return (math.log(total) + largest - (1 - smoothing) * outputs[label] - smoothing * outputs_sum / k) / n


@kernel
def _open_set(outputs: Any, slopes: Any, largest: float, label: int, n: int) -> float:
    """``-log softmax`` with one logit more, which is 0; label k stands for that one."""
    k = outputs.shape[0]
    top = max(largest, 0.0)
    total = math.exp(-top)
    for j in range(k):
        slopes[j] = math.exp(outputs[j] - top)
        total += slopes[j]
    for j in range(k):
        slopes[j] = np.float32((slopes[j] / total - (1.0 if j == label else 0.0)) / n)
    return (math.log(total) + top - (outputs[label] if label < k else 0.0)) / n


@kernel
def _squared_error(outputs: Any, slopes: Any, label: int, n: int) -> float:
    """The mean of ``(output - target) ** 2`` over all k outputs."""
    k = outputs.shape[0]
    cost = 0.0
    for j in range(k):
        distance = outputs[j] - (1.0 if j == label else 0.0)
        slopes[j] = np.float32(2 * distance / (n * k))
        cost += distance * distance
    return cost / (n * k)


@linked
def loss(
    kind: int, smoothing: float, x: int, dx: int, k: int, labels_at: int, weights_at: int, m: int, n: int,
    tally_at: int,
) -> None:  # fmt: skip
    """Add the loss of m images, over n, and how many are right to the tally; write dx (m, k).

    Without weights, ``weights_at`` is 0.
    """
    labels, tally = integers(labels_at, m), doubles(tally_at, 2)
    for i in range(m):
        outputs, slopes = floats(x + 4 * i * k, k), floats(dx + 4 * i * k, k)
        largest, best = outputs[0], 0
        for j in range(1, k):
            if outputs[j] > largest:
                largest, best = outputs[j], j
        if kind == opcodes.OPEN_SET and largest < 0:
            best = k
        tally[1] += best == labels[i]
        if kind == opcodes.CROSS_ENTROPY:
            value = _cross_entropy(outputs, slopes, largest, labels[i], smoothing, n)
        elif kind == opcodes.OPEN_SET:
            value = _open_set(outputs, slopes, largest, labels[i], n)
        else:
            value = _squared_error(outputs, slopes, labels[i], n)
        if weights_at != 0:
            weight = doubles(weights_at + 8 * i, 1)[0]
            value *= weight
            for j in range(k):
                slopes[j] = np.float32(slopes[j] * weight)
        tally[0] += value
