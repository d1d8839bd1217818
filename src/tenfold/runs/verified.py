"""A run held against the acceptance band of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tenfold.evaluate.wording import percent

if TYPE_CHECKING:
    from tenfold.evaluate import Evaluation
    from tenfold.runs.job import Job
    from tenfold.zoo import Entry


def verified(entry: Entry, job: Job, evaluation: Evaluation) -> dict[str, Any]:
    """Return whether a run reaches what one seed of its model must reach, as JSON values."""
    return {
        "model": entry.name,
        "seed": job.seed,
        "protocol": job.protocol.value,
        "accuracy": evaluation.accuracy,
        "accuracy_corrected": evaluation.corrected and evaluation.corrected.accuracy,
        "accuracy_without_doubtful": evaluation.without_doubtful and evaluation.without_doubtful.accuracy,
        "least_accuracy": entry.acceptance,
        "passed": evaluation.accuracy >= entry.acceptance,
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
