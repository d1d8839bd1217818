"""The kinds of `make robustness` as units on clusters: the same table and the same pictures as without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json

PROGRAM = (str(Path(__file__).parents[2] / "benchmarks" / "robustness"),)
DATA = {"TENFOLD_DATA": "mnist-5k"}
KINDS = ("forms/separate boxes, dark", "no digit/words")
OPTIONS = ("--development", "--pictures", "2")
Measured = tuple[list[str], list[dict[str, object]], dict[str, bytes]]


@pytest.fixture
def measured(started, tmp_path: Path) -> Callable[..., Measured]:
    """Measure; return what was printed, the rows of the record, and the pictures."""

    def run(
        place: str, *options: str, kinds: Sequence[str] = KINDS, variables: Mapping[str, str] | None = None
    ) -> Measured:
        out = tmp_path / place
        given = (*OPTIONS, "--kinds", *kinds, "--out", out, *options)
        said, _ = started(*given, variables=DATA | dict(variables or {}), program=PROGRAM).ended(0)
        sheets = {path.name: path.read_bytes() for path in (out / "docs" / "images").iterdir()}
        assert not list((out / "kinds").glob("*"))
        return said.splitlines()[:-1], read_json(out / "results" / "robustness.json")["rows"], sheets

    return run


def test_on_clusters_as_here(nodes, measured) -> None:
    here = printed, rows, _ = measured("here")
    assert [f"{row['group']}/{row['kind']}" for row in rows] == list(KINDS)
    assert measured("slurm", "--on", "slurm:local") == here
    on_ray = measured("ray", "--on", "ray", kinds=KINDS[:1], variables=nodes.variables)
    assert (on_ray[0][0], on_ray[1]) == (printed[0], rows[:1])
