"""Evaluations: what they hold, how they are kept, and the lines that a terminal shows."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tenfold import metrics
from tenfold.errors import CheckpointError, ConfigError, RangeError, ShapeError
from tenfold.evaluate import Evaluation, Run, curves, environment, evaluate, summary_lines


def test_scores_are_those_of_the_metrics(case):
    labels, p = case.data.labels, case.probabilities
    scores = case.evaluation.scores
    matrix = metrics.confusion_matrix(labels, p.argmax(axis=1))
    np.testing.assert_array_equal(scores.matrix, matrix)
    assert scores.share.images == len(labels)
    assert case.evaluation.accuracy == metrics.accuracy(labels, p.argmax(axis=1))
    assert scores.share.interval == metrics.wilson_interval(scores.share.correct, len(labels))
    assert case.evaluation.cost == metrics.mean_cost(labels, p)
    assert [np.nan if r is None else r for r in scores.recall] == pytest.approx(
        list(metrics.recall(matrix)), nan_ok=True
    )
    assert scores.calibration.expected_error == metrics.reliability(labels, p).expected_error


def test_json_and_back(case):
    text = case.evaluation.to_json()
    assert Evaluation.from_json(text) == case.evaluation
    assert Evaluation.from_json(text).to_json() == text
    assert "NaN" not in text
    assert json.loads(text)["scores"]["share"]["accuracy"] == case.evaluation.accuracy


def test_a_callable_is_asked_once_and_timed(typical):
    asked = []

    def predict(images):
        asked.append(images)
        return typical.probabilities

    found = evaluate(predict, typical.data, Run("x"))
    assert len(asked) == 1
    assert asked[0] is typical.data.images
    assert found.predict_seconds >= 0
    assert replace(found, predict_seconds=None, run=typical.evaluation.run) == typical.evaluation


def test_the_doubtful_are_left_out_only_of_the_mnist_test_set(typical):
    assert typical.evaluation.without_doubtful is None
    assert typical.evaluation.corrected is None


def test_the_doubtful_are_left_out_of_the_mnist_test_set(make):
    folder = os.environ.get("TENFOLD_DATA")
    if not folder or not any(Path(folder).glob("t10k-labels*")):
        pytest.skip("needs MNIST: set TENFOLD_DATA to the folder with its files")
    from tenfold.data import load_corpus

    test = load_corpus(folder, download=False).test
    right = np.eye(10)[test.labels]
    wrong = right.copy()
    wrong[[947, 0]] = right[[947, 0]][:, ::-1]  # one doubtful image and one other
    found = evaluate(wrong, test, Run("x"))
    assert found.scores.share.wrong == 2
    assert found.without_doubtful.images == 9_985
    assert found.without_doubtful.wrong == 1
    assert found.corrected.images == 10_000
    assert found.corrected.wrong == 11  # who reads the labels as given is wrong about the ten


def test_the_labels_that_are_corrected_are_those_that_were_judged():
    from tenfold.data import load_corpus

    folder = os.environ.get("TENFOLD_DATA")
    if not folder or not any(Path(folder).glob("t10k-labels*")):
        pytest.skip("needs MNIST: set TENFOLD_DATA to the folder with its files")
    labels = load_corpus(folder, download=False).test.labels
    # the labels that the readers were shown, from the same file as their votes
    judged = {947: 8, 1621: 0, 1901: 9, 2462: 2, 2597: 5, 3558: 5, 5937: 5, 6651: 0, 6783: 1, 9729: 5}
    assert {index: labels[index] for index in metrics.CORRECTED} == judged
    changed = metrics.corrected(labels) != labels
    assert np.flatnonzero(changed).tolist() == sorted(judged)


def test_probabilities_of_other_images_are_refused(typical):
    with pytest.raises(
        ShapeError, match="made-up: expected 120 rows of probabilities, one an image, got 119"
    ):
        evaluate(typical.probabilities[1:], typical.data, Run("x"))


def test_logits_are_refused(typical):
    with pytest.raises(RangeError, match="pass probabilities, not logits"):
        evaluate(typical.probabilities * 9, typical.data, Run("x"))


def without(key):
    return lambda tree: tree["run"].pop(key)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("scores"), r"missing \['scores'\]"),
        (lambda t: t.update(extra=1), r"unknown \['extra'\]"),
        (without("seed"), r"evaluation.run: .*missing \['seed'\]"),
        (lambda t: t["run"].update(seed="0"), "evaluation.run.seed: expected int, got str"),
        (lambda t: t["run"].update(seed=True), "evaluation.run.seed: expected int, got bool"),
        (lambda t: t.update(dataset=5), "evaluation.dataset: expected str, got int"),
        (lambda t: t["scores"].update(recall=3), "evaluation.scores.recall: expected an array, got int"),
        (
            lambda t: t["scores"]["recall"].append("x"),
            r"evaluation.scores.recall\[10\]: expected float, got str",
        ),
        (lambda t: t.update(scores=[]), "evaluation.scores: expected an object, got list"),
        (lambda t: t["environment"]["versions"].append(["a"]), "expected 2 values, got 1"),
    ],
)
def test_damaged_evaluations_are_refused_by_name(refused_in_one_line, typical, change, message):
    tree = json.loads(typical.evaluation.to_json())
    change(tree)
    with refused_in_one_line(CheckpointError, message):
        Evaluation.from_json(json.dumps(tree))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 5000])
def test_what_is_no_evaluation_is_refused(text):
    with pytest.raises(CheckpointError, match=r"^evaluation: "):
        Evaluation.from_json(text)


def test_summary_says_what_was_measured_on_what(make):
    run = Run("lenet5", "honest", 0, parameters=61_706, train_seconds=75.2)
    case = make("typical", name="mnist-5k", run=run)
    evaluation = replace(case.evaluation, predict_seconds=0.0312)
    text = "\n".join(summary_lines(evaluation))
    share = evaluation.scores.share
    assert text.startswith("lenet5 on mnist-5k, 120 images (test)")
    assert f"accuracy       {100 * share.accuracy:.2f} %   95 % interval" in text
    assert f"{share.wrong} of 120 wrong" in text
    assert "training 1 min 15 s, prediction 31.2 ms" in text
    assert "61,706" in text


def test_summary_of_every_kind_is_ascii(case):
    text = "\n".join(summary_lines(case.evaluation))
    assert text.isascii()
    assert f"{case.evaluation.cost:.4f} nats" in text


def test_summary_says_where_the_cost_was_bounded(make):
    assert "120 true digits ruled out, counted as 36.04 nats each" in "\n".join(
        summary_lines(make("all wrong").evaluation)
    )


def test_names_cannot_steer_the_terminal(make):
    lines = summary_lines(make("typical", run=Run("a\x1b[2Jb\nc")).evaluation)
    assert lines[0].startswith(r"a\x1b[2Jb\nc on made-up")


def test_environment_names_machine_and_versions():
    found = environment()
    versions = dict(found.versions)
    assert found.machine
    assert found.cores >= 1
    assert versions["numpy"] == np.__version__


def test_curves_leave_out_what_is_missing(history):
    found = curves(history)
    assert [one.part for one in found.accuracy] == ["train", "validation"]
    assert found.cost[1].points == ((1, 0.2), (3, 0.07))
    assert not curves([])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"train_cost": 1.0}], "'epoch' in record 0, got None"),
        ([{"epoch": 1, "train_cost": "low"}], "a number for 'train_cost' in record 0, got 'low'"),
    ],
)
def test_bad_histories_are_refused(records, message):
    with pytest.raises(ConfigError, match=message):
        curves(records)
