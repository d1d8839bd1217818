"""Data sets: sources with checksums, splits, minibatches, augmentation, and digits in pictures.

Only this unit parses data files. Each parser limits what it reads before it allocates memory, and raises
`tenfold.errors.DataError` with a message of one line for an invalid file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenfold.data.arrays import ARRAYS, Arrays, Pair, as_pixels, from_arrays
from tenfold.data.augment.augmenter import Augmenter
from tenfold.data.augment.chain import AUGMENTATIONS, Chain, augmentation_from_config
from tenfold.data.augment.mixing import CutMix, MixUp
from tenfold.data.augment.negatives import NO_DIGIT, Negatives
from tenfold.data.augment.random_affine import RandomAffine
from tenfold.data.augment.random_elastic import RandomElastic
from tenfold.data.augment.random_erasing import RandomErasing
from tenfold.data.augment.random_flip import RandomFlip
from tenfold.data.augment.random_frame import RandomFrame
from tenfold.data.augment.random_marks import RandomMarks, RandomPhoto
from tenfold.data.augment.random_neighbours import RandomNeighbours
from tenfold.data.augment.random_pen import RandomPen
from tenfold.data.augment.random_styles import RandomStyles
from tenfold.data.augment.random_warp import RandomWarp
from tenfold.data.augment.tta import TTA, check_tta
from tenfold.data.batches import epoch_order
from tenfold.data.contents import Contents, contents
from tenfold.data.corpus import Corpus
from tenfold.data.corpus_path import NAMES
from tenfold.data.dataset import Dataset
from tenfold.data.download import DownloadProgress, mirrors
from tenfold.data.float_images import as_float
from tenfold.data.formats.limits import PictureLimits
from tenfold.data.habits import UNIT_NAMES
from tenfold.data.idx import SIDE, read_idx_images, read_idx_labels, write_idx
from tenfold.data.image_csv import is_digit_csv, read_digit_csv, read_image_csv
from tenfold.data.page.find_digits import find_digits, single_digit
from tenfold.data.page.lattice import Candidate, Lattice
from tenfold.data.page.mnist_style import mnist_style
from tenfold.data.page.view import BLANK, CLUTTER, TOO_LONG, Page, View
from tenfold.data.picture_file import Sheet, kept_picture, picture_pages, read_picture
from tenfold.data.published import PUBLISHED, PublishedFile, PublishedSet
from tenfold.data.sources import load_corpus
from tenfold.data.splits import split
from tenfold.data.status import FileCheck, SourceStatus, published_status, status, verify
from tenfold.habits import module_names

__all__ = [
    "ARRAYS",
    "AUGMENTATIONS",
    "BLANK",
    "CLUTTER",
    "NAMES",
    "NO_DIGIT",
    "PUBLISHED",
    "SIDE",
    "TOO_LONG",
    "TTA",
    "Arrays",
    "Augmenter",
    "Candidate",
    "Chain",
    "Contents",
    "Corpus",
    "CutMix",
    "Dataset",
    "DownloadProgress",
    "FileCheck",
    "Lattice",
    "MixUp",
    "Negatives",
    "Page",
    "Pair",
    "PictureLimits",
    "PublishedFile",
    "PublishedSet",
    "RandomAffine",
    "RandomElastic",
    "RandomErasing",
    "RandomFlip",
    "RandomFrame",
    "RandomMarks",
    "RandomNeighbours",
    "RandomPen",
    "RandomPhoto",
    "RandomStyles",
    "RandomWarp",
    "Sheet",
    "SourceStatus",
    "View",
    "as_float",
    "as_pixels",
    "augmentation_from_config",
    "check_tta",
    "contents",
    "epoch_order",
    "find_digits",
    "from_arrays",
    "is_digit_csv",
    "kept_picture",
    "load_corpus",
    "mirrors",
    "mnist_style",
    "picture_pages",
    "published_status",
    "read_digit_csv",
    "read_idx_images",
    "read_idx_labels",
    "read_image_csv",
    "read_picture",
    "single_digit",
    "split",
    "status",
    "verify",
    "write_idx",
]

if not TYPE_CHECKING:  # a type checker knows what there is
    __getattr__ = module_names(__name__, __all__, UNIT_NAMES)
