"""Which trials are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError

if TYPE_CHECKING:
    from tenfold.evaluate import Trial
    from tenfold.runs.models import Models
    from tenfold.zoo import Entry

ALL = "all"
_SHARD = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")
_SEEDS = re.compile(r"(0|[1-9][0-9]{0,9})(?:-(0|[1-9][0-9]{0,9}))?")
_AT_MOST = 10_000


class Protocols(StrEnum):
    """Which protocols to measure."""

    honest = "honest"
    published = "published"
    both = "both"


class Watch(StrEnum):
    """What is watched in trials: never images that would have to be held out, and change what is measured."""

    test = "test"
    none = "none"


def refuse_watching(wanted: Sequence[Trial], watch: Watch | None, models: Models | None = None) -> None:
    """Refuse to watch the test images in trials of the honest protocol, before the first is run.

    Raises
    ------
    ConfigError
        With the first such trial.
    """
    from tenfold.runs.models import Models
    from tenfold.zoo import watch_rule

    models = models or Models()
    for trial in wanted:
        found = models.entry(trial.model)
        if found.is_network:
            watch_rule(found, "honest" if trial.protocol == "honest" else "published", watch)


def plan(
    names: Sequence[str], seeds: str | None, protocol: str, shard: str, models: Models | None = None
) -> list[Trial]:
    """Return the trials that are asked for, each once; ``models`` are those that have a name.

    Raises
    ------
    ConfigError
        If a name, the seeds or the shard cannot be read.
    """
    from tenfold.evaluate import Trial
    from tenfold.evaluate import shard as part_of
    from tenfold.runs.models import Models
    from tenfold.zoo import ENTRIES
    from tenfold.zoo.entry import MNIST

    models = models or Models()
    of_mnist = [found for found in ENTRIES.values() if found.dataset == MNIST]
    entries = of_mnist if ALL in names else [models.entry(name) for name in dict.fromkeys(names)]
    every = [
        Trial(found.name, one, seed)
        for found in entries
        for one in _protocols(found, protocol)
        for seed in (found.seeds if seeds is None else parse_seeds(seeds))
    ]
    return part_of(every, *parse_shard(shard))


def data_of(trials: Sequence[Trial], models: Models | None = None) -> str:
    """Return the name of the data set that all models of these trials are for; ``models`` have a name.

    Raises
    ------
    ConfigError
        If they are for several.
    """
    from tenfold.runs.models import Models
    from tenfold.zoo.entry import MNIST

    models = models or Models()
    found = sorted({models.entry(trial.model).dataset for trial in trials}) or [MNIST]
    if len(found) > 1:
        raise ConfigError(
            f"expected models for one data set, got some for {' and some for '.join(found)}; give them one "
            "by one, or name the data with --data"
        )
    return found[0]


def parse_seeds(text: str) -> list[int]:
    """Return the seeds that a text names, sorted.

    Raises
    ------
    ConfigError
        If it cannot be read.

    Examples
    --------
    >>> parse_seeds("0-3,17")
    [0, 1, 2, 3, 17]
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _SEEDS.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + _AT_MOST:
            raise ConfigError(
                f"--seeds: expected seeds like 0-9 or 0,7,12, at most {_AT_MOST:,} of up to ten digits, "
                f"got {text!r:.60}; correct it"
            )
        found |= set(range(first, last + 1))
        if len(found) > _AT_MOST:
            raise ConfigError(f"--seeds: expected at most {_AT_MOST:,} seeds, got more; use several commands")
    return sorted(found)


def parse_shard(text: str) -> tuple[int, int]:
    """Return which of how many parts a text names, from 1.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    match = _SHARD.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise ConfigError(f"--shard: expected a part like 1/4, from 1/4 to 4/4, got {text!r:.60}; correct it")
    return int(match[1]), int(match[2])


def _protocols(found: Entry, protocol: str) -> tuple[str, ...]:
    if len(found.protocols) == 1 or protocol == Protocols.both:
        return found.protocols
    return (str(protocol),)
