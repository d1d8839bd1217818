"""The event files that a run writes for TensorBoard: where, and who writes them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.files import make_subfolder

if TYPE_CHECKING:
    from tenfold.data import Dataset
    from tenfold.runs.job import Job
    from tenfold.train.tensorboard import TensorBoard
    from tenfold.zoo import NetworkModel, Splits

OPTION, FOLDER = "--tensorboard", "tensorboard"


def folder(given: str | None, out: Path, *, resume: bool) -> Path | None:
    """Return the folder for event files, which has the name of the run's; None where none are asked for.

    One level lower than asked, for several runs may be compared in one folder, and because TensorBoard's
    table finds no figures of a run that lies right where TensorBoard was told to look.

    Raises
    ------
    ConfigError
        If there are event files of another run in it.
    """
    if given is None:
        return None
    from tenfold.train.tensorboard import has_events

    found = (Path(given) if given else out / FOLDER) / out.resolve().name
    if not resume and has_events(found):
        raise ConfigError(
            f"{found}: expected no event files, found those of another run; "
            f"name another folder after {OPTION}"
        )
    return found


def board(job: Job, model: NetworkModel, splits: Splits, watch: dict[str, Dataset]) -> TensorBoard | None:
    """Return who writes the job's event files, if they are asked for."""
    if job.tensorboard is None or model.recipe is None:
        return None
    from tenfold.train.tensorboard import TensorBoard

    inside = job.out / FOLDER
    if inside in job.tensorboard.parents:
        make_subfolder(inside)  # what is in a run's folder is no link to anywhere else
    named: dict[str, str | int | float]
    named = {"model": job.entry.name, "dataset": job.corpus.name, "seed": job.seed}
    return TensorBoard(
        job.tensorboard,
        model.network,
        model.recipe,
        splits.train,
        splits.held_out,
        watch=watch,
        settings=named,
    )


def check(*, rehearsal: bool) -> None:
    """Refuse early what cannot be written.

    Raises
    ------
    ConfigError
        If nothing of the run is kept, or tensorboardX is not installed.
    """
    from tenfold.train.tensorboard import check_installed

    if rehearsal:
        raise ConfigError(
            f"{OPTION}: expected a run, got a rehearsal, of which nothing is saved; leave it out"
        )
    check_installed()


def how_to_look(at: Path) -> str:
    """Return the command that shows the event files, and those of other runs next to them."""
    return f"tensorboard --logdir {shlex.quote(str(at.parent))}"
