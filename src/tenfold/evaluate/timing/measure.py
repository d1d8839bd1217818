"""Times of a model: its training and its prediction, each several times after a warm-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from time import perf_counter
from typing import Any

from tenfold.data import Corpus, Dataset
from tenfold.evaluate.evaluation import timed
from tenfold.train import Callback, Recipe
from tenfold.zoo import Entry, Measured, Model, NetworkModel, Splits, split_for_protocol

PREDICTIONS = 5
"""Least number of repetitions of the prediction."""
SEED = 0
Record = dict[str, Any]


def timing(
    entry: Entry,
    corpus: Corpus,
    repeats: int,
    measured: Measured | None = None,
    callbacks: Sequence[Callback] = (),
) -> dict[str, Record]:
    """Return how long training by the authors' protocol and predicting the test images take.

    A network is trained for ``repeats`` epochs, after one as warm-up, at each size of its
    minibatches; the whole training is as many of these epochs as trials took on average, or as the
    recipe has. Evaluation, choices and saving are not included.

    Parameters
    ----------
    entry : Entry
    corpus : Corpus
    repeats : int
        At least 1.
    measured : Measured, optional
        Trials, to know how many epochs a training takes that is stopped early.
    callbacks : sequence of Callback
        They show the run.

    Returns
    -------
    dict
        ``"train"`` and ``"predict"``, each with its ``seconds``, one for each repeat.
    """
    parts = split_for_protocol(entry.selection_set, "published", corpus.train, corpus.test, SEED, entry.first)
    train = parts.train
    model = entry.build(entry)
    if isinstance(model, NetworkModel) and model.recipe is not None:
        trained = _network(model, model.recipe, train, repeats, _epochs(model.recipe, measured), callbacks)
    else:
        seconds = [_fit_seconds(model, parts) for _ in range(repeats + 1)][1:]
        trained = {"seconds": seconds, "epochs": None, "images": len(train)}
    return {"train": trained, "predict": _prediction(model, corpus.test, max(repeats, PREDICTIONS))}


def _epochs(recipe: Recipe, measured: Measured | None) -> int:
    """How many epochs a training takes."""
    told = [] if measured is None else [run.epochs for run in measured.runs if run.epochs is not None]
    return round(fmean(told)) if told else recipe.epochs


def _network(
    model: NetworkModel,
    recipe: Recipe,
    train: Dataset,
    repeats: int,
    epochs: int,
    callbacks: Sequence[Callback],
) -> Record:
    """Time epochs at each minibatch size; the whole is the sum over the epochs of a training."""
    sizes = Counter(recipe.batch_size_at(epoch) for epoch in range(epochs))
    each: dict[int, list[float]] = {}
    for size in sizes:
        model.recipe = _piece(recipe, size, repeats + 1)
        history = model.fit(train, seed=SEED, callbacks=callbacks)
        each[size] = [row.train_seconds for row in history.rows][1:]
    whole = [sum(number * each[size][i] for size, number in sizes.items()) for i in range(repeats)]
    parts = [{"batch_size": size, "epochs": number, "seconds": each[size]} for size, number in sizes.items()]
    return {"seconds": whole, "epochs": epochs, "images": len(train), "parts": parts}


def _piece(recipe: Recipe, size: int, epochs: int) -> Recipe:
    """Return a recipe for some epochs that makes no choice."""
    return replace(recipe, epochs=epochs, batch_size=size, early_stopping=None, plateau=None, choose="last")


def _fit_seconds(model: Model, parts: Splits) -> float:
    """A model that is fitted at once also chooses its coefficient, on the images held out."""
    start = perf_counter()
    model.fit(parts.train, validation=parts.held_out, seed=SEED)
    return perf_counter() - start


def _prediction(model: Model, test: Dataset, repeats: int) -> Record:
    seconds = [timed(model.predict_proba, test.images)[1] for _ in range(repeats + 1)][1:]
    return {"seconds": seconds, "images": len(test)}
