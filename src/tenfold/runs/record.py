"""What a run says of itself: the JSON of ``train --json``, kept as ``run.json`` in the run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import CheckpointError

if TYPE_CHECKING:
    from tenfold.evaluate import Environment, Evaluation
    from tenfold.runs.job import Job, Trained

FORMAT = 1
Record = dict[str, Any]


def identity(job: Job) -> Record:
    """Return what must be equal for a run to be resumed."""
    return {
        "format": FORMAT,
        "model": job.entry.name,
        "dataset": job.corpus.name,
        "dataset_sha256": job.corpus.sha256,
        "seed": job.seed,
        "protocol": job.protocol.value,
        "start": job.start,
        "train_on": "all" if job.corpus.split == "none" else None,  # nothing is left to measure on
        "watch": "validation" if job.watches == "validation" else None,  # those are not trained on
    }


def new_record(job: Job, trained: Trained) -> Record:
    """Return the record of a run that has been trained and not yet judged."""
    return identity(job) | {
        "dataset_origin": job.corpus.origin,
        "train_images": trained.train_images,
        "train_first": job.entry.first,
        "choice": None
        if trained.choice is None
        else {"set": trained.choice, "images": trained.choice_images},
        "watched": trained.watched,
        "watch_seconds": trained.watch_seconds,
        "parameters": trained.model.n_parameters,
        "epochs": [row.to_dict() for row in trained.rows],
        "train_seconds": trained.train_seconds,
        "chosen_epoch": trained.chosen_epoch,
        "stopped": trained.stopped,
        "notices": list(trained.notices),
        "recipe": trained.recipe,
        **({"members": list(trained.members)} if trained.members else {}),
        "test": None,
        "run": str(job.out),
    }


def finished_record(job: Job, trained: Trained, evaluation: Evaluation | None) -> Record:
    """Return the record of a run that has been judged, or that learnt from every image."""
    from tenfold.evaluate import environment
    from tenfold.machine import commit

    test = None if evaluation is None else test_figures(evaluation)
    found = environment() if evaluation is None else evaluation.environment
    return new_record(job, trained) | {"test": test, "commit": commit()} | machine(found)


def test_figures(evaluation: Evaluation) -> Record:
    """Return the figures on the test images."""
    share = evaluation.scores.share
    return {
        "split": evaluation.split,
        "images": share.images,
        "accuracy": evaluation.accuracy,
        "interval": [share.interval.low, share.interval.high],
        "cost": evaluation.cost,
        "predict_seconds": evaluation.predict_seconds,
    }


def machine(found: Environment) -> Record:
    """Return where and with what the figures were measured."""
    from tenfold.evaluate.wording import plural

    return {
        "machine": f"{found.machine}, {plural(found.cores, 'core')}",
        "system": found.system,
        "versions": dict(found.versions),
    }


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write ``run.json``; a run without it is not finished."""
    from tenfold.checkpoint import dump_json
    from tenfold.files import write_atomically
    from tenfold.predict import RECORD

    write_atomically(folder / RECORD, dump_json(dict(record)))


def read_record(folder: Path) -> Record:
    """Return what a finished run says of itself.

    Raises
    ------
    CheckpointError
        If it is not there or not what a run writes.
    """
    from tenfold.checkpoint import read_json
    from tenfold.predict import RECORD, find_run

    where = find_run(folder) / RECORD
    record = read_json(where)
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise CheckpointError(f"{where}: expected a record of format {FORMAT}, found another; train it again")
    for key, kind in _KINDS.items():
        if not isinstance(record.get(key), kind):
            raise CheckpointError(f"{where}: expected {key}, found {record.get(key)!r:.40}; train it again")
    return record


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "dataset": str,
    "dataset_origin": str,
    "dataset_sha256": str,
    "train_images": int,
    "seed": int,
    "protocol": str,
    "epochs": list,
    "train_seconds": (int, float),
    "recipe": dict,
}
