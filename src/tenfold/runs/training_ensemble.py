"""One training run of an ensemble: its members' runs, below its own folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.predict import RECORD
from tenfold.runs.folder import begin
from tenfold.runs.job import Job, Trained, divided
from tenfold.train import History
from tenfold.zoo import Ensemble, member_seeds

if TYPE_CHECKING:
    from tenfold.checkpoint import RunLock
    from tenfold.train import Callback


def train_ensemble(job: Job, lock: RunLock, resume: bool, callbacks: Sequence[Callback]) -> Trained:
    """Train the ensemble of a job in its folder; see `tenfold.runs.training.train`."""
    model = _built(job)
    if not (job.out / RECORD).exists():
        begin(job)  # before the folder of the members is there: it must be clear whose it is
    splits = divided(job)
    histories = model.fit(
        splits.train,
        validation=splits.held_out,
        held_out=splits.what,
        seed=job.seed,
        out=job.out,
        lock=lock,
        resume=resume,
        callbacks=callbacks,
    )
    members = _told(model, histories, job.seed)
    notices = [f"{name}: {text}" for name, one in histories.items() for text in one.notices]
    return Trained(
        model=model,
        splits=splits,
        history=History(notices=notices),
        recipe=model.recipes(),
        train_seconds=sum(one["train_seconds"] for one in members),
        members=members,
    )


def train_member(job: Job, name: str, callbacks: Sequence[Callback]) -> History:
    """Train one member of a job's ensemble, or resume it; other processes may train the others."""
    model = _built(job)
    if not (job.out / RECORD).exists():
        begin(job)
    splits = divided(job)
    return model.fit_member(
        name,
        splits.train,
        validation=splits.held_out,
        held_out=splits.what,
        seed=job.seed,
        out=job.out,
        resume=True,
        callbacks=callbacks,
    )


def _built(job: Job) -> Ensemble:
    model = job.entry.build(job.entry)
    if not isinstance(model, Ensemble):
        raise ConfigError(f"{job.entry.name}: expected an ensemble, but its entry builds {model!r}")
    model.set_recipes(protocol=job.protocol.value, **({} if job.epochs is None else {"epochs": job.epochs}))
    return model


def _told(model: Ensemble, histories: Mapping[str, History], seed: int) -> tuple[dict[str, Any], ...]:
    """Return what the record of an ensemble says of each member; its epochs are in its own folder."""
    seeds = member_seeds(seed, len(model.members))
    return tuple(
        {
            "member": name,
            "seed": one,
            "parameters": model.members[name].n_parameters,
            "epochs": len(history),
            "chosen_epoch": history.chosen_epoch,
            "stopped": history.stopped,
            "train_seconds": sum(row.train_seconds for row in history.rows),
        }
        for one, (name, history) in zip(seeds, histories.items(), strict=True)
    )
