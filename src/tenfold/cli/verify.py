"""``tenfold verify NAME``: one seed trained and held against the model's acceptance band, or its times."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenfold.cli import output
from tenfold.cli.options import Data, Json, Name, Quiet
from tenfold.runs.protocol import Protocol

if TYPE_CHECKING:
    from tenfold.evaluate import Evaluation
    from tenfold.runs.job import Job
    from tenfold.zoo import Entry


def verify(
    name: Name,
    seed: Annotated[
        int | None, typer.Option(min=0, help="By default the first of the published figure.")
    ] = None,
    time: Annotated[
        bool,
        typer.Option(
            "--time",
            help="Time it instead: training and prediction, warm, several times, with all cores of a quiet "
            "machine; the figures go into the ledger's folder.",
        ),
    ] = False,
    repeats: Annotated[int, typer.Option(min=1, help="With --time: how often each is timed.")] = 3,
    results: Annotated[
        Path | None,
        typer.Option(help="With --time: the ledger's folder; by default results/.", show_default=False),
    ] = None,
    source: Data = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a model once as its authors did, and say PASS or FAIL: is it as good as it should be?"""
    from tenfold.cli.downloading import load
    from tenfold.cli.timing import time_model
    from tenfold.errors import ConfigError
    from tenfold.runs.job import Job
    from tenfold.zoo import entry

    found = entry(name)
    if time and seed is not None:
        raise ConfigError("--time: expected no --seed, times do not depend on it; leave it out")
    if results is not None and not time:
        raise ConfigError("--results: expected --time, without which nothing is written; leave it out")
    if time:
        time_model(found, source, repeats, results, quiet=quiet, as_json=as_json)
        return
    corpus = load(source or "mnist", quiet=quiet)
    if corpus.name != "mnist":
        raise ConfigError(f"expected mnist, for which the acceptance bands are, got {corpus.name}; name it")
    with tempfile.TemporaryDirectory() as folder:
        first = found.seeds[0] if seed is None else seed
        job = Job(found, corpus, Protocol(found.protocols[0]), first, None, Path(folder) / "run")
        evaluation = _evaluation(job, quiet=quiet)
    passed = evaluation.accuracy >= found.acceptance
    _tell(_record(found, job, evaluation, passed=passed), as_json=as_json)
    if not passed:
        raise typer.Exit(1)


def _evaluation(job: Job, *, quiet: bool) -> Evaluation:
    """Train and judge; nothing is kept."""
    from tenfold.cli.train import watcher
    from tenfold.runs.carrying_out import carry_out
    from tenfold.runs.folder import claimed
    from tenfold.train.sanity_checks import nothing_kept

    with nothing_kept(), claimed(job, resume=False) as lock:
        done = carry_out(job, lock, callbacks=[] if quiet else [watcher()], notice=output.remark)
    return done.evaluation


def _record(entry: Entry, job: Job, evaluation: Evaluation, *, passed: bool) -> dict[str, Any]:
    return {
        "model": entry.name,
        "seed": job.seed,
        "protocol": job.protocol.value,
        "accuracy": evaluation.accuracy,
        "accuracy_corrected": evaluation.corrected and evaluation.corrected.accuracy,
        "accuracy_without_doubtful": evaluation.without_doubtful and evaluation.without_doubtful.accuracy,
        "least_accuracy": entry.acceptance,
        "passed": passed,
        "shortfall": entry.shortfall or None,
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
    others = {"ten corrected": "accuracy_corrected", "fifteen left out": "accuracy_without_doubtful"}
    known = [
        f"{name} {output.percent(record[key])}" for name, key in others.items() if record[key] is not None
    ]
    if known:
        output.say(f"      with the doubtful labels: {', '.join(known)}")
    if not record["passed"] and record["shortfall"]:
        output.say(f"      known to fall short: {record['shortfall']}")
