"""Runs and models of the zoo compared on the same test images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.data import load_corpus
from tenfold.errors import ConfigError
from tenfold.quoting import quoted
from tenfold.registry import own_classes
from tenfold.runs import comparison_inputs
from tenfold.runs.models import Models
from tenfold.runs.run import Run

if TYPE_CHECKING:
    from tenfold.evaluate.comparison import Comparison


def compare(
    *models: Run | Path | str,
    results: Path | str | None = None,
    protocol: str | None = None,
    data: str | Path | None = None,
    layers: Sequence[type[Any]] = (),
) -> Comparison:
    """Compare runs and models of the zoo on the same test images.

    Parameters
    ----------
    *models : Run, path or str
        At least two: a run, its folder, or the name of a model with trials: one of the zoo, or your own with
        trials in ``results``.
    results : path, optional
        The results folder; by default the one that comes with tenfold.
    protocol : {"honest", "published"}, optional
        Of the trials; by default honest where there are such.
    data : str or path, optional
        Data to evaluate runs on, where they are not where they were.
    layers : sequence of classes
        Your own layers in the networks of folders, as for `Run.open`.

    Raises
    ------
    TenfoldError
        If there is no such run or model, or they were measured on other images.
    """
    from tenfold.evaluate.comparison import compare as compare_models

    for one in models:
        if not isinstance(one, (Run, str, Path)):
            raise ConfigError(
                f"compare: expected runs, folders or names, got {quoted(one)}; "
                "write compare(run, 'lenet5'); the run of a model is model.run"
            )
    ledger = None if results is None else Path(results)
    names = [str(one) for one in models if not isinstance(one, Run)]
    source = None if data is None else str(data)
    found = iter(
        comparison_inputs.models_to_compare(
            names,
            results=ledger,
            protocol=protocol,
            source=source,
            load=load_corpus,
            models=Models(layers=own_classes(layers)),
        )
    )
    return compare_models([one.results() if isinstance(one, Run) else next(found) for one in models])
