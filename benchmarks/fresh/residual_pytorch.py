"""The same as `residual` in PyTorch, channels last, with fused AdamW."""

import json
import sys
import time

import torch
from torch import nn

rounds, minibatch, threads = map(int, sys.argv[1:])
N = 8 * minibatch


def normed(c: int, width: int, kernel: int, stride: int) -> nn.Sequential:
    """Return a convolution and its normalisation."""
    return nn.Sequential(nn.Conv2d(c, width, kernel, stride, kernel // 2), nn.BatchNorm2d(width))


class Block(nn.Module):
    """Two convolutions, and their shortcut."""

    def __init__(self, c: int, width: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = normed(c, width, 3, stride), normed(width, width, 3, 1)
        self.shortcut = nn.Identity() if stride == 1 else normed(c, width, 1, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.second(self.relu(self.first(x))) + self.shortcut(x))


torch.manual_seed(0)
torch.set_num_threads(threads)
torch.set_flush_denormal(True)
layout = torch.channels_last
model = nn.Sequential(
    normed(3, 16, 3, 1), nn.ReLU(inplace=True), Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
).to(memory_format=layout)  # fmt: skip
images, labels = torch.rand(2048, 3, 32, 32).contiguous(memory_format=layout), torch.arange(2048) % 10
optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.01, fused=True)
seconds = []
for _ in range(rounds + 1):
    order, start = torch.randperm(2048)[:N], time.perf_counter()
    for index in order.split(minibatch):
        loss = nn.functional.cross_entropy(model(images[index]), labels[index])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    seconds.append((time.perf_counter() - start) / N)
print(json.dumps(seconds[1:]))
