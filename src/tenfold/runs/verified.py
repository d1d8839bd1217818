"""A run held against the acceptance band of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.evaluate.wording import percent

if TYPE_CHECKING:
    from tenfold.evaluate import Evaluation
    from tenfold.runs.job import Job
    from tenfold.zoo import Entry


def refuse_without_bound(entry: Entry, least: float | None) -> None:
    """Refuse a model without a figure that it must reach.

    Raises
    ------
    ConfigError
    """
    if least is None and entry.published is None and entry.aim is None:
        raise ConfigError(
            f"{entry.name}: expected the accuracy that it must reach, as nobody has published one, got none; "
            "say it: --at-least 0.98"
        )


def verified(entry: Entry, job: Job, evaluation: Evaluation, least: float | None = None) -> dict[str, Any]:
    """Return whether a run reaches what one seed of its model must reach, or ``least``, as JSON values."""
    bound = entry.acceptance if least is None else least
    return {
        "model": entry.name,
        "seed": job.seed,
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
