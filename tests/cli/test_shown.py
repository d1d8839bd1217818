"""``evaluate --show``: predictions of a run one by one, filtered by sets of digits."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold.cli import main
from tenfold.data import TTA, load_corpus
from tenfold.errors import ConfigError
from tenfold.evaluate import examples
from tenfold.zoo import load_model


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


@pytest.fixture
def evaluate(capsys: pytest.CaptureFixture[str], run: Path) -> Callable[..., tuple[int, str, str]]:
    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["evaluate", str(run), *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def shown(evaluate: Any, *arguments: object) -> dict[str, Any]:
    code, out, err = evaluate(*arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)["predictions"]
    return found


@pytest.mark.parametrize("kind", ["wrong", "right", "uncertain"])
@pytest.mark.parametrize("filters", [{}, {"true": (4, 9)}, {"true": (4, 9), "predicted": (4, 9)}])
def test_what_is_shown_is_what_python_finds(evaluate, run: Path, kind: str, filters: dict[str, Any]) -> None:
    test = load_corpus("mnist-5k").test
    p = load_model(run / "model").predict_proba(test.images)
    options = {"true": "--digits", "predicted": "--read-as"}
    given = [part for name, values in filters.items() for part in (options[name], ",".join(map(str, values)))]
    found = shown(evaluate, "--show", kind, *given, "--limit", 7)
    index = examples(kind, test.labels, p, **filters)
    assert found["found"] == len(index)
    assert [one["index"] for one in found["images"]] == index[:7].tolist()
    for one in found["images"]:
        assert one["true"] == test.labels[one["index"]]
        assert one["predicted"] == np.argmax(one["probabilities"])
        assert one["probabilities"] == pytest.approx(p[one["index"]].tolist())


def test_without_a_kind_digits_are_of_the_wrong_ones(evaluate) -> None:
    found = shown(evaluate, "--digits", "9,4")
    assert (found["kind"], found["digits"], found["read_as"]) == ("wrong", [4, 9], None)
    assert {one["true"] for one in found["images"]} <= {4, 9}


def test_the_seed_draws_others(evaluate) -> None:
    first, again, other = (
        [one["index"] for one in shown(evaluate, "--show", "right", "--seed", seed)["images"]]
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_in_words(evaluate) -> None:
    code, out, _ = evaluate("--show", "uncertain", "--digits", "7", "--limit", 2)
    assert code == 0
    heading, columns, *lines = out[out.index("\n\n") + 2 :].splitlines()
    assert heading.startswith("2 of ")
    assert heading.endswith(" right predictions, least certain first; digits 7")
    assert columns.split()[:3] == ["image", "is", "read"]
    assert [line.split()[1:3] for line in lines] == [["7", "7"]] * 2
    assert [len(line.split()) for line in lines] == [13, 13]


def test_none_of_a_kind(evaluate) -> None:
    code, out, _ = evaluate("--show", "wrong", "--digits", "4", "--read-as", "4")
    assert code == 0
    assert out.endswith("\n\n0 of 0 wrong predictions, worst first; digits 4; read as 4\n")


def test_nothing_is_shown_unless_it_is_asked_for(evaluate) -> None:
    assert "predictions" not in json.loads(evaluate("--json")[1])


def test_a_picture_and_a_table(evaluate, undrawn: None) -> None:
    code, _, err = evaluate("--show", "right", "--draw", "out/right.png", "--csv", "out/all.csv")
    assert code == 0, err
    assert Path("out/right.png").read_text() == "predictions right"
    found = list(csv.DictReader(Path("out/all.csv").read_text().splitlines()))
    test = load_corpus("mnist-5k").test
    assert [int(row["true"]) for row in found] == test.labels.tolist()
    assert {(row["model"], row["dataset"], row["split"]) for row in found} == {("nn1l", "mnist-5k", "test")}


USAGE = {
    "no digits": (
        ["--digits", "four"],
        "--digits: expected digits separated by commas, such as 4,9, got 'four'",
    ),
    "nothing": (["--digits", ""], "--digits: expected digits separated by commas, such as 4,9, got ''"),
    "too large": (["--read-as", "4,12"], "--read-as: expected digits from 0 to 9, got 12; correct it"),
    "a table on stdout": (
        ["--csv", "-"],
        "--csv: expected a file, got -; only predict writes its table to stdout",
    ),
    "no picture": (["--draw", "x.jpg"], "--draw: expected a file that ends with .png, got x.jpg; name one"),
    "another kind": (["--show", "good"], "--show: expected one of 'wrong', 'right', 'uncertain', got 'good'"),
    "none": (["--show", "right", "--limit", "0"], "--limit: expected at least 1, got '0'; correct it"),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_shown_is_one_line(evaluate, case: str) -> None:
    arguments, wanted = USAGE[case]
    code, out, err = evaluate(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {wanted}")
    assert err.count("\n") == 1


# Test-time augmentation.


@pytest.mark.parametrize(("given", "tta"), [("1", TTA(1)), ("1,10", TTA(1, 10)), ("0,5", TTA(0, 5))])
def test_probabilities_are_averaged_over_copies(evaluate, run: Path, given: str, tta: TTA) -> None:
    test = load_corpus("mnist-5k").test
    p = tta.mean(load_model(run / "model").predict_proba, test.images)
    code, out, err = evaluate("--tta", given, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["scores"]["share"]["correct"] == np.sum(p.argmax(1) == test.labels)
    assert found["scores"]["loss"] == pytest.approx(-np.mean(np.log(p[np.arange(len(p)), test.labels])))
    assert found["tta"] == tta.config()
    assert f"test-time augmentation: {tta}" in err
    opened = tenfold.Run.open(run)
    assert opened.evaluate(tta=tta).loss == found["scores"]["loss"]
    np.testing.assert_array_equal(opened.model.predict_proba(test.images, tta=tta), p)
    np.testing.assert_array_equal(opened.model.predict(test.images, tta=tta), p.argmax(1))
    assert opened.model.evaluate(test, tta=tta).loss == pytest.approx(found["scores"]["loss"])
    assert opened.model.score(test, tta=tta) == np.mean(p.argmax(1) == test.labels)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("one", "--tta: expected SHIFT or SHIFT,DEGREES, got 'one'; for instance --tta 1"),
        ("1,", "--tta: expected SHIFT or SHIFT,DEGREES, got '1,'; for instance --tta 1"),
        ("0.5", "--tta: expected SHIFT or SHIFT,DEGREES, got '0.5'; for instance --tta 1"),
        ("9", "TTA: shift: expected a number from 0 to 8, got 9"),
        ("1,nan", "TTA: rotation: expected a number from 0 to 180, got nan"),
        ("0", "TTA: expected a shift or a rotation, got 0 for both; write TTA(shift=1)"),
    ],
)
def test_what_is_no_augmentation_is_refused(evaluate, given: str, message: str) -> None:
    code, out, err = evaluate("--tta", given)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("given", [True, 1, "shift"])
def test_in_python_it_is_an_object(run: Path, refused_in_one_line, given: object) -> None:
    opened, images = tenfold.Run.open(run), np.zeros((1, 28, 28), np.uint8)
    message = rf"tta: expected TTA\(\.\.\.\), got {given!r}; write tta=tenfold.data.TTA\(shift=1\)"
    for call in (
        lambda: opened.evaluate(tta=given),
        lambda: opened.model.predict_proba(images, tta=given),
        lambda: opened.model.evaluate(images, [0], tta=given),
    ):
        with refused_in_one_line(ConfigError, message):
            call()
