"""Draw ``docs/images/augmentation.png``: digits altered by the augmentations of three published systems.

python tools/augmentation_picture.py                  # from the first digits of the MNIST test set
python tools/augmentation_picture.py --which erasing  # docs/images/erasing.png: with erased rectangles
python tools/augmentation_picture.py --which mixing   # docs/images/mixing.png: mixed with other digits
python tools/augmentation_picture.py --data FOLDER --out FILE
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tenfold.data import CutMix, MixUp, RandomErasing, load_corpus
from tenfold.data.augment.augmenter import ImageAugmenter
from tenfold.evaluate.figures.canvas import ink_on_paper, new_figure, png
from tenfold.evaluate.figures.style import INK, LINE, SOFT
from tenfold.zoo.augmentations import GHOUZAM, SCRATCH_WIDE, scratch_augmentation

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DIGITS = (7, 4, 5, 6)
DRAWS = 12
GAP = 3  # pixels between two digits
AUGMENTATIONS: dict[str, ImageAugmenter] = {
    "scratch: zoom by up to 20 %, 25 degrees, shifts by up to 20 %, half of the images": (
        scratch_augmentation(0.5)
    ),
    "scratch-wide: the same amounts for all images, height and width zoomed separately": SCRATCH_WIDE,
    "ghouzam: 10 %, 10 degrees, 10 %, height and width zoomed separately": GHOUZAM,
}
ERASING: dict[str, ImageAugmenter] = {
    "RandomErasing(): a rectangle of 2 to 40 % filled with noise, in half of the images": RandomErasing(),
    "RandomErasing(side=4, value=0.0, chance=1.0): a square of 4 x 4 pixels erased": (
        RandomErasing(side=4, value=0.0, chance=1.0)
    ),
}
MIXING: dict[str, ImageAugmenter] = {
    "MixUp(alpha=0.4): a share of another image, from Beta(0.4, 0.4)": MixUp(alpha=0.4),
    "CutMix(alpha=1.0, chance=1.0): a rectangle of another image": CutMix(chance=1.0),
}
PICTURES = {"augmentation": AUGMENTATIONS, "erasing": ERASING, "mixing": MIXING}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, write."""
    parser = argparse.ArgumentParser(description="Draw digits altered by augmentation.")
    parser.add_argument("--data", default="mnist", help='"mnist", "mnist-5k" or a path')
    parser.add_argument("--which", choices=PICTURES, default="augmentation")
    parser.add_argument("--out", type=Path, help="docs/images/WHICH.png")
    options = parser.parse_args(arguments)
    test = load_corpus(options.data).test
    chosen = [int(np.flatnonzero(test.labels == digit)[0]) for digit in DIGITS]
    out = options.out or IMAGES / f"{options.which}.png"
    out.write_bytes(png(picture(test.images[chosen], PICTURES[options.which])))


def picture(digits: NDArray[np.uint8], augmentations: Mapping[str, ImageAugmenter] = AUGMENTATIONS) -> Figure:
    """Return the figure: one block for each augmentation, one row for each digit: unchanged, then altered."""
    count = len(augmentations)
    figure = new_figure(8.6, 0.3 + 3 * count, "Digits as augmentation alters them")
    for axes, (words, augmentation) in zip(figure.subplots(count), augmentations.items(), strict=True):
        axes.imshow(sheet(digits, augmentation), cmap=ink_on_paper(), vmin=0, vmax=1, interpolation="nearest")
        axes.set_title(words, loc="left", fontsize=9.5, color=INK, pad=6)
        axes.autoscale(False)  # lines do not widen the picture
        side = digits.shape[2] + GAP
        for column in range(1, DRAWS + 1):
            axes.axvline(column * side - GAP / 2 - 0.5, color=SOFT if column == 1 else LINE, linewidth=0.8)
        for row in range(1, len(digits)):
            axes.axhline(row * side - GAP / 2 - 0.5, color=LINE, linewidth=0.8)
        axes.set_xticks([side / 2, (DRAWS / 2 + 1) * side], ["as it is", f"{DRAWS} draws"])
        axes.set_yticks([])
        axes.tick_params(length=0, labelsize=8.5, colors=SOFT)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure


def sheet(digits: NDArray[np.uint8], augmentation: ImageAugmenter) -> NDArray[np.float32]:
    """Return one picture of all: h and w of a digit and a gap for each row and column."""
    n, h, w = digits.shape
    drawn = augmentation(np.repeat(digits, DRAWS, axis=0), np.random.default_rng(3))[..., 0]
    columns = np.concatenate(
        [digits[:, np.newaxis] / np.float32(255), drawn.reshape(n, DRAWS, h, w)], axis=1
    )  # (n, 1 + draws, h, w)
    spaced = np.pad(columns, ((0, 0), (0, 0), (0, GAP), (0, GAP)))
    paper = spaced.transpose(0, 2, 1, 3).reshape(n * (h + GAP), (1 + DRAWS) * (w + GAP))
    return np.asarray(paper[:-GAP, :-GAP])


if __name__ == "__main__":
    main()
