"""A job tested before it starts: two minibatches through everything, or one that is overfitted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from tenfold.evaluate.wording import percent
from tenfold.runs.job import Job, prepared
from tenfold.train import dry_run, overfit_batch


class TriedOut(NamedTuple):
    """What came of it: as JSON values, in words, and whether all is well."""

    record: dict[str, Any]
    line: str
    ok: bool


def try_out(job: Job, *, overfit: bool) -> TriedOut:
    """Try a job out; nothing of it is kept.

    Raises
    ------
    TenfoldError
        As the training does.
    """
    given = prepared(job)
    model, splits, recipe = given.model, given.splits, given.model.known_recipe()
    head = {"model": job.entry.name, "dataset": job.corpus.name, "seed": job.seed}
    name = f"{job.entry.name} on {job.corpus.name}"
    if overfit:
        found = overfit_batch(model.network, recipe, splits.train, seed=job.seed)
        verdict = "overfitted" if found.learned else "NOT overfitted: network, loss or rate are wrong"
        return TriedOut(
            head | {"overfit_batch": asdict(found)},
            f"{name}: {found.images} images {verdict} in {found.steps} steps; "
            f"accuracy {percent(found.accuracy)}, loss {found.loss:.4f}",
            found.learned,
        )
    history = dry_run(
        model.network,
        recipe,
        splits.train,
        splits.held_out,
        held_out=splits.what,
        watch=given.watch,
        seed=job.seed,
    )
    loss = history.rows[-1].train_loss
    return TriedOut(
        head | {"dry_run": True, "train_loss": loss},
        f"{name}: two minibatches trained, evaluated and saved; loss {loss:.4f}, nothing kept",
        True,
    )
