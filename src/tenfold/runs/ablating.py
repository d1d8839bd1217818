"""An ablation carried out: missing trials are run, all are compared, the findings and the page written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.evaluate.ablation import effect_rows, effects, heads, put_record
from tenfold.evaluate.ablation_page import write_ablation
from tenfold.evaluate.tables import Table
from tenfold.files.named_folders import held, make_folder
from tenfold.runs.ablation_trials import (
    Order,
    contender,
    digests,
    missing,
    order_command,
    refuse_equal,
    run,
    train_images,
    units_of,
)
from tenfold.runs.trial_pool import Outcome, failure_code, raise_if_interrupted

if TYPE_CHECKING:
    from tenfold.evaluate.ablation import AblationResult
    from tenfold.runs.trial_display import NoWatcher


@dataclass(frozen=True)
class Ablated:
    """What came of an ablation.

    Attributes
    ----------
    result : AblationResult
    record : dict
        As JSON values.
    outcomes : list of Outcome
        Of the trials that were run.
    page : Path
    """

    result: AblationResult
    record: dict[str, Any]
    outcomes: list[Outcome]
    page: Path

    @property
    def failed(self) -> int:
        """How many trials were not done."""
        return sum(outcome.ending != "done" for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """With which code a command ends."""
        return failure_code(self.outcomes) if self.failed else 0

    def to_dict(self) -> dict[str, Any]:
        """Return the record, what failed, and where the page is, as JSON values."""
        return self.record | {"failed": self.failed, "page": str(self.page)}

    def parts(self) -> Iterator[str | Table]:
        """Yield the same in lines and a table."""
        ablation, names = self.result.ablation, heads(self.result)
        title = f"{ablation.title}: each compared with {'the one before' if ablation.chain else 'the base'}"
        yield f"{title}, in points"
        yield Table(title, names, tuple(map(tuple, effect_rows(self.result))), left=(0, len(names) - 1))
        if ablation.is_published and ablation.source:
            yield f"published: {ablation.source}"
        yield from self.result.notes
        yield f"page {self.page}"


def ablate(order: Order, watch: Callable[[int], NoWatcher]) -> Ablated:
    """Run the trials that are missing, and compare all.

    Parameters
    ----------
    order : Order
    watch : callable
        Given the number of units to run, returns who shows them.

    Raises
    ------
    ConfigError
        If two of the models are the same, or the folder cannot be made.
    Stopped
        After a signal to end.
    """
    refuse_equal(order)
    make_folder(order.out / "links", "--out")
    outcomes = _outcomes(order, watch)
    links = order.ablation.variants
    result = effects(
        order.ablation,
        [contender(order, link) for link in links],
        [train_images(order, link) for link in links],
    )
    page = write_ablation(result, order.out, order_command(order))
    record = result.to_dict() | {"protocol": order.protocol, "epochs": order.epochs}
    record["digests"] = digests(order)
    put_record(order.out, record)
    return Ablated(result, record, outcomes, page)


def _outcomes(order: Order, watch: Callable[[int], NoWatcher]) -> list[Outcome]:
    todo = missing(order)
    waiting = sum(units_of(order, place).count(trials) for place, trials in todo)
    with (
        held(order.out, "--out") as home,
        order.place.launcher() as launcher,
        closing(watch(waiting)) as watcher,
    ):
        outcomes = list(run(order, todo, home, launcher, watcher))
    raise_if_interrupted(outcomes)
    return outcomes
