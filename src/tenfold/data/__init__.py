"""Where images come from: sources with checksums, splits, minibatches, augmentation.

Files of others are parsed here and nowhere else. Each parser bounds what it reads before it
allocates, and answers a bad file with one `tenfold.errors.DataError` on one line.
"""

from __future__ import annotations

from tenfold.data.affine import RandomAffine
from tenfold.data.augmentation import AUGMENTATIONS, Chain, augmentation_from_config
from tenfold.data.batches import epoch_order
from tenfold.data.dataset import Corpus, Dataset, as_float
from tenfold.data.digit_csv import read_digit_csv
from tenfold.data.download import DownloadProgress
from tenfold.data.examples import Augmenter
from tenfold.data.frame import RandomFrame
from tenfold.data.idx import SIDE, read_idx_images, read_idx_labels, write_idx
from tenfold.data.marks import RandomMarks, RandomPhoto
from tenfold.data.mirrors import mirrors
from tenfold.data.mnist_style import mnist_style
from tenfold.data.negatives import NO_DIGIT, Negatives, RandomStyles
from tenfold.data.page import BLANK, CLUTTER, Page, find_digits, single_digit
from tenfold.data.pen import RandomPen
from tenfold.data.picture_file import read_picture
from tenfold.data.sources import load_corpus
from tenfold.data.splits import split
from tenfold.data.status import FileCheck, SourceStatus, status, verify
from tenfold.data.warp import RandomWarp
from tenfold.data.written import Written

__all__ = [
    "AUGMENTATIONS",
    "BLANK",
    "CLUTTER",
    "NO_DIGIT",
    "SIDE",
    "Augmenter",
    "Chain",
    "Corpus",
    "Dataset",
    "DownloadProgress",
    "FileCheck",
    "Negatives",
    "Page",
    "RandomAffine",
    "RandomFrame",
    "RandomMarks",
    "RandomPen",
    "RandomPhoto",
    "RandomStyles",
    "RandomWarp",
    "SourceStatus",
    "Written",
    "as_float",
    "augmentation_from_config",
    "epoch_order",
    "find_digits",
    "load_corpus",
    "mirrors",
    "mnist_style",
    "read_digit_csv",
    "read_idx_images",
    "read_idx_labels",
    "read_picture",
    "single_digit",
    "split",
    "status",
    "verify",
    "write_idx",
]
