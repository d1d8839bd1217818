"""Speed runs: one training after the other from random weights, each timed in one piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.files.named_folders import held, make_folder
from tenfold.interrupt import Interrupted, Stopped
from tenfold.machine import commit
from tenfold.runs.speedrun_record import (
    FOLDER,
    Measurement,
    continued,
    measurement,
    missing,
    new_record,
    put_record,
    with_seed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenfold.data import Corpus
    from tenfold.zoo.speedruns import Speedrun

DATASET = "mnist"
TRAINING_PASSES = 3  # the operations of a training step, in forward passes: one forward, two backward


@dataclass(frozen=True)
class Session:
    """What happened once in this process, apart from the trainings.

    Attributes
    ----------
    corpus : Corpus
    load_seconds : float
        Reading the images.
    results : Path
    """

    corpus: Corpus
    load_seconds: float
    results: Path

    def file(self, entry: Speedrun) -> Path:
        """Return the file of a target on this kind of machine."""
        from tenfold.backend.cpu.instruction_set import instruction_set
        from tenfold.evaluate import environment

        instructions = instruction_set().name.lower().replace("-", "")
        name = f"{entry.target}-{instructions}-{environment().file_words}.json"
        return self.results / FOLDER / name

    def record(self, entry: Speedrun) -> dict[str, Any]:
        """Return the record of a target as far as it has come; see `continued`."""
        from tenfold.backend.cpu.instruction_set import instruction_set
        from tenfold.evaluate import environment

        machine, model = environment(), entry.build()
        where = {
            "machine": machine.machine,
            "instructions": instruction_set().name,
            "cores": machine.cores,
            "system": machine.system,
            "dataset": self.corpus.name,
            "dataset_sha256": self.corpus.sha256,
            "images": len(self.corpus.train),
            "parameters": model.n_parameters,
            "flops": training_flops(entry, len(self.corpus.train)),
        }
        return continued(self.file(entry), new_record(entry, where))


def checked_results(results: Path | None, corpus: Corpus, default: Path) -> Path:
    """Return the results folder; figures on other data do not go to ours unasked.

    Raises
    ------
    ConfigError
        If the data are not MNIST and no folder is named.
    """
    if results is None and corpus.name != DATASET:
        raise ConfigError(
            f"{default}/: expected speed runs on {DATASET}, got {corpus.name}; choose a folder with --results"
        )
    return results or default


def training_flops(entry: Speedrun, images: int) -> int:
    """Return the operations of a training: three forward passes for each image of each epoch.

    The augmentation is not counted.
    """
    from tenfold.train.epoch_plan import EpochPlan

    recipe = entry.recipe
    trained = sum(len(EpochPlan.of(recipe, images, 0, epoch).order) for epoch in range(recipe.epochs))
    return TRAINING_PASSES * trained * sum(row.flops for row in entry.build().rows())


def warm_up(entry: Speedrun, corpus: Corpus) -> float:
    """Compile all that a training calls, or fetch it from disk, with one minibatch; return the seconds."""
    from tenfold.zoo import NetworkModel

    began = perf_counter()
    recipe = replace(entry.recipe, epochs=1, choose="last")
    few = corpus.train.subset(range(recipe.batch_size_at(0)))
    model = NetworkModel(entry.target, entry.build(), recipe)
    model.fit(few)
    model.predict_proba(few.images)
    return perf_counter() - began


def train_seed(entry: Speedrun, session: Session, seed: int, warm_up_seconds: float) -> dict[str, Any]:
    """Train from random weights on all training images, then read the test images once; return the row.

    The seconds run from the untrained network to the trained one: random weights, the order of the images,
    augmentation, all steps, and the mean of weights if the recipe takes one.
    """
    from tenfold.evaluate import environment
    from tenfold.evaluate.timing import Others
    from tenfold.metrics import accuracy
    from tenfold.zoo import NetworkModel

    corpus = session.corpus
    others, cpu, began = Others(), process_time(), perf_counter()
    model = NetworkModel(entry.target, entry.build(), entry.recipe)
    model.fit(corpus.train, seed=seed)
    seconds, cpu_seconds, share = perf_counter() - began, process_time() - cpu, others.share()
    began = perf_counter()
    answers = model.predict_proba(corpus.test.images).argmax(axis=1)
    test_seconds = perf_counter() - began
    return {
        "seed": seed,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "accuracy": accuracy(corpus.test.labels, answers),
        "test_seconds": test_seconds,
        "load_seconds": session.load_seconds,
        "warm_up_seconds": warm_up_seconds,
        "others": share,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "versions": dict(environment().versions),
    }


def run_targets(
    entries: Sequence[Speedrun], session: Session, seeds: Sequence[int] | None, tell: Callable[[str], None]
) -> dict[Path, Measurement]:
    """Train the seeds that are missing of each target, by default those of its entry.

    ``tell`` gets a line for each new seed. Returns what the targets' files then hold; see `run_seeds`.
    """
    from tenfold.runs.speedrun_lines import seed_line

    make_folder(session.results, "--results")
    with held(session.results, "--results"):
        files = [
            run_seeds(
                entry,
                session,
                entry.seeds if seeds is None else seeds,
                lambda row, target=entry.target: tell(seed_line(target, row)),  # type: ignore[misc]
            )
            for entry in entries
        ]
    return {path: one for path in files if (one := measurement(path)) is not None}


def run_seeds(
    entry: Speedrun,
    session: Session,
    seeds: Sequence[int],
    tell: Callable[[dict[str, Any]], None] = lambda row: None,
) -> Path:
    """Train the seeds that a target's file does not have yet, each written as soon as it is done.

    Parameters
    ----------
    entry : Speedrun
    session : Session
    seeds : sequence of int
    tell : callable
        Gets each new row.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError, DataError
        If the file is about something else.
    StorageError
        If it cannot be written.
    Stopped
        After Ctrl-C; the seeds that are done are in the file.
    """
    path, record = session.file(entry), session.record(entry)
    todo = missing(record, seeds)
    warmed = warm_up(entry, session.corpus) if todo else 0.0
    for seed in todo:
        try:
            row = train_seed(entry, session, seed, warmed)
        except Interrupted as interruption:
            raise Stopped(
                f"interrupted in seed {seed} of {entry.target} %; give the command again for the seeds that "
                "are missing",
                interruption.number,
            ) from None
        record["seeds"] = with_seed(record["seeds"], row)
        put_record(path, record)
        tell(row)
    return path
