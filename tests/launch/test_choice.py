"""Where units run, as the options say; nothing of a cluster's packages is needed otherwise."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tenfold.cli import main
from tenfold.errors import ConfigError
from tenfold.resources import Resources
from tenfold.runs.launch import Choice, LocalLauncher

FORBIDDEN = "raise AssertionError('imported without being asked for')\n"
PACKAGES = {"ray": "ray", "slurm:local": "submitit"}


@pytest.mark.parametrize("on", ["", "cloud", "ray:", "Slurm", "ray//x"])
def test_a_place_that_is_unknown(on: str) -> None:
    with pytest.raises(ConfigError, match="--on: expected local, slurm, slurm:local, ray or ray://HOST:PORT"):
        Choice(on)


@pytest.mark.parametrize("given", [{"cores": 2}, {"memory": 100}, {"minutes": 5}])
def test_resources_are_for_clusters(given: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=f"--{next(iter(given))}: expected --on slurm or --on ray with it"):
        Choice("local", **given)


def test_what_is_given_comes_before_what_an_entry_states() -> None:
    stated = Resources(cores=1, memory=3000, minutes=90)
    assert Choice("ray").resources(stated) == stated
    assert Choice("ray", cores=4, minutes=5).resources(stated) == Resources(4, 3000, 5)


def test_the_options_that_repeat_a_choice() -> None:
    assert not any(Choice(jobs=1).options.values())
    said = {name: value for name, value in Choice("ray", 7, cores=2).options.items() if value is not None}
    assert said == {"--jobs": 7, "--on": "ray", "--cores": 2}


def test_this_machine_is_the_default() -> None:
    launcher = Choice().launcher()
    assert isinstance(launcher, LocalLauncher)
    assert launcher.at_once == 1


@pytest.mark.parametrize("on", PACKAGES)
def test_a_missing_package_is_named(on: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if importlib.util.find_spec(PACKAGES[on]) is not None:
        pytest.skip(f"{PACKAGES[on]} is installed")
    options = ["--data", "mnist-5k", "--epochs", "1", "--results", str(tmp_path), "--on", on]
    assert main(["trials", "nn1l", *options]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    extra = on.partition(":")[0]
    assert f"expected {PACKAGES[on]} to be installed, found nothing; install it: pip install" in err
    assert f"'tenfold[{extra}]'" in err


def test_nothing_of_a_cluster_is_imported_on_this_machine(tmp_path: Path) -> None:
    for package in PACKAGES.values():
        (tmp_path / f"{package}.py").write_text(FORBIDDEN)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    words = ["trials", "nn1l", "--seeds", "0", "--data", "mnist-5k", "--epochs", "1"]
    command = [sys.executable, "-m", "tenfold", *words, "--results", str(tmp_path / "r"), "-q"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
