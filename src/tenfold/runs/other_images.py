"""The images that a trained model is evaluated on: those of its run, or any others with labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tenfold.errors import DataError
from tenfold.runs.judging import Load, learnt_from, same_data, unmeasured

if TYPE_CHECKING:
    from tenfold.data import Corpus, Dataset
    from tenfold.runs.record import Record


class Chosen(NamedTuple):
    """Images to evaluate a model on.

    Attributes
    ----------
    images : Dataset
    split : str
        What they are of their data.
    remark : str or None
        That they are others than those of the run; ``None`` if they are not.
    """

    images: Dataset
    split: str
    remark: str | None


def chosen_images(record: Record | None, source: str | None, load: Load) -> Chosen:
    """Return the test images of a run, or those of other data.

    Of other data without a test set of their own, all labelled images are taken.

    Parameters
    ----------
    record : Record or None
        ``None`` for the network that comes with tenfold.
    source : str or None
        Other data, or where the run's own are now.
    load : callable

    Raises
    ------
    DataError, ConfigError
        If the run's data are not there, or it learnt from all of them.
    """
    if record is not None and source is None:
        corpus = same_data(record, None, load)
    else:
        corpus = load(source or "mnist")
        if record is None or not learnt_from(record, corpus):
            return _others(record, corpus)
    if record.train_on == "all":
        raise unmeasured(record)
    return Chosen(corpus.test, corpus.split, None)


def _others(record: Record | None, corpus: Corpus) -> Chosen:
    if corpus.split == "test":
        images, split = corpus.test, "test"
    else:
        images, split = corpus.undivided().train, "all labelled"
    if not len(images):
        raise DataError(f"{corpus.origin}: expected images with labels to evaluate on, found none; add some")
    run = "the built-in network was trained on" if record is None else f"the run's ({record.dataset})"
    remark = f"these are other images than {run}: {len(images):,} of {corpus.name}"
    return Chosen(images, split, remark)
