"""Augment MNIST's training images as published systems did; print images a second for each round: ROUNDS."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

import tenfold
from tenfold.zoo.augmentations import GHOUZAM, SCRATCH_WIDE

CHUNK = 4096  # images, as the training loop alters them
AUGMENTATIONS = {"ghouzam": GHOUZAM, "scratch-wide": SCRATCH_WIDE}


def main(rounds: int) -> None:
    images, rng = tenfold.as_float(tenfold.load_corpus().train.images), np.random.default_rng(0)
    speeds: dict[str, list[float]] = {name: [] for name in AUGMENTATIONS}
    for augmentation in AUGMENTATIONS.values():
        augmentation(images[:CHUNK], rng)
    for _ in range(rounds):
        for name, augmentation in AUGMENTATIONS.items():
            start = time.perf_counter()
            for at in range(0, len(images), CHUNK):
                augmentation(images[at : at + CHUNK], rng)
            speeds[name].append(len(images) / (time.perf_counter() - start))
    print(json.dumps(speeds))


if __name__ == "__main__":
    main(int(sys.argv[1]))
