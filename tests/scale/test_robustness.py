"""The kinds of `make robustness` as units on clusters: the same table and the same pictures as without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tenfold.checkpoint import read_json

PROGRAM = (str(Path(__file__).parents[2] / "benchmarks" / "robustness"),)
DATA = {"TENFOLD_DATA": "mnist-5k"}
KINDS = ("forms/separate boxes, dark", "no digit/words")
OPTIONS = ("--development", "--pictures", "2", "--kinds", *KINDS)


@pytest.fixture
def measured(started, tmp_path: Path) -> Callable[..., tuple[list[str], object, dict[str, bytes]]]:
    """Measure; return what was printed, the rows of the record, and the pictures."""

    def run(place: str, *options: str, variables: Mapping[str, str] | None = None) -> tuple:
        out = tmp_path / place
        given = (*OPTIONS, "--out", out, *options)
        said, _ = started(*given, variables=DATA | dict(variables or {}), program=PROGRAM).ended(0)
        sheets = {path.name: path.read_bytes() for path in (out / "docs" / "images").iterdir()}
        assert not list((out / "kinds").glob("*"))
        return said.splitlines()[:-1], read_json(out / "results" / "robustness.json")["rows"], sheets

    return run


def test_on_clusters_as_here(nodes, measured) -> None:
    here = measured("here")
    assert [f"{row['group']}/{row['kind']}" for row in here[1]] == list(KINDS)
    assert measured("slurm", "--on", "slurm:local") == here
    assert measured("ray", "--on", "ray", variables=nodes.variables) == here
