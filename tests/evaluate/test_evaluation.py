"""Evaluations: what they hold, how they are kept, and the lines that a terminal shows."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from tenfold import metrics
from tenfold.errors import ConfigError, RangeError, ShapeError
from tenfold.evaluate import Run, curves, environment, evaluate, summary_lines


def test_scores_are_those_of_the_metrics(case):
    labels, p = case.data.labels, case.probabilities
    scores = case.evaluation.scores
    matrix = metrics.confusion_matrix(labels, p.argmax(axis=1))
    np.testing.assert_array_equal(scores.matrix, matrix)
    assert scores.share.images == len(labels)
    assert case.evaluation.accuracy == metrics.accuracy(labels, p.argmax(axis=1))
    assert scores.share.interval == metrics.wilson_interval(scores.share.correct, len(labels))
    assert case.evaluation.loss == metrics.mean_loss(labels, p)
    assert [np.nan if r is None else r for r in scores.recall] == pytest.approx(
        list(metrics.recall(matrix)), nan_ok=True
    )
    assert scores.calibration.expected_error == metrics.reliability(labels, p).expected_error


def test_json_holds_every_figure(case):
    text = case.evaluation.to_json()
    assert "NaN" not in text
    found = json.loads(text)
    assert found == case.evaluation.to_dict()
    assert found["scores"]["share"]["accuracy"] == case.evaluation.accuracy
    assert found["scores"]["recall"] == list(case.evaluation.scores.recall)
    assert found["run"] == asdict(case.evaluation.run)


def test_a_callable_is_asked_for_one_image_before_it_is_timed(typical):
    asked = []

    def predict(images):
        asked.append(images)
        return typical.probabilities[: len(images)]

    found = evaluate(predict, typical.data, Run("x"))
    assert [len(images) for images in asked] == [1, len(typical.data.labels)]
    assert asked[1] is typical.data.images
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
        ShapeError, match="made-up: expected 120 rows of probabilities, one for each image, got 119"
    ):
        evaluate(typical.probabilities[1:], typical.data, Run("x"))


def test_logits_are_refused(typical):
    with pytest.raises(RangeError, match="pass probabilities, not logits"):
        evaluate(typical.probabilities * 9, typical.data, Run("x"))


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
    assert f"{case.evaluation.loss:.4f} nats" in text


def test_summary_says_where_the_loss_was_bounded(make):
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
    assert found.loss[1].points == ((1, 0.2), (3, 0.07))
    assert not curves([])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"train_loss": 1.0}], "'epoch' in record 0, got None"),
        ([{"epoch": 1, "train_loss": "low"}], "a number for 'train_loss' in record 0, got 'low'"),
    ],
)
def test_bad_histories_are_refused(records, message):
    with pytest.raises(ConfigError, match=message):
        curves(records)
