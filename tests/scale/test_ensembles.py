"""The members of an ensemble as units on clusters: the ledger of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tenfold.backend.cpu.threads import available

TRIALS = ("trials", "pair", "--seeds", "0", "--data", "mnist-5k", "--json")


@pytest.fixture
def trained(started, ledger, with_package, tmp_path: Path) -> Callable[..., tuple[object, str]]:
    """Train the ensemble; return what the ledger holds, and what was said."""

    def run(place: str, *options: str, **variables: str) -> tuple[object, str]:
        command = started(
            *TRIALS, "--results", tmp_path / place, *options, variables=with_package | variables
        )
        out, err = command.ended(0)
        assert [one["ending"] for one in json.loads(out)["trials"]] == ["done"]
        assert not list((tmp_path / place).rglob("trained.json"))
        return ledger(tmp_path / place), err

    return run


@pytest.mark.fault(
    "clusters", "the worker of an ensemble's member is killed", "trained again, the same ledger"
)
def test_on_clusters_as_here(nodes, trained, tmp_path: Path) -> None:
    here, _ = trained("here", "--jobs", str(available()))  # a core for each, as on clusters
    assert trained("slurm", "--on", "slurm:local")[0] == here
    on_ray, err = trained("ray", "--on", "ray", **nodes.variables)
    assert "wide: its machine or its worker was lost; starting it again" in err
    assert (tmp_path / "ray" / "killed").exists()
    assert on_ray == here
