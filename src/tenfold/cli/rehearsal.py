"""``--dry-run`` and ``--overfit-batch``: a run tried out before it is begun."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from tenfold.cli import output
from tenfold.runs.job import prepared

if TYPE_CHECKING:
    from tenfold.runs.job import Job


def rehearse(job: Job, *, overfit: bool, as_json: bool) -> None:
    """Try the job out; nothing of it is kept."""
    from tenfold.train import dry_run, overfit_batch

    model, parts, watch, *_ = prepared(job)
    train = parts.train
    head = {"model": job.entry.name, "dataset": job.corpus.name, "seed": job.seed}
    if model.recipe is None:
        return
    if not overfit:
        history = dry_run(
            model.network,
            model.recipe,
            train,
            parts.held_out,
            held_out=parts.what,
            watch=watch,
            seed=job.seed,
        )
        row = history.rows[-1]
        _show(
            head | {"dry_run": True, "train_loss": row.train_loss},
            f"{job.entry.name} on {job.corpus.name}: two minibatches trained, judged and saved; "
            f"loss {row.train_loss:.4f}, nothing kept",
            as_json,
        )
        return
    found = overfit_batch(model.network, model.recipe, train, seed=job.seed)
    verdict = "learned by heart" if found.learned else "NOT learned: network, loss or rate are wrong"
    _show(
        head | {"overfit_batch": asdict(found)},
        f"{job.entry.name} on {job.corpus.name}: {found.images} images {verdict} in {found.steps} steps; "
        f"accuracy {output.percent(found.accuracy)}, loss {found.loss:.4f}",
        as_json,
    )
    if not found.learned:
        raise typer.Exit(1)


def _show(record: dict[str, object], line: str, as_json: bool) -> None:
    if as_json:
        output.emit(record)
    else:
        output.say(line)
