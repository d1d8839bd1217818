"""``tenfold verify NAME``: one seed trained and held against the model's acceptance band."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Name, Protocol, Quiet

if TYPE_CHECKING:
    from tenfold.cli.training import Job
    from tenfold.evaluate import Evaluation


def verify(
    name: Name,
    seed: Annotated[
        int | None, typer.Option(min=0, help="By default the first of the published figure.")
    ] = None,
    source: Data = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a model once as its authors did, and say PASS or FAIL: is it as good as it should be?"""
    from tenfold.cli.downloading import load
    from tenfold.cli.training import Job
    from tenfold.errors import ConfigError
    from tenfold.zoo import entry

    found = entry(name)
    corpus = load(source or "mnist", quiet=quiet)
    if corpus.name != "mnist":
        raise ConfigError(f"expected mnist, for which the acceptance bands are, got {corpus.name}; name it")
    with tempfile.TemporaryDirectory() as folder:
        first = found.seeds[0] if seed is None else seed
        job = Job(found, corpus, Protocol.published, first, None, Path(folder) / "run")
        evaluation = _trained_and_judged(job, quiet=quiet)
    passed = evaluation.accuracy >= found.acceptance
    _tell(_record(job, evaluation, found.acceptance, passed=passed), as_json=as_json)
    if not passed:
        raise typer.Exit(1)


def _trained_and_judged(job: Job, *, quiet: bool) -> Evaluation:
    from tenfold.cli import judging, run_folder, training
    from tenfold.cli.train import watcher

    with run_folder.claimed(job, resume=False) as lock:
        trained = training.run(job, lock, resume=False, progress=None if quiet else watcher())
        evaluation, _ = judging.judge_trained(job, trained)
    return evaluation


def _record(job: Job, evaluation: Evaluation, least: float, *, passed: bool) -> dict[str, Any]:
    return {
        "model": job.entry.name,
        "seed": job.seed,
        "protocol": job.protocol.value,
        "accuracy": evaluation.accuracy,
        "least_accuracy": least,
        "passed": passed,
    }


def _tell(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.emit(record)
        return
    verdict = "PASS" if record["passed"] else "FAIL"
    output.say(
        f"{verdict}  {record['model']}, seed {record['seed']}: "
        f"accuracy {output.percent(record['accuracy'])}, "
        f"expected at least {output.percent(record['least_accuracy'])}"
    )
