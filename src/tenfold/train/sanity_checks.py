"""Short runs before the long one: does it run, and can the network learn?"""

from __future__ import annotations

import copy
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tenfold.data import Dataset
from tenfold.errors import StorageError
from tenfold.interrupt import Stopped, signal_suffix
from tenfold.nn import Sequential
from tenfold.train.choosing import executor_for
from tenfold.train.executor import ExecutorFactory
from tenfold.train.fitting import fit
from tenfold.train.history import HeldOut, History
from tenfold.train.recipe import Recipe
from tenfold.train.run_checks import check_data
from tenfold.train.seeds import generator

_STEPS_AT_A_TIME = 10


def dry_run(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    validation: Dataset | None = None,
    *,
    held_out: HeldOut = "validation",
    watch: Mapping[str, Dataset] | None = None,
    seed: int = 0,
    executor: ExecutorFactory = executor_for,
) -> History:
    """Do everything that a run does on two minibatches: train, validate, save.

    The network does not change, and the files go to a temporary folder.

    Raises
    ------
    TenfoldError
        Whatever the whole run would raise on its first minibatches.
    """
    two = 2 * recipe.batch_size_at(0)
    short = replace(recipe, epochs=1)
    part = None if validation is None else validation.subset(slice(0, two))
    parts = {name: data.subset(slice(0, two)) for name, data in (watch or {}).items()}
    with nothing_kept(), tempfile.TemporaryDirectory() as folder:
        trial, few, out = copy.deepcopy(network), train.subset(slice(0, two)), Path(folder)
        return fit(
            trial,
            short,
            few,
            part,
            held_out=held_out,
            watch=parts,
            seed=seed,
            out=out,
            executor=executor,
        )


@contextmanager
def nothing_kept() -> Iterator[None]:
    """In a ``with`` block, errors that end a run do not name its folder, which is temporary.

    Raises
    ------
    StorageError, Stopped
        In place of the errors that say where the run was saved.
    """
    try:
        yield
    except StorageError as error:
        error.kept, error.then = None, "give the command again"
        raise
    except KeyboardInterrupt as end:
        number = getattr(end, "number", signal.SIGINT)
        raise Stopped(f"interrupted{signal_suffix(number)}; nothing is saved", number) from None


@dataclass(frozen=True)
class Overfit:
    """The result of training on one minibatch alone.

    Attributes
    ----------
    learned : bool
        Whether every prediction on the minibatch is correct at the end. If not, network, loss or learning
        rate are wrong: any sound network can overfit a few images.
    steps : int
    images : int
    loss : float
        The mean loss of the last step.
    accuracy : float
        On the minibatch at the end, 0 to 1.
    """

    learned: bool
    steps: int
    images: int
    loss: float
    accuracy: float


def overfit_batch(
    network: Sequential,
    recipe: Recipe,
    train: Dataset,
    *,
    seed: int = 0,
    steps: int = 500,
    executor: ExecutorFactory = executor_for,
) -> Overfit:
    """Train on one minibatch until every prediction on it is correct, for at most ``steps`` steps.

    The network does not change; augmentation and schedules are left out.

    Raises
    ------
    TenfoldError
        If the parts do not fit one another.
    """
    check_data(network, recipe, train, {})
    batch = train.subset(generator(seed, 0, "order").permutation(len(train))[: recipe.batch_size_at(0)])
    trial = copy.deepcopy(network)
    trial.initialise(generator(seed, 0, "initialisation"))
    runner = executor(trial, recipe.loss, recipe.optimizer)
    order = np.tile(np.arange(len(batch)), _STEPS_AT_A_TIME)
    rates = np.full(_STEPS_AT_A_TIME, recipe.optimizer.learning_rate)
    dropout, done, loss, accuracy = generator(seed, 0, "dropout"), 0, np.inf, 0.0
    while done < steps and accuracy < 1.0:
        taken = runner.train(batch.images, batch.labels, order, len(batch), rates, dropout)
        done, loss = done + len(taken.losses), float(taken.losses[-1])
        if not np.isfinite(loss):
            break
        answers = recipe.loss.answers(runner.logits(batch.images))
        accuracy = float(np.mean(answers == batch.labels))
    return Overfit(accuracy == 1.0, done, len(batch), loss, accuracy)
