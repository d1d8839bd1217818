"""PyTorch in its fastest configuration: fused AdamW, all images as one tensor in memory, float32.

The ways: ``NCHW`` and ``channels last`` are the two orders of channels in memory, run eagerly
(``eager`` where there is but one); ``compiled`` is `torch.compile` on the second, which is the order
that its compiler wants on a CPU.
Numbers below 1e-38 are treated as 0, as in our engine.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch
from channels_first import channels_first, pads
from serve import LEARNING_RATE, WEIGHT_DECAY, Digits, Job, serve
from torch import nn
from torch.nn.functional import cross_entropy


class PyTorch:
    """A network as PyTorch users write it."""

    def __init__(self, job: Job, digits: Digits) -> None:
        torch.manual_seed(0)
        layout = torch.contiguous_format if job.way in ("NCHW", "eager") else torch.channels_last
        self.model = twin(job).to(memory_format=layout)
        parameters = self.model.parameters()
        self.optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
        self.images, self.test = (
            torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout)
            for images in (digits.floats, digits.test_floats)
        )  # (n, 1, 28, 28)
        self.labels = torch.from_numpy(digits.labels)
        self.minibatch, self.threads = job.minibatch, job.threads
        compiled = job.way == "compiled"
        self.loss = torch.compile(self._loss, dynamic=False) if compiled else self._loss
        self.infer = torch.compile(self.model, dynamic=False) if compiled else self.model

    def _loss(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self.model(images), labels)

    def train(self, order: np.ndarray) -> None:
        torch.set_num_threads(self.threads)
        self.model.train()
        for index in torch.from_numpy(order).split(self.minibatch):
            loss = self.loss(self.images[index], self.labels[index])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()

    def predict(self, n: int, batch: int) -> torch.Tensor:
        torch.set_num_threads(self.threads)
        self.model.eval()
        with torch.inference_mode():
            return torch.cat([self.infer(images) for images in self.test[:n].split(batch)])

    def predict_one(self, i: int) -> None:
        with torch.inference_mode():
            self.infer(self.test[i : i + 1])


def twin(job: Job) -> nn.Sequential:
    """Return the same network with the same weights, for images (n, c, h, w)."""
    weights, modules = channels_first(job), []
    for layer in job.layers:
        made = module(layer)
        modules.append(made)
        if layer["kind"] in ("conv2d", "dense"):
            weight = weights[f"{layer['name']}.weight"]
            weight = weight.T if layer["kind"] == "dense" else weight
            bias = weights[f"{layer['name']}.bias"]
            made.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    return nn.Sequential(*modules)


def module(layer: dict) -> nn.Module:
    """Return one layer."""
    options = layer["config"]
    match layer["kind"]:
        case "dense":
            return nn.Linear(options["c_in"], options["c_out"])
        case "conv2d":
            sizes = options["kernel"], options["stride"], pads(layer)
            return nn.Conv2d(options["c_in"], options["c_out"], *sizes)
        case "max_pool2d":
            return nn.MaxPool2d(options["size"], options["stride"])
        case "avg_pool2d":
            return nn.AvgPool2d(options["size"], options["stride"])
        case "flatten":
            return nn.Flatten()
        case "relu":
            return nn.ReLU(inplace=True)
        case "dropout":
            return nn.Dropout(options["rate"])
        case "batch_norm":
            kind = nn.BatchNorm2d if len(layer["output_shape"]) == 3 else nn.BatchNorm1d
            return kind(options["c"], options["eps"], 1 - options["momentum"])
    raise ValueError(f"expected a layer that is timed, got {layer['kind']!r}; add it here")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")  # of the compiler, on what it does not need here
    torch.set_flush_denormal(True)
    serve(PyTorch, {"torch": torch.__version__})
