"""The networks that come trained: what the zoo describes, and as good as their page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import tenfold
from tenfold.cli import main
from tenfold.data import load_corpus
from tenfold.errors import ConfigError, TenfoldError
from tenfold.predict import find_run
from tenfold.zoo import build, load_trained, trained, trained_run

MNIST = "fd173559fad9320db65b18dd25991e18011ddf27deee842a82bd2001fcac012a"
PAGE = Path(__file__).parents[2] / "docs" / "trained-networks.md"


def record(name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((trained_run(name) / "run.json").read_bytes())
    return found


@pytest.mark.parametrize("name", trained())
def test_each_is_its_entry_trained_honestly_on_mnist(name: str) -> None:
    network, entry = load_trained(name).network, build(name).network
    assert network.config() == entry.config()
    assert {key: array.shape for key, array in network.params.items()} == entry.param_shapes
    found = record(name)
    assert (found["model"], found["protocol"], found["seed"]) == (name, "honest", 0)
    assert (found["dataset"], found["dataset_origin"]) == ("mnist", "mnist")
    assert found["dataset_sha256"] == MNIST


@pytest.mark.parametrize("name", trained())
def test_no_path_of_a_machine_is_left_in_it(name: str) -> None:
    for file in trained_run(name).rglob("*.json"):
        assert not re.search(r'"/|"[A-Z]:\\|runs/', file.read_text()), file


@pytest.mark.parametrize("name", trained())
def test_it_is_as_good_as_it_says(name: str) -> None:
    try:
        test = load_corpus("mnist", download=False).test
    except TenfoldError as error:
        pytest.skip(f"MNIST is not here: {error}")
    right = int((load_trained(name).predict(test.images) == test.labels).sum())
    said = record(name)["test"]["accuracy"]  # type: ignore[index]
    assert (
        abs(right - 10_000 * said) <= 2
    )  # another processor rounds otherwise, where two digits are as likely
    assert f"[`{name}`](models.md#{name}) |" in PAGE.read_text()
    assert f"| {100 * said:.2f} % |" in PAGE.read_text()


def test_where_a_run_is_expected_it_is_found_by_name() -> None:
    assert find_run("zoo:lenet5") == find_run(Path("zoo:lenet5")) == trained_run("lenet5")
    assert tenfold.load_trained("lenet5").n_parameters == 61_706


@pytest.mark.parametrize("name", ["lenet", "", "../trained/lenet5", "lenet5/model"])
def test_one_that_does_not_come_trained_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^unknown trained network "):
        find_run(f"zoo:{name}")


def test_its_report_goes_nowhere_into_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "zoo:lenet5"]) == ConfigError.exit_code
    assert capsys.readouterr().err == (
        "error: zoo:lenet5: expected a folder for its report, got none; name one with --out\n"
    )


def test_the_command_line_takes_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lenet5.onnx"
    assert main(["export", "zoo:lenet5", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "lenet5"
    assert main(["export", "zoo:lenet", str(file)]) == ConfigError.exit_code
    assert "did you mean 'lenet5'?" in capsys.readouterr().err
