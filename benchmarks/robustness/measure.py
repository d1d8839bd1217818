"""Every picture of every kind drawn and read, on all cores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache

from case import Case
from every import every_kind
from found import Found, Mistake
from joblib import Parallel, delayed
from kind import Kind
from score import Named, score

from tenfold.predict import Reader, Reading, Recogniser
from tenfold.predict.recogniser import shipped
from tenfold.zoo import load_model

CHUNK = 10  # pictures that are read together


def measure(
    kinds: Sequence[Kind], seed: int, share: float = 1.0, run: str | None = None
) -> Iterator[tuple[Kind, Found]]:
    """Yield for each kind what was found on ``share`` of its pictures.

    The network that comes with tenfold reads them, or that of a run. Processes draw the pictures again
    from seed and index, so nothing is sent to them.
    """
    with Parallel(n_jobs=len(os.sched_getaffinity(0))) as work:
        for kind in kinds:
            count = max(1, round(share * kind.pictures))
            chunks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
            parts = work(delayed(_part)(kind.group, kind.name, seed, chunk, run) for chunk in chunks)
            yield kind, sum(parts, Found())


def named(reading: Reading) -> list[Named]:
    """Return what the reader found, in its order."""
    return [Named(None if one.digit is None else str(one.digit), one.probability) for one in reading.digits]


def _part(group: str, name: str, seed: int, indices: range, run: str | None) -> Found:
    """Draw and read some pictures of one kind."""
    kind = _kinds(seed)[group, name]
    cases = [kind.case(seed, index) for index in indices]
    readings = _reader(run).read_many([case.picture for case in cases])
    found = Found()
    for index, case, reading in zip(indices, cases, readings, strict=True):
        found += _judged(kind, index, case, reading)
    return found


def _judged(kind: Kind, index: int, case: Case, reading: Reading) -> Found:
    result = score(case.text, reading.text, named(reading))
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
