"""The losses: mean cost in nats or squares, and the gradient that starts the way back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tenfold.backend.cpu.compilation import kernel
from tenfold.backend.cpu import opcodes


@kernel
def loss(
    kind: int, smoothing: float, memory: Any, x: int, dx: int, k: int, labels: Any, n: int, tally: Any
) -> None:
    """Add the block's cost, over n, and its right answers to the tally; write dx (m, k)."""
    for i in range(labels.shape[0]):
        outputs, slopes = memory[x + i * k : x + (i + 1) * k], memory[dx + i * k : dx + (i + 1) * k]
        largest = outputs[0]
        best = 0
        for j in range(1, k):
            if outputs[j] > largest:
                largest, best = outputs[j], j
        tally[1] += best == labels[i]
        if kind == opcodes.CROSS_ENTROPY:
            tally[0] += _cross_entropy(outputs, slopes, largest, labels[i], smoothing, n)
        else:
            tally[0] += _squared_error(outputs, slopes, labels[i], n)


@kernel
def _cross_entropy(outputs: Any, slopes: Any, largest: float, label: int, smoothing: float, n: int) -> float:
    """``-sum of target * log softmax``; its gradient is ``(softmax - target) / n``."""
    k = outputs.shape[0]
    total = 0.0
    mean = 0.0
    for j in range(k):
        slopes[j] = math.exp(outputs[j] - largest)
        total += slopes[j]
        mean += outputs[j]
    for j in range(k):
        target = smoothing / k + (1 - smoothing if j == label else 0.0)
        slopes[j] = np.float32((slopes[j] / total - target) / n)
    log_total = math.log(total) + largest
    return (log_total - (1 - smoothing) * outputs[label] - smoothing * mean / k) / n


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
