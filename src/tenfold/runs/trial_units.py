"""The units of work of a trial: one command; of an ensemble one for each member, and one that joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tenfold.runs.launch.unit import Unit
from tenfold.runs.trial import member_file

if TYPE_CHECKING:
    from tenfold.evaluate import Ledger, Trial
    from tenfold.runs.launch import Choice
    from tenfold.zoo import Trainable


@dataclass(frozen=True)
class TrialUnits:
    """Makes the units of trials.

    Attributes
    ----------
    ledger : Ledger
        Where their figures go.
    options : sequence of str
        What each trial's command is given besides.
    place : Choice
        Says what each unit is given on other machines.
    entry : callable
        Returns the entry of a model by its name.
    """

    ledger: Ledger
    options: Sequence[str]
    place: Choice
    entry: Callable[[str], Trainable]

    def members(self, trial: Trial) -> tuple[str, ...]:
        """Return the members that are trained as units; none of a network, or where units run in turn."""
        return () if self.place.is_serial else self.entry(trial.model).members

    def member(self, trial: Trial, name: str) -> Unit:
        """Return the unit that trains one member; the trial's time is divided among them."""
        entry = self.entry(trial.model)
        minutes = -(-entry.resources.minutes // len(entry.members))
        run = self.ledger.run(trial)
        return Unit(
            name=f"{trial.name}-{name}",
            words=(*self._words(trial), "--member", name),
            home=self.ledger.folder,
            option="--results",
            file=member_file(run, name).relative_to(self.ledger.folder),
            resources=self.place.resources(replace(entry.resources, minutes=minutes)),
            besides=run.relative_to(self.ledger.folder),
        )

    def whole(self, trial: Trial) -> Unit:
        """Return the unit that writes the trial's figures; it reads the members that are trained."""
        run = self.ledger.run(trial).relative_to(self.ledger.folder)
        return Unit(
            name=trial.name,
            words=self._words(trial),
            home=self.ledger.folder,
            option="--results",
            file=self.ledger.figures(trial).relative_to(self.ledger.folder),
            resources=self.place.resources(self.entry(trial.model).resources),
            besides=run,
            needs=run if self.members(trial) else None,
        )

    def count(self, trials: Iterable[Trial]) -> int:
        """Return how many units trials are."""
        return sum(1 + len(self.members(trial)) for trial in trials)

    def _words(self, trial: Trial) -> tuple[str, ...]:
        words = ("run-trial", trial.model, "--seed", str(trial.seed), "--protocol", trial.protocol)
        return (*words, *self.options)
