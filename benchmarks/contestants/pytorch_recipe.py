"""PyTorch trains a network by one of our recipes: as `pytorch`, with the recipe's rates and augmentation.

It begins with the same weights as our engine, and gets the same images in the same order. What it is given
for nothing, outside of its clock: the orders of the images, the rates, the altered images of the
augmentation as tensors. So its seconds are those of the steps alone.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch import twin
from serve import Digits, Job, answer_commands
from torch.nn.functional import cross_entropy

from tenfold.optim import Adam
from tenfold.train import Recipe, generator
from tenfold.train.augmentation import augment
from tenfold.train.epoch_plan import EpochPlan

WARM_UP, TIMED = 5, 20  # steps, to compare the ways
AT_ONCE = 1000  # test images
ONE_THREAD = 1  # for the augmentation: a second pool of threads would slow the steps


class Trained:
    """One training: a network, a recipe, a seed."""

    def __init__(self, digits: Digits, job: Job, recipe: Recipe, seed: int) -> None:
        torch.set_num_threads(job.threads)
        torch.manual_seed(seed)
        self.digits, self.recipe, self.seed = digits, recipe, seed
        self.layout = torch.channels_last if job.way == "channels last" else torch.contiguous_format
        self.model = twin(job).to(memory_format=self.layout).train()
        self.optimizer = _optimizer(recipe, self.model)
        self.smoothing = recipe.loss.config().get("label_smoothing", 0.0)
        self.labels = torch.from_numpy(digits.labels)
        self.images = None if recipe.augmentation is not None else self.tensor(digits.floats)
        self.window = recipe.window() if recipe.averages else 0
        self.sums: dict[str, torch.Tensor] = {}

    def tensor(self, images: np.ndarray) -> torch.Tensor:
        """Return float images (n, h, w, c) as PyTorch wants them, (n, c, h, w)."""
        return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=self.layout)

    def epoch(self, epoch: int) -> float:
        """Train an epoch; return the seconds of its steps."""
        plan = EpochPlan.of(self.recipe, len(self.digits.labels), self.seed, epoch)
        seconds = sum(self.steps(plan, *part) for part in self.parts(plan, epoch))
        began = time.perf_counter()
        if epoch >= self.recipe.epochs - self.window:
            for name, array in self.model.state_dict().items():
                self.sums[name] = self.sums.get(name, 0) + array.detach().clone()
        return seconds + time.perf_counter() - began

    def parts(
        self, plan: EpochPlan, epoch: int
    ) -> Iterator[tuple[range, torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Yield steps with their images, labels and order: all at once, or altered chunk by chunk."""
        if self.images is not None:
            yield range(plan.steps), self.images, self.labels, torch.from_numpy(plan.order)
            return
        rng = generator(self.seed, epoch, "augmentation")
        for steps in plan.chunks():
            chosen = plan.images(steps)
            images, labels = self.digits.images[chosen], self.digits.labels[chosen]
            altered, labels = augment(self.recipe.augmentation, images, labels, rng, ONE_THREAD)
            yield steps, self.tensor(altered), torch.from_numpy(labels), torch.arange(len(chosen))

    def steps(
        self, plan: EpochPlan, steps: range, images: torch.Tensor, labels: torch.Tensor, order: torch.Tensor
    ) -> float:
        """Take some steps; return the seconds."""
        rates = plan.rates(steps, 1.0).tolist()
        began = time.perf_counter()
        for index, rate in zip(order.split(plan.batch_size), rates, strict=True):
            self.optimizer.param_groups[0]["lr"] = rate
            loss = cross_entropy(self.model(images[index]), labels[index], label_smoothing=self.smoothing)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        return time.perf_counter() - began

    def finish(self) -> float:
        """Give the network the mean of the weights, if the recipe takes one; return the seconds."""
        began = time.perf_counter()
        if self.sums:
            mean = {name: array / self.window for name, array in self.sums.items()}
            self.model.load_state_dict(mean)
        return time.perf_counter() - began

    def answers(self) -> list[int]:
        """Return the digit of each test image."""
        self.model.eval()
        with torch.inference_mode():
            parts = self.tensor(self.digits.test_floats).split(AT_ONCE)
            return torch.cat([self.model(part).argmax(dim=1) for part in parts]).tolist()


def _optimizer(recipe: Recipe, model: torch.nn.Module) -> torch.optim.Optimizer:
    """Return the recipe's optimiser, fused."""
    ours = recipe.optimizer
    if not isinstance(ours, Adam):
        raise ValueError(f"expected Adam, got {ours!r}; add it here")
    options: dict[str, Any] = {"betas": (ours.beta1, ours.beta2), "eps": ours.eps}
    rate, decay = ours.learning_rate, ours.weight_decay
    return torch.optim.AdamW(model.parameters(), rate, weight_decay=decay, fused=True, **options)


class Server:
    """Carries out commands: a training is begun, taken epoch by epoch, and ended."""

    def __init__(self, digits: Digits) -> None:
        self.digits = digits
        self.training: Trained | None = None

    def begin(self, folder: str, recipe: dict[str, Any], seed: int, threads: int, way: str) -> dict[str, Any]:
        found = Recipe.from_config(recipe)
        job = Job.load(Path(folder), found.batch_size_at(0), threads, way)
        began = time.perf_counter()
        self.training = Trained(self.digits, job, found, seed)
        return {"seconds": time.perf_counter() - began}

    def try_out(self) -> dict[str, Any]:
        """Return the seconds of some steps, after some others."""
        training = self.training
        plan = EpochPlan.of(training.recipe, len(self.digits.labels), training.seed, 0)
        steps = range(min(WARM_UP + TIMED, plan.steps))
        images = training.tensor(self.digits.floats[plan.images(steps)])
        labels = torch.from_numpy(self.digits.labels[plan.images(steps)])
        order = torch.arange(len(labels))
        before = min(WARM_UP, len(steps) - 1)
        cut = before * plan.batch_size
        training.steps(plan, steps[:before], images, labels, order[:cut])
        return {"seconds": training.steps(plan, steps[before:], images, labels, order[cut:])}

    def epoch(self, epoch: int) -> dict[str, Any]:
        return {"seconds": self.training.epoch(epoch)}

    def finish(self) -> dict[str, Any]:
        return {"seconds": self.training.finish(), "answers": self.training.answers()}


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_flush_denormal(True)
    answer_commands(Server, {"torch": torch.__version__})
