"""A run held against the acceptance band of its model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.evaluate.wording import percent
from tenfold.runs.folder import claimed
from tenfold.runs.job import Job
from tenfold.runs.pipeline import carry_out
from tenfold.runs.protocol import Protocol
from tenfold.runs.training import Notice, log
from tenfold.train.sanity_checks import nothing_kept

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.train import Callback
    from tenfold.zoo import Entry


def refuse_without_bound(entry: Entry, least: float | None, data: str | None = None) -> None:
    """Refuse a model without a figure that it must reach, or ``data`` that its figure is not of.

    Raises
    ------
    ConfigError
    """
    if least is None and entry.published is None and entry.aim is None:
        raise ConfigError(
            f"{entry.name}: expected the accuracy that it must reach, as nobody has published one, got none; "
            "say it: --at-least 0.98"
        )
    if least is None and data not in (None, entry.dataset):
        raise ConfigError(
            f"expected {entry.dataset}, for which the acceptance bands are, got {data}; name it, or "
            "give the accuracy for PASS with --at-least"
        )


def verified(
    entry: Entry,
    corpus: Corpus,
    seed: int | None = None,
    least: float | None = None,
    callbacks: Sequence[Callback] = (),
    notice: Notice = log,
) -> dict[str, Any]:
    """Train a model once as its authors did, keep nothing, and say whether it reaches what it must.

    Parameters
    ----------
    seed : int, optional
        By default the first of the published figure.
    least : float, optional
        What it must reach; by default what one seed of the model must.

    Returns
    -------
    dict
        As JSON values.
    """
    seed = entry.seeds[0] if seed is None else seed
    with tempfile.TemporaryDirectory() as folder:
        job = Job(entry, corpus, Protocol(entry.protocols[0]), seed, None, Path(folder) / "run")
        with nothing_kept(), claimed(job, resume=False) as lock:
            evaluation = carry_out(job, lock, callbacks=callbacks, notice=notice).evaluation
    bound = entry.acceptance if least is None else least
    return {
        "model": entry.name,
        "seed": seed,
        "protocol": job.protocol.value,
        "accuracy": evaluation.accuracy,
        "accuracy_corrected": evaluation.corrected and evaluation.corrected.accuracy,
        "accuracy_without_doubtful": evaluation.without_doubtful and evaluation.without_doubtful.accuracy,
        "least_accuracy": bound,
        "passed": evaluation.accuracy >= bound,
        "shortfall": entry.shortfall or None,
    }


def verified_lines(record: dict[str, Any]) -> list[str]:
    """Return the same in words."""
    verdict = "PASS" if record["passed"] else "FAIL"
    lines = [
        f"{verdict}  {record['model']}, seed {record['seed']}: accuracy {percent(record['accuracy'])}, "
        f"expected at least {percent(record['least_accuracy'])}"
    ]
    others = {"ten corrected": "accuracy_corrected", "fifteen left out": "accuracy_without_doubtful"}
    known = [f"{name} {percent(record[key])}" for name, key in others.items() if record[key] is not None]
    if known:
        lines.append(f"      with the doubtful labels: {', '.join(known)}")
    if not record["passed"] and record["shortfall"]:
        lines.append(f"      known to fall short: {record['shortfall']}")
    return lines
