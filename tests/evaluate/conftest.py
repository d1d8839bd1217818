"""Predictors of many kinds, judged: what reports and figures must be able to show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import numpy as np
import pytest

from tenfold.evaluate import Evaluation, Run, evaluate

KINDS = ["typical", "all right", "all wrong", "digit absent", "hard votes", "one image", "knows nothing"]


@dataclass(frozen=True)
class Digits:
    images: np.ndarray
    labels: np.ndarray
    name: str = "made-up"


@dataclass(frozen=True)
class Case:
    data: Digits
    probabilities: np.ndarray
    evaluation: Evaluation

    @property
    def arrays(self):
        return self.data.images, self.data.labels, self.probabilities


def judged(
    kind: str, *, n: int = 120, name: str = "made-up", run: Run | None = None, split: str = "test"
) -> Case:
    """Digits that are squares of their size, and what a predictor of some kind says of them."""
    rng = np.random.default_rng(3)
    labels = np.arange(n) % 10
    if kind == "digit absent":
        labels = np.where(np.isin(labels, [4, 6]), 9, labels)
    if kind == "one image":
        labels = labels[7:8]
    images = np.zeros((len(labels), 28, 28), dtype=np.uint8)
    for i, label in enumerate(labels):
        images[i, 4 : 8 + 2 * label, 4 : 8 + 2 * label] = 200
    logits = rng.standard_normal((len(labels), 10))
    logits[np.arange(len(labels)), labels] += 2.5
    p = np.exp(logits)
    p /= p.sum(axis=1, keepdims=True)
    exact = {
        "all right": np.eye(10)[labels],
        "all wrong": np.eye(10)[(labels + 5) % 10],
        "hard votes": np.eye(10)[p.argmax(axis=1)],
        "knows nothing": np.full_like(p, 0.1),
    }
    p = exact.get(kind, p)
    data = Digits(images, labels, name)
    return Case(data, p, evaluate(p, data, run or Run("lenet5", "honest", 0), split=split))


@pytest.fixture(params=KINDS)
def case(request):
    return judged(request.param)


@pytest.fixture(scope="session")
def make():
    return judged


@pytest.fixture(scope="session")
def typical():
    return judged("typical")


HISTORY = [
    {
        "epoch": 1,
        "train_loss": 0.31,
        "train_accuracy": 0.91,
        "validation_accuracy": 0.95,
        "validation_loss": 0.2,
    },
    {
        "epoch": 2,
        "train_loss": 0.11,
        "train_accuracy": 0.97,
        "validation_accuracy": 0.98,
        "validation_loss": None,
    },
    {
        "epoch": 3,
        "train_loss": 0.0,
        "train_accuracy": 1.0,
        "validation_accuracy": 0.985,
        "validation_loss": 0.07,
    },
]


@pytest.fixture(scope="session")
def history():
    return HISTORY


SIZES = {"small": 10, "digit": 13, "count": 13}
LETTER = 0.6  # the width of a letter by the size of the font, in a wide font


@pytest.fixture(scope="session")
def labels_outside():
    """Finds the labels of an SVG that are cut off at its edges, by the width of their letters."""

    def find(svg: str) -> list[str]:
        width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
        found = []
        for attributes, words in re.findall(r"<text ([^>]*)>([^<]*)</text>", svg):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
            kinds = given["class"].split()
            wide = LETTER * len(unescape(words)) * next((SIZES[kind] for kind in kinds if kind in SIZES), 11)
            x = float(given["x"]) - wide * {"start": 0, "middle": 0.5, "end": 1}[given["text-anchor"]]
            if x < 0 or x + wide > width or not 8 <= float(given["y"]) <= height:
                found.append(words)
        return found

    return find
