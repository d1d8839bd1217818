"""A model timed on a quiet machine: its times, with where, when and on what they were taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.errors import BusyError
from tenfold.machine import commit

if TYPE_CHECKING:
    from tenfold.data import Corpus
    from tenfold.train import Callback
    from tenfold.zoo import Duration, Entry, Times


def timed_record(
    entry: Entry, corpus: Corpus, repeats: int, folder: Path, callbacks: Sequence[Callback] = ()
) -> dict[str, Any]:
    """Time a model; return its times with where, when and on what they were taken.

    Raises
    ------
    BusyError
        If other programs used too much of the processors meanwhile.
    """
    from tenfold.evaluate import environment
    from tenfold.evaluate.timing import Others, timing
    from tenfold.evaluate.wording import plural
    from tenfold.zoo import digest, measured

    others = Others()
    times = timing(entry, corpus, repeats, measured(entry.name, [folder]), list(callbacks))
    share = others.share()
    _refuse_busy(share)
    machine = environment()
    return {
        "machine": f"{machine.machine}, {plural(machine.cores, 'core')}",
        "cores": machine.cores,
        "others": share,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "versions": dict(machine.versions),
        "digest": digest(entry),
        "dataset": corpus.name,
        "dataset_sha256": corpus.sha256,
        **times,
    }


def _refuse_busy(share: float | None) -> None:
    from tenfold.evaluate.timing import LIMIT

    if share is not None and share > LIMIT:
        raise BusyError(
            f"--time: expected a quiet machine, other programs used {100 * share:.0f} % of its processors "
            f"(at most {100 * LIMIT:.0f} %); end them and give the command again"
        )


def times_lines(entry: Entry, found: Times) -> list[str]:
    """Return a model's times in words."""
    from tenfold.evaluate.wording import plural, seconds

    def spread(duration: Duration) -> str:
        ends = f"{seconds(duration.low)} to {seconds(duration.high)}"
        return f"{seconds(duration.median)} ({ends}, {plural(duration.repeats, 'repeat')})"

    epochs = "" if found.epochs is None else f", {plural(found.epochs, 'epoch')}"
    lines = [
        f"{entry.name} on {found.machine}",
        f"  training on {found.train_images:,} images{epochs}: {spread(found.train)}",
        f"  predicting {found.test_images:,} images: {spread(found.predict)}",
    ]
    if found.others is None:
        lines.append("  this system does not tell what other programs used meanwhile")
    return lines
