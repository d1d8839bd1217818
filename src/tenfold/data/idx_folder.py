"""A folder with the four IDX files of a corpus, under their usual names."""

from __future__ import annotations

from pathlib import Path

from tenfold.data.dataset import Dataset
from tenfold.data.idx import read_idx_images, read_idx_labels
from tenfold.data.mnist_files import MNIST_FILES
from tenfold.errors import DataError
from tenfold.files import reading_folder, shown

STEMS = tuple(file.name for file in MNIST_FILES)  # training images and labels, test images and labels
_BELOW = (".", "raw", "MNIST/raw")  # the last one is torchvision's


def find_idx(folder: Path) -> list[Path | None]:
    """Find the four files in a folder, or in the subfolder that torchvision uses.

    Returns
    -------
    list of Path or None
        In the order of `STEMS`; None for a missing file. Plain files are preferred to gzipped ones.
    """
    candidates = [[_find_one(folder / below, stem) for stem in STEMS] for below in _BELOW]
    return max(candidates, key=lambda files: sum(file is not None for file in files))


def _find_one(folder: Path, stem: str) -> Path | None:
    dotted = stem.replace("-idx", ".idx")  # the spelling inside some archives
    names = (stem, dotted, stem + ".gz", dotted + ".gz")
    return next((folder / name for name in names if _exists(folder / name)), None)


def _exists(path: Path) -> bool:
    """Return whether the folder lists such a name; a broken link counts, and fails when it is opened."""
    return path.is_symlink() or path.exists()


def read_idx_folder(folder: Path, name: str) -> tuple[Dataset, Dataset]:
    """Read training and test set from a folder of IDX files, plain or gzipped.

    Parameters
    ----------
    folder : Path
    name : str
        For both data sets.

    Returns
    -------
    train, test : Dataset

    Raises
    ------
    DataError
        If one of the four is missing or damaged, or images and labels differ in number.
    """
    with reading_folder(folder, DataError):
        files = find_idx(folder)
    missing = [stem for stem, file in zip(STEMS, files, strict=True) if file is None]
    if missing:
        raise DataError(
            f"{shown(folder)}: expected four IDX files, plain or .gz, found no {', '.join(missing)}; "
            "add the missing files"
        )
    paths = [file for file in files if file is not None]
    return _pair(paths[0], paths[1], name), _pair(paths[2], paths[3], name)


def _pair(images_path: Path, labels_path: Path, name: str) -> Dataset:
    images, labels = read_idx_images(images_path), read_idx_labels(labels_path)
    if len(images) != len(labels):
        raise DataError(
            f"{shown(labels_path)}: expected {len(images)} labels, one for each image of "
            f"{images_path.name}, found {len(labels)}; use files of the same data set"
        )
    return Dataset(images, labels, name)
