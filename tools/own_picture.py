"""Draw docs/images/own-picture.png: a page of squared paper under a lamp, and every step of reading it.

python tools/own_picture.py [--run RUN]
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, rotate

from tenfold.data import find_digits, load_corpus, read_picture
from tenfold.evaluate import figures
from tenfold.predict import Reader, Recogniser, shipped
from tenfold.zoo import load_model

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "own-picture.png"
TIMES = 4  # of the size of MNIST's digits
ROWS = ((0, 2, 3, 5, 8), (13, 30, 37))  # test images of the sample
SQUARE = 42  # pixels


def photo(images: np.ndarray) -> bytes:
    """Digits on squared paper, slightly rotated, half of it in a shadow, as a JPEG."""
    rng = np.random.default_rng(0)
    sheet = np.ones((400, 720))
    sheet[20::SQUARE] = sheet[21::SQUARE] = sheet[:, 9::SQUARE] = sheet[:, 10::SQUARE] = 0.45
    for i, row in enumerate(ROWS):
        for j, index in enumerate(row):
            side = TIMES * 28
            large = Image.fromarray(images[index]).resize((side, side), Image.Resampling.BICUBIC)
            top, left = 50 + 160 * i + rng.integers(-8, 8), 50 + 125 * j + rng.integers(-8, 8)
            sheet[top : top + side, left : left + side] *= 1 - 0.8 * np.asarray(large) / 255
    sheet = rotate(sheet, 2, reshape=False, mode="nearest", order=1)
    y, x = np.mgrid[:400, :720] / 720
    light = (0.95 - 0.4 * x) * np.where(x - y > 0.35, 0.6, 1)
    shot = 255 * gaussian_filter(sheet * gaussian_filter(light, 2), 0.8) + rng.normal(0, 3, sheet.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(shot, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, help="the run to read with; by default the built-in network")
    options = parser.parse_args()
    recogniser = shipped() if options.run is None else Recogniser.of(load_model(options.run))
    page = find_digits(read_picture(photo(load_corpus("mnist-5k").test.images)))
    [reading] = Reader(recogniser).answer([page])
    PICTURE.write_bytes(figures.png(figures.reading_steps(page, reading)))
    print(f"{PICTURE}: {reading.text!r}")


if __name__ == "__main__":
    main()
