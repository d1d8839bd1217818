"""Every picture of every kind drawn and read, on all cores."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache

from case import Case
from every import every_kind
from found import Found, Mistake
from joblib import Parallel, delayed
from kind import Kind
from score import REFUSED, Named, Score, score

from tenfold.predict import Reader, Reading, Recogniser
from tenfold.predict.recogniser import shipped
from tenfold.zoo import load_model

CHUNK = 10  # pictures that are read together


def measure(
    kinds: Sequence[Kind], seed: int, run: str | None = None, share: float = 1.0, most: int | None = None
) -> Iterator[tuple[Kind, Found]]:
    """Yield for each kind what was found on ``share`` of its pictures, and at most on ``most``.

    The network that comes with tenfold reads them, or that of a run. Processes draw the pictures again
    from seed and index, so nothing is sent to them.
    """
    counts = [min(max(1, round(share * kind.pictures)), most or kind.pictures) for kind in kinds]
    parts = -(-max(counts) // CHUNK)  # of the kind with the most pictures
    with Parallel(n_jobs=min(parts, len(os.sched_getaffinity(0)))) as work:
        for kind, count in zip(kinds, counts, strict=True):
            chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
            found = work(delayed(_part)(kind.group, kind.name, seed, chunk, run) for chunk in chunks)
            yield kind, sum(found, Found())


def named(reading: Reading) -> list[Named]:
    """Return what the reader found, in its order; it says of no sign how probable it is, so it is sure."""
    each = iter(reading.digits)
    return [
        Named(character, next(each).probability if character.isdecimal() or character == REFUSED else 1.0)
        for character in reading.text.replace("\n", "")
    ]


def _part(group: str, name: str, seed: int, indices: range, run: str | None) -> Found:
    """Draw and read some pictures of one kind."""
    kind = _kinds(seed)[group, name]
    cases = [kind.case(seed, index) for index in indices]
    readings = _reader(run).read_many([case.picture for case in cases])
    found = Found()
    for index, case, reading in zip(indices, cases, readings, strict=True):
        found += _judged(kind, index, case, reading)
    return found


def judged(text: str, reading: Reading) -> Score:
    """Compare; a mark without a name may come out as several ``?``, one for each of its pieces."""
    found, read = named(reading), reading.text
    if REFUSED in text:
        found = [one for i, one in enumerate(found) if not (i and one.refused and found[i - 1].refused)]
        read = re.sub(r"\?+", REFUSED, read)
    return score(text, read, found)


def _judged(kind: Kind, index: int, case: Case, reading: Reading) -> Found:
    result = judged(case.text, reading)
    if result.pictures_right:
        return Found(result)
    mistake = Mistake(
        kind.group, kind.name, index, case.text, reading.text, confident=result.confident_mistakes > 0
    )
    return Found(result, (mistake,))


@cache
def _kinds(seed: int) -> dict[tuple[str, str], Kind]:
    return {(kind.group, kind.name): kind for kind in every_kind(seed)}


@cache
def _reader(run: str | None) -> Reader:
    return Reader(shipped() if run is None else Recogniser.of(load_model(run)))
