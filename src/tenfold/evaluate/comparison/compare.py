"""Several models, compared pair by pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from tenfold import metrics
from tenfold.errors import ConfigError
from tenfold.evaluate.comparison.model_results import ModelResults, Result
from tenfold.evaluate.comparison.pair import Pair, compare_pair
from tenfold.evaluate.comparison.verdict import verdict
from tenfold.evaluate.scores import encode
from tenfold.evaluate.wording import points

_SAMPLE = (
    "Evaluated on a sample, not on the 10,000 test images of MNIST; do not compare it with published figures."
)
_HEAD_START = "Such a network has learnt from more images and epochs than its own run has."
_PUBLISHED = "Choices were made as the authors of each model made them, which may be on the test images."
_MIXED = "The models made their choices under different protocols, so the comparison is not on equal terms."


@dataclass(frozen=True)
class Comparison:
    """Models on the same test images, and the comparison of every pair."""

    models: tuple[ModelResults, ...]
    pairs: tuple[Pair, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain dictionaries, lists and numbers."""
        return {
            "dataset": self.models[0].dataset,
            "models": [_model(results) for results in self.models],
            "warnings": [f"{name}: {text}" for name, text in warnings(self.models)],
            "pairs": [pair_record(pair) for pair in self.pairs],
        }


def compare(models: Sequence[ModelResults], seed: int = 0) -> Comparison:
    """Compare every pair of several models; p is adjusted for their number by Holm's method.

    Parameters
    ----------
    models : sequence of ModelResults
        At least two, evaluated on the same test images.
    seed : int
        Of the bootstrap's draws.

    Raises
    ------
    ConfigError
        If there are fewer than two, two have one name, or they were evaluated on different images.
    """
    _check(models)
    rng = np.random.default_rng(seed)
    pairs = [compare_pair(a, b, rng) for a, b in combinations(models, 2)]
    raised = metrics.holm([pair.p for pair in pairs])
    return Comparison(
        tuple(models),
        tuple(replace(pair, p_holm=float(p)) for pair, p in zip(pairs, raised, strict=True)),
    )


def three_accuracies(results: ModelResults) -> dict[str, float | None]:
    """Mean accuracy by the labels as given, with ten corrected, and with fifteen left out."""
    return {
        "given": results.mean(lambda trial: trial.accuracy),
        "corrected": results.mean(lambda trial: trial.accuracy_corrected),
        "without_doubtful": results.mean(lambda trial: trial.accuracy_without_doubtful),
    }


def pair_record(pair: Pair) -> dict[str, Any]:
    """Return a pair as plain dictionaries, lists and numbers, with its verdict."""
    return {**encode(pair), "certain": pair.deterministic, "verdict": verdict(pair)}


def _model(results: ModelResults) -> dict[str, Any]:
    accuracies = results.accuracies
    return {
        "id": results.name,
        "protocol": results.protocol,
        "parameters": results.parameters,
        "start": results.start,
        "seeds": [trial.seed for trial in results.trials],
        "accuracies": accuracies.tolist(),
        "accuracy": three_accuracies(results),
        "sd": float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
        "train_seconds": results.mean(lambda trial: trial.train_seconds),
        "predict_seconds": results.mean(lambda trial: trial.predict_seconds),
        "timed": encode(results.timed),
        "runs": [_run(trial) for trial in results.trials],
        "published_runs": [encode(run) for run in results.published],
    }


def _run(trial: Result) -> dict[str, Any]:
    names = ("seed", "accuracy", "loss", "epochs", "best_epoch", "train_seconds", "predict_seconds")
    return {name: getattr(trial, name) for name in names}


def _check(models: Sequence[ModelResults]) -> None:
    names = [one.name for one in models]
    if len(names) < 2:
        raise ConfigError(f"expected at least two models to compare, got {len(names)}; name another")
    if len(set(names)) < len(names):
        raise ConfigError(f"expected every model once, got {', '.join(names)}; leave out the duplicates")

    def evaluated_on(one: ModelResults) -> tuple[str, int]:
        return one.dataset_sha256, one.trials[0].images

    first = models[0]
    for other in models[1:]:
        if evaluated_on(other) != evaluated_on(first):
            raise ConfigError(
                f"{other.name}: expected the test images of {first.name} ({first.dataset}), got "
                f"others ({other.dataset}); train both on the same data"
            )


def warnings(models: Sequence[ModelResults]) -> list[tuple[str, str]]:
    """Return what limits the comparison: a keyword and a sentence for each limit."""
    protocols = {one.protocol for one in models if one.chooses}
    found = []
    if models[0].dataset == "mnist-5k":
        found.append(("mnist-5k", _SAMPLE))
    fine_tuned = [f"{one.name} {words}" for one in models if (words := started(one)) is not None]
    if fine_tuned:
        found.append(("fine-tuned", f"{'; '.join(fine_tuned)}. {_HEAD_START}"))
    if len(protocols) > 1:
        found.append(("protocols differ", _MIXED + _gains(models)))
    elif protocols == {"published"}:
        found.append(("published protocol", _PUBLISHED + _gains(models)))
    return found


def knows_doubtful(models: Sequence[ModelResults]) -> bool:
    """Whether the images are those of MNIST's test set, of whose labels some are known to be wrong."""
    return any(one.mean(lambda trial: trial.accuracy_corrected) is not None for one in models)


def started(one: ModelResults) -> str | None:
    """Return in words which weights a fine-tuned network began with; ``None`` for any other."""
    if one.start is None:
        return None
    known = {"given": "the weights that it had", "shipped": "the weights of the built-in network"}
    return f"began with {known.get(one.start, f'the weights of {one.start}')}"


def _gains(models: Sequence[ModelResults]) -> str:
    """The gain in accuracy from choosing on the test images, where it is known."""
    gains = [(one.name, one.mean(lambda trial: trial.protocol_gain)) for one in models]
    known = [f"{points(gain)} points to {name}" for name, gain in gains if gain is not None]
    return f" Choosing on the test images added {', '.join(known)}." if known else ""
