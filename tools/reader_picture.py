"""Draw the training images of the built-in network, for docs/shipped-network.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tenfold.data import (
    Augmenter,
    Negatives,
    RandomFrame,
    RandomMarks,
    RandomNeighbours,
    RandomPen,
    RandomPhoto,
    RandomStyles,
    RandomWarp,
    load_corpus,
)
from tenfold.predict.reader_recipe import reader_augmentation

OUT = Path(__file__).parent.parent / "docs" / "images" / "reader-training.png"
COLUMNS, SCALE, GAP, LABEL = 22, 2, 2, 110  # of images a row; pixels

ROWS: dict[str, tuple[Augmenter, list[int]]] = {
    "no digit": (Negatives(1.0), list(range(10))),
    "styles": (RandomStyles(1.0), list(range(10))),
    "pens": (RandomPen(redrawn=0.7, spread=0.2, outlined=0.1, thinnest=0.8, thickest=5.2), list(range(10))),
    "hands": (RandomWarp(zoom=0.18, rotation=22, shear=16, bend=1.1), list(range(10))),
    "neighbours": (RandomNeighbours(scraps=0.5, stops=0.25, rules=0.25), list(range(10))),
    "marks": (RandomMarks(lines=0.4, dots=0.2, gaps=0.15, impulses=0.25), list(range(10))),
    "frames": (RandomFrame(zoom=0.12, shift=1.5), list(range(10))),
    "photos": (
        RandomPhoto(blur=2.5, contrast=1, noise=0.2, shade=0.4, sweep=0.2, glass=0.2),
        list(range(10)),
    ),
    "all together": (reader_augmentation(), list(range(10))),
    "": (reader_augmentation(), list(range(10))),
    " ": (reader_augmentation(), list(range(10))),
}


def main() -> None:
    """Draw a row for each step, and three for all together."""
    train, side = load_corpus("mnist-5k").train, 28 * SCALE + GAP
    sheet = Image.new("L", (LABEL + COLUMNS * side, len(ROWS) * side), 255)
    for row, (name, (step, digits)) in enumerate(ROWS.items()):
        shown = np.flatnonzero(np.isin(train.labels, digits))[row * 50 :][:COLUMNS]
        rng = np.random.default_rng(row)
        images, _ = step.examples(train.images[shown], train.labels[shown], rng)
        ImageDraw.Draw(sheet).text((6, row * side + side // 2 - 8), name, fill=0, font_size=14)
        for column, image in enumerate(images[..., 0]):
            picture = Image.fromarray(np.rint(255 - 255 * image).astype(np.uint8))
            sheet.paste(picture.resize((28 * SCALE,) * 2), (LABEL + column * side, row * side))
    sheet.save(OUT, optimize=True)


if __name__ == "__main__":
    main()
