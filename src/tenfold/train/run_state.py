"""Save and restore everything that a run needs to resume with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.checkpoint import Checkpoint, CheckpointStore
from tenfold.errors import CheckpointError, ConfigError
from tenfold.nn import Sequential
from tenfold.optim import OptimizerState
from tenfold.quoting import message, quoted
from tenfold.train.executor import Executor, HostArray, Weights
from tenfold.train.progress import Progress
from tenfold.train.recovery import lost_weights_notice, recovered
from tenfold.train.run_checkpoints import Restore, check_checkpoint
from tenfold.train.seeds import Purpose, generator, generator_state, restore_generator
from tenfold.train.selection import Candidate, Selection

_TRAINED = "trained"  # the file of the weights as they are trained, beside their averages
_DRAWN_WITHIN_EPOCHS: tuple[Purpose, ...] = ("augmentation", "dropout")


class RunState:
    """Weights, optimiser, position, generators and the epochs that may be chosen.

    Parameters
    ----------
    network : Sequential
    executor : Executor
    progress : Progress
    selection : Selection
    seed : int
    averages : bool
        Whether the executor keeps averages of the weights.
    """

    def __init__(
        self, network: Sequential, executor: Executor, progress: Progress, selection: Selection, seed: int,
        *, averages: bool = False,
    ) -> None:  # fmt: skip
        self.network, self.executor, self._averages = network, executor, averages
        self.progress, self.selection, self.seed = progress, selection, seed
        self.generators: dict[str, np.random.Generator] = {}
        self.use_generators_of(epoch=0)

    def use_generators_of(self, epoch: int) -> None:
        """Use the generators of an epoch (from 0), in their initial state."""
        self.generators = self._generators_of(epoch)

    def _generators_of(self, epoch: int) -> dict[str, np.random.Generator]:
        return {purpose: generator(self.seed, epoch, purpose) for purpose in _DRAWN_WITHIN_EPOCHS}

    def tensors(self) -> dict[str, dict[str, HostArray]]:
        """Return the arrays by file and dotted name; those of the optimiser start with the slot's name.

        The weights are those that are evaluated. If they are averages, the weights as they are trained, from
        which the next step is taken, have a file of their own.
        """
        params, state, optimizer = self.executor.export()
        slots = optimizer.slots.items()
        named = {f"{slot}.{name}": array for slot, arrays in slots for name, array in arrays.items()}
        trained = {**params, **state}
        if not self._averages:
            return {"weights": trained, "optimizer": named}
        averaged = self.executor.weights()
        return {"weights": {**averaged.params, **averaged.state}, "optimizer": named, _TRAINED: trained}

    def to_json(self) -> dict[str, Any]:
        """Return the rest of the state as JSON values."""
        return {
            "executor": self.executor.name,
            "progress": self.progress.to_json(),
            "generators": {purpose: generator_state(rng) for purpose, rng in self.generators.items()},
            "selection": self.selection.to_json(),
        }

    @property
    def restore_methods(self) -> tuple[Restore, ...]:
        """How a checkpoint can be restored: with all that it needs, or else with what can still be read."""
        return self.restore, self.restore_readable

    def restore(self, checkpoint: Checkpoint, store: CheckpointStore) -> None:
        """Restore a checkpoint.

        Parameters
        ----------
        checkpoint : Checkpoint
        store : CheckpointStore
            Where the weights of the epochs that may be chosen are.

        Raises
        ------
        CheckpointError
            If the checkpoint, or one that it refers to, cannot be used; the run is unchanged then.
        ConfigError
            If it is beyond the run's last epoch, or has another rule of choice.
        """
        self._restore_with(
            checkpoint,
            lambda needed: {one: self._weights(store.find(one.epoch, one.step)) for one in needed},
        )

    def restore_readable(self, checkpoint: Checkpoint, store: CheckpointStore) -> None:
        """Restore a checkpoint, and choose among the epochs whose weights can be read; say which are lost.

        Raises
        ------
        CheckpointError, ConfigError
            As `restore`, but not for a checkpoint that this one refers to.
        """
        lost: list[int] = []

        def readable(needed: list[Candidate]) -> dict[Candidate, Weights]:
            left = recovered(self.selection, checkpoint.state["progress"], store, self._weights)
            lost.extend(sorted({candidate.epoch for candidate in needed} - {found.epoch for found in left}))
            return left

        self._restore_with(checkpoint, readable)
        self.progress.notice(lost_weights_notice(lost, self.selection, self.progress))

    def _restore_with(
        self, checkpoint: Checkpoint, weights_of: Callable[[list[Candidate]], dict[Candidate, Weights]]
    ) -> None:
        """Restore a checkpoint; ``weights_of(candidates)`` gives the new candidates with their weights."""
        check_checkpoint(checkpoint, self.tensors())
        try:
            self._check_position(checkpoint.state["progress"])
            candidates = self.selection.candidates_from(checkpoint.state["selection"])
            weights = weights_of(candidates) if self.selection.restores else {}
            self._restore(checkpoint)
        except (CheckpointError, ConfigError):
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{checkpoint.folder}: expected the state that a run saves, got another ({message(error)}); "
                "use another checkpoint"
            ) from error
        self.selection.candidates = list(weights) if self.selection.restores else candidates
        self.selection.weights = {candidate.epoch: found for candidate, found in weights.items()}

    def _check_position(self, saved: dict[str, Any]) -> None:
        if saved["epoch"] + (saved["step_in_epoch"] > 0) > self.progress.epochs:
            raise ConfigError(
                f"expected more epochs than the run has begun, it is in epoch {quoted(saved['epoch'] + 1)}, "
                f"got epochs={self.progress.epochs}; ask for more, or start in another folder"
            )

    def _weights(self, checkpoint: Checkpoint) -> Weights:
        check_checkpoint(checkpoint, self.tensors())
        return self._split(checkpoint)

    def _split(self, checkpoint: Checkpoint, file: str = "weights") -> Weights:
        """Return the weights of a checkpoint as parameters and running statistics."""
        arrays = checkpoint.tensors[file]
        params = {name: arrays[name] for name in self.network.param_shapes}
        return Weights(params, {name: arrays[name] for name in self.network.state_shapes})

    def _restore(self, checkpoint: Checkpoint) -> None:
        """Read everything first, so that an unusable checkpoint leaves the run unchanged."""
        saved = checkpoint.state
        slots: dict[str, dict[str, HostArray]] = {}
        for name, array in checkpoint.tensors["optimizer"].items():
            slot, _, parameter = name.partition(".")
            slots.setdefault(slot, {})[parameter] = array
        generators = self._generators_of(saved["progress"]["epoch"])
        for purpose, rng in generators.items():
            restore_generator(rng, saved["generators"][purpose])
        computed_by = saved["executor"]
        self.progress.restore(saved["progress"])  # all or nothing, and the last that can fail
        self.generators = generators
        trained = self._split(checkpoint, _TRAINED if self._averages else "weights")
        self.executor.restore(*trained, OptimizerState(self.progress.step, slots))
        if self._averages:
            self.executor.restore_average(self._split(checkpoint))
        if computed_by != self.executor.name:
            self.progress.notice(
                f"the run was computed by {computed_by}, it resumes on {self.executor.name}: bits may differ"
            )
