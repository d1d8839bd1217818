"""The trials of an ablation: those that the ledger holds, and the others, which are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import ConfigError
from tenfold.runs.launch import Choice
from tenfold.runs.models import Models
from tenfold.runs.trial_plan import parse_seeds

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.evaluate import Ledger, Trial
    from tenfold.evaluate.ablation import Ablation, Variant
    from tenfold.evaluate.comparison import ModelResults
    from tenfold.files import HeldFolder
    from tenfold.runs.launch import Launcher
    from tenfold.runs.trial_pool import Outcome, TrialPool, Watcher
    from tenfold.runs.trial_units import TrialUnits


ABLATIONS = Path("ablations")


@dataclass(frozen=True)
class Order:
    """What is to be trained, on what, and where it goes.

    Attributes
    ----------
    file : str
        The ablation's file, or the name of one that comes with tenfold.
    ablation : Ablation
        What is in it.
    corpus : Corpus
    source : str
        Where the corpus is.
    seeds : tuple of int
    protocol : str
    epochs : int or None
        In place of the recipes'.
    results : Path or None
        The ledger whose trials are used; by default the one that comes with tenfold.
    out : Path
        Where trials go that are run.
    place : Choice
        Where trials run, and how many at a time.
    models : Models
        Those that have a name.
    """

    file: str
    ablation: Ablation
    corpus: Corpus
    source: str
    seeds: tuple[int, ...]
    protocol: str
    epochs: int | None
    results: Path | None
    out: Path
    place: Choice
    models: Models = field(default_factory=Models)

    @classmethod
    def of(
        cls,
        file: str,
        network: Sequence[str] | None,
        load: Callable[[str], Corpus],
        *,
        source: str | None,
        seeds: str | None,
        out: Path | None,
        **others: Any,
    ) -> Order:
        """Return the order of a file, or of a name, on the data that ``load`` returns for a source.

        Raises
        ------
        TenfoldError
            If the file, the seeds or the data cannot be read.
        """
        models, source = Models.of(network), source or "mnist"
        models.ablation(file)  # an error in it comes before the data
        corpus = load(source)
        models = models.on(corpus)
        ablation = models.ablation(file)
        chosen = ablation.variants[0].entry.seeds if seeds is None else tuple(parse_seeds(seeds))
        out = out or default_folder(file)
        return cls(file, ablation, corpus, source, chosen, out=out, models=models, **others)


def refuse_equal(order: Order) -> None:
    """Refuse a change that changes nothing, as one of epochs does with ``--epochs``.

    Raises
    ------
    ConfigError
        If a link would be trained as the one is that it is measured against.
    """
    links = order.ablation.variants
    for link in links:
        before = link if link.against is None else links[link.against]
        if link is not before and _digest(order, link) == _digest(order, before):
            given = "" if order.epochs is None else f" with --epochs {order.epochs}"
            raise ConfigError(
                f"{order.file}: {before.name!r} and {link.name!r} would be trained in the same way{given}; "
                "remove one of them"
            )


def missing(order: Order) -> list[tuple[int, list[Trial]]]:
    """Return which trials are still to be run, by the place of their link."""
    found = []
    for place, link in enumerate(order.ablation.variants):
        there = _in_ledger(order, link).keys() | _own(order, link).keys()
        trials = [trial for trial in _wanted(order, link) if trial.seed not in there]
        found.append((place, trials))
    return [(place, trials) for place, trials in found if trials]


def units_of(order: Order, place: int) -> TrialUnits:
    """Return what makes the units of the trials of a link."""
    from tenfold.runs.trial_units import TrialUnits

    link = order.ablation.variants[place]
    options = ["--data", order.source, *order.models.options]
    if order.epochs is not None and link.entry.in_epochs:
        options += ["--epochs", str(order.epochs)]
    if not link.plain:
        options += ["--ablation", order.file, "--link", str(place)]
    return TrialUnits(_ledger(order, link), options, order.place, lambda name: link.entry)


def run(
    order: Order,
    todo: list[tuple[int, list[Trial]]],
    home: HeldFolder,
    launcher: Launcher,
    watcher: Watcher,
) -> Iterator[Outcome]:
    """Run trials, link by link, and yield what became of each; after a signal to end no other is begun."""
    from tenfold.runs.trial_pool import TrialPool

    stopped: TrialPool | None = None
    for place, trials in todo:
        if stopped is not None:
            yield from map(stopped.interrupted, trials)
            continue
        pool = TrialPool(units_of(order, place), home, launcher, watcher)
        yield from pool.run(trials)
        stopped = pool if pool.stopped else None


def contender(order: Order, link: Variant) -> ModelResults | str:
    """Return a link with all its trials, or why there are none."""
    from tenfold.evaluate.comparison import from_ledger

    every = _in_ledger(order, link) | _own(order, link)
    if not every:
        reasons = (_ledger(order, link).failure_reason(trial) for trial in _wanted(order, link))
        return next(filter(None, reasons), "no trial has ended; run the same command again")
    figures = list(every.values())
    return from_ledger(
        {
            "model": link.name,
            "protocol": _protocol(order, link),
            "parameters": figures[0]["parameters"],
            "trials": figures,
        },
        link.name,
        deterministic=link.entry.deterministic,
        chooses=link.entry.selection_set is not None,
    )


def train_images(order: Order, link: Variant) -> int | None:
    """Return how many images a link's trials were trained on; None without trials that say so."""
    every = (_in_ledger(order, link) | _own(order, link)).values()
    return next((figures["split"]["train"] for figures in every if "split" in figures), None)


def _wanted(order: Order, link: Variant) -> list[Trial]:
    from tenfold.evaluate import Trial

    seeds = link.entry.seeds if link.entry.deterministic else order.seeds
    return [Trial(link.entry.name, _protocol(order, link), seed) for seed in seeds]


def _protocol(order: Order, link: Variant) -> str:
    """A model that chooses nothing has one protocol, whatever is asked for."""
    only, *others = link.entry.protocols
    return order.protocol if others else only


def _ledger(order: Order, link: Variant) -> Ledger:
    """Where a link's own trials are: whatever decides what is trained is in the folder's name."""
    from tenfold.evaluate import Ledger

    code = (link.entry.origin or {}).get("sha256")  # of the user's file: what its layers compute
    what = f"{_digest(order, link)} {order.corpus.sha256}" + (f" {code}" if code else "")
    decides = sha256(what.encode()).hexdigest()[:8]
    return Ledger(order.out / "links" / f"{link.entry.name}-{decides}")


def _digest(order: Order, link: Variant) -> str:
    from tenfold.zoo import digest, fitted_to

    return digest(fitted_to(link.entry, order.corpus.train), order.epochs if link.entry.in_epochs else None)


def digests(order: Order) -> list[str]:
    """Return what stands for what is trained, for each link."""
    return [_digest(order, link) for link in order.ablation.variants]


def _own(order: Order, link: Variant) -> dict[int, dict[str, Any]]:
    """The link's trials that were run for this ablation, by seed."""
    ledger = _ledger(order, link)
    found = {trial.seed: ledger.find(trial) for trial in _wanted(order, link)}
    return {seed: figures for seed, figures in found.items() if figures is not None}


def _in_ledger(order: Order, link: Variant) -> dict[int, dict[str, Any]]:
    """The link's trials that are in the ledger, by seed: an entry as it is now, on the same data."""
    from tenfold.evaluate import Ledger
    from tenfold.zoo.measured import PLACES

    if not link.plain:
        return {}
    same = {"dataset_sha256": order.corpus.sha256, "digest": _digest(order, link)}
    for place in PLACES if order.results is None else (order.results,):
        ledger = Ledger(place)
        every = {trial.seed: ledger.find(trial) for trial in _wanted(order, link)}
        found = {seed: one for seed, one in every.items() if one and same.items() <= one.items()}
        if found:
            return found
    return {}


def default_folder(file: str) -> Path:
    """Return a folder of its own for each file, and for each that comes with tenfold."""
    path = Path(file)
    if path.suffix != ".toml":
        return ABLATIONS / file
    path, here = path.resolve(), Path.cwd()
    seen = path.relative_to(here) if path.is_relative_to(here) else path
    return ABLATIONS / f"{path.stem}-{sha256(seen.as_posix().encode()).hexdigest()[:4]}"


def order_command(order: Order) -> str:
    """Return what repeats the ablation."""
    from tenfold.evaluate.wording import command

    options = {
        "--seeds": ",".join(str(seed) for seed in order.seeds),
        **order.place.options,
        "--protocol": order.protocol,
        "--out": None if order.out == default_folder(order.file) else order.out,
        "--results": order.results,
        "--data": order.source if order.source != "mnist" else None,
        "--epochs": order.epochs,
        **dict([order.models.options] if order.models.options else []),
    }
    return command("tenfold", "ablate", order.file, options=options)
