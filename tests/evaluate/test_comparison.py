"""Models compared: what is paired with what, what is said, and what is refused."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tenfold import metrics
from tenfold.errors import ConfigError, DataError
from tenfold.evaluate.comparison import (
    ModelResults,
    Result,
    compare,
    from_ledger,
    pair_lines,
    verdict,
    warnings,
)
from tenfold.evaluate.comparison.pairing import BY_SEED, CROSSED, REPEATED, pairing

IMAGES = 2000


def result(seed, wrong, images=IMAGES, **more):
    accuracy = 1 - len(wrong) / images
    return Result(seed, images, accuracy, None, None, 10.0, 0.5, tuple(sorted(wrong)), **more)


def results(name, errors, seeds=range(5), **more):
    """Runs that misread so many images each; among them every image below 5."""
    rng = np.random.default_rng(sum(map(ord, name)))
    trials = []
    for seed, n in zip(
        seeds, errors if isinstance(errors, list) else [errors] * len(list(seeds)), strict=True
    ):
        own = rng.choice(np.arange(5, IMAGES), n - 5, replace=False)
        trials.append(result(seed, {*range(5), *own.tolist()}))
    return ModelResults(name, "honest", 100, "made-up", "abc", tuple(trials), **more)


GOOD, BAD = results("good", [30, 34, 28, 31, 29]), results("bad", [60, 66, 58, 63, 61])


def test_figures_are_those_of_the_metrics():
    [pair] = compare([GOOD, BAD]).pairs
    flags = [np.array([trial.flags() for trial in one.trials]) for one in (GOOD, BAD)]
    differences = flags[1].mean(axis=1) - flags[0].mean(axis=1)
    assert pair.difference == pytest.approx(differences.mean())
    assert pair.images.p == metrics.sign_flip_test(flags[1].sum(axis=0) - flags[0].sum(axis=0))
    assert pair.images.tests == tuple(metrics.mcnemar(a, b) for a, b in zip(*flags, strict=True))
    assert pair.seeds_test.test.p == pytest.approx(stats.ttest_rel(*flags_means(flags)).pvalue)
    assert pair.seeds_test.sign == metrics.sign_test(5, 0)
    assert pair.p == max(pair.images.p, pair.seeds_test.test.p)
    both, only_good, only_bad = pair.images.shares
    assert both + only_good == pytest.approx(np.mean([trial.errors for trial in GOOD.trials]))
    assert both + only_bad == pytest.approx(np.mean([trial.errors for trial in BAD.trials]))


def flags_means(flags):
    return [1 - one.mean(axis=1) for one in flags]


def test_exchanging_the_two_turns_every_sign():
    [one], [other] = compare([GOOD, BAD]).pairs, compare([BAD, GOOD]).pairs
    assert one.difference == -other.difference
    assert one.p == pytest.approx(other.p)
    assert one.images.shares == pytest.approx([other.images.shares[i] for i in (0, 2, 1)])
    assert one.images.interval == pytest.approx(
        [-other.images.interval[1], -other.images.interval[0]], abs=5e-4
    )
    assert verdict(one) == verdict(other)


PAIRINGS = {
    "same seeds": (range(3), range(3), {}, [(0, 0), (1, 1), (2, 2)], BY_SEED),
    "nothing random in either": (range(2), range(2), {"deterministic": True}, [(0, 0)], BY_SEED),
    "fewer seeds": ([0], range(3), {}, [(0, 0), (0, 1), (0, 2)], CROSSED),
    "other seeds": (range(2), range(7, 9), {}, [(0, 7), (0, 8), (1, 7), (1, 8)], CROSSED),
    "some seeds in common": ([0, 1], [1, 2], {}, [(0, 1), (0, 2), (1, 1), (1, 2)], CROSSED),
    "nothing random": ([0], range(3), {"deterministic": True}, [(0, 0), (0, 1), (0, 2)], REPEATED),
}


@pytest.mark.parametrize("name", PAIRINGS)
def test_runs_are_paired(name):
    first, second, more, want, how = PAIRINGS[name]
    both = more if how == BY_SEED else {}
    a, b = results("a", 20, first, **more), results("b", 30, second, **both)
    found = pairing(a, b)
    assert [(x.seed, y.seed) for x, y in found.pairs] == want
    assert found.how == how
    assert sorted((y.seed, x.seed) for x, y in pairing(b, a).pairs) == want


VERDICTS = {
    "better": (GOOD, BAD, "good is better: it misreads 1.52 % against 3.08 %"),
    "no difference": (
        results("one", 40, [0, 1]),
        results("two", 40, [0, 1]),
        "no difference: both misread 2.000 %",
    ),
    "one run each": (
        results("good", 20, [0]),
        results("bad", 60, [0]),
        "good was better in this pair of runs: error rate 1.00 % against 3.00 %; other seeds may differ",
    ),
    "too few images": (
        results("one", 39, [0]),
        results("two", 41, [0]),
        r"no evidence of a difference \(error rates 1.95 % against 2.05 %\): about \d+,000 test images .*",
    ),
    "too few seeds": (
        results("one", [15, 60, 15], range(3)),
        results("two", [66, 61, 68], range(3)),
        r"no evidence of a difference \(error rates 1.50 % against 3.25 %\): about \d seeds are needed .*",
    ),
    "equal differences": (
        results("one", [30, 31], [0, 1]),
        results("two", [80, 81], [0, 1]),
        r"no evidence of a difference \(error rates 1.52 % against 4.03 %\): 2 pairs are too few .*",
    ),
    "nothing random in either": (
        results("one", 20, [0], deterministic=True),
        results("two", 70, [0], deterministic=True),
        "one is better: it misreads 1.00 % against 3.50 %",
    ),
    "one run against several": (
        results("good", 20, [0]),
        results("bad", [60, 70, 65], range(3)),
        "good was better in these runs: error rate 1.00 % against 3.25 %; other seeds of good may differ",
    ),
    "other seeds": (
        results("good", [30, 34, 31], range(3)),
        results("bad", [60, 66], [7, 8]),
        "good is better: it misreads 1.58 % against 3.15 %",
    ),
    "other seeds, too few": (
        results("good", [30, 30], range(2)),
        results("bad", [60, 60, 60], [7, 8, 9]),
        r"no evidence of a difference \(error rates 1.50 % against 3.00 %\): 2 and 3 runs are too few .*",
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_it_is_said_in_plain_words(name):
    a, b, want = VERDICTS[name]
    [pair] = compare([a, b]).pairs
    assert re.fullmatch(want, verdict(pair)), verdict(pair)
    lines = pair_lines(pair)
    assert lines[0].endswith(verdict(pair))
    assert all(line.isascii() and "nan" not in line for line in lines)


def test_where_seeds_differ_every_run_counts():
    """By its own figures each model is as good as in any other comparison, and no seed's number matters."""
    one, other = results("one", [30, 60, 31], [0, 1, 2]), results("other", [40, 42, 41, 39], [0, 5, 6, 7])
    [pair] = compare([one, other]).pairs
    assert (pair.accuracy_a, pair.accuracy_b) == pytest.approx([x.accuracies.mean() for x in (one, other)])
    assert pair.difference == pytest.approx(pair.accuracy_a - pair.accuracy_b)
    flags = [np.array([trial.flags() for trial in x.trials]).sum(axis=0) for x in (one, other)]
    assert pair.images.p == metrics.sign_flip_test(3 * flags[1] - 4 * flags[0])
    want = stats.ttest_ind(one.accuracies, other.accuracies, equal_var=False)
    assert pair.seeds_test.test.p == pytest.approx(want.pvalue)
    assert pair.seeds_test.sign is None
    renumbered = replace(other, trials=tuple(replace(t, seed=t.seed + 1) for t in other.trials))
    [again] = compare([one, renumbered]).pairs
    assert (again.p, again.difference) == (pair.p, pair.difference)


def test_of_a_single_run_nothing_is_known_of_other_seeds():
    [pair] = compare([results("one", 30, [0]), BAD]).pairs
    assert pair.seeds_test is None
    assert pair.p == pair.images.p
    [said] = [line for line in pair_lines(pair) if "over seeds" in line]
    assert said.endswith("one run of one says nothing about its other seeds")


@pytest.mark.parametrize("runs", [(1, 1), (3, 3), (1, 5), (4, 2)])
def test_equal_models_differ_by_chance_alone(runs):
    """Equally good on average, but each with hard images of its own that its runs share."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(300):
        chances = 0.15 * rng.beta(0.3, 1.2, (2, 600))  # (2, n) how often each model misreads an image
        both = rng.random(600) < 0.04
        trials = [
            [result(10 * side + run, np.flatnonzero(both | (rng.random(600) < chances[side])).tolist(), 600)
             for run in range(runs[side])]
            for side in range(2)
        ]  # fmt: skip
        a, b = (ModelResults(str(i), "honest", 1, "made-up", "abc", tuple(t)) for i, t in enumerate(trials))
        d = sum(y.flags().astype(int) - x.flags() for x, y in pairing(a, b).pairs)
        found.append(metrics.sign_flip_test(d))
    share = np.mean(np.array(found) <= 0.05)
    assert 0.01 < share < 0.08  # five in a hundred, give or take; coins, being whole, cost a little


def test_every_trial_of_the_ledger_says_what_it_misread():
    for path in (Path(__file__).parents[2] / "results").glob("*.json"):
        if "trials" in (found := json.loads(path.read_bytes())):
            assert from_ledger(found, path.name).misread().sum() > 0


def test_labels_are_counted_in_three_ways():
    """Of two runs the second alone reads what the corrected labels say."""
    ten = set(metrics.CORRECTED)
    a = replace(GOOD, name="a", trials=(result(0, {1}, 10_000, wrong_corrected=tuple(ten)),))
    b = replace(GOOD, name="b", trials=(result(0, {1, *ten}, 10_000, wrong_corrected=()),))
    [pair] = compare([a, b]).pairs
    assert pair.difference == pytest.approx(0.001)
    assert pair.images.corrected == (pytest.approx(-0.001), metrics.sign_test(0, 10).p)
    assert any(
        line.startswith("  10 corrected difference -0.100 points, p = 0.002") for line in pair_lines(pair)
    )
    [unknown] = compare([a, replace(b, trials=(replace(b.trials[0], wrong_corrected=None),))]).pairs
    assert unknown.images.corrected is None


def test_no_number_is_so_small_that_it_is_nothing():
    far = compare([results("one", 10, [0, 1]), results("two", 400, [0, 1])]).pairs[0]
    single = compare([results("one", 10, [0]), results("two", 400, [0])]).pairs[0]
    for pair in (far, single):
        assert not re.search(r"(?<!\d)0\.000|e-", "\n".join(pair_lines(pair)))


def test_the_protocol_is_said_and_what_it_was_worth():
    def gained(one, gain):
        return tuple(replace(trial, protocol_gain=gain) for trial in one.trials)

    a = replace(GOOD, protocol="published", trials=gained(GOOD, 0.0002))
    [pair] = compare([a, BAD]).pairs
    assert "  protocol     published against honest" in pair_lines(pair)
    [(name, text)] = warnings([a, BAD])
    assert name == "protocols differ"
    assert text.endswith("Choosing on the test images added +0.020 points to good.")
    [pair] = compare([a, replace(BAD, chooses=False)]).pairs
    assert "  protocol     published against either" in pair_lines(pair)


def test_several_are_compared_pair_by_pair_with_holms_method():
    third = results("third", [31, 33, 30, 29, 30])
    found = compare([GOOD, BAD, third])
    assert [(pair.a, pair.b) for pair in found.pairs] == [
        ("good", "bad"),
        ("good", "third"),
        ("bad", "third"),
    ]
    assert [pair.p_holm for pair in found.pairs] == metrics.holm([pair.p for pair in found.pairs]).tolist()
    assert "not significant among so many comparisons" in verdict(replace(found.pairs[0], p_holm=0.06))


def test_the_doubtful_labels_are_left_out_on_mnist_alone():
    def on_mnist(name, wrong):
        return replace(GOOD, name=name, dataset="mnist", trials=(result(0, wrong, 10_000),))

    doubtful = set(metrics.DOUBTFUL)
    [pair] = compare([on_mnist("a", {1, 2}), on_mnist("b", {1, 2, *doubtful})]).pairs
    assert pair.difference == pytest.approx(15 / 10_000)
    assert pair.images.without_doubtful == (0.0, 1.0)
    assert compare([GOOD, BAD]).pairs[0].images.without_doubtful is None


def test_the_same_comparison_gives_the_same_json():
    first, again = (json.dumps(compare([GOOD, BAD]).to_dict(), allow_nan=False) for _ in range(2))
    assert first == again
    found = json.loads(first)
    assert found["pairs"][0]["verdict"] == verdict(compare([GOOD, BAD]).pairs[0])
    assert found["models"][0]["accuracies"] == GOOD.accuracies.tolist()


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([GOOD], "expected at least two models to compare, got 1; name another"),
        ([GOOD, BAD, GOOD], "expected every model once, got good, bad, good; leave out the duplicates"),
        (
            [GOOD, replace(BAD, dataset="others", dataset_sha256="def")],
            "bad: expected the test images of good (made-up), got others (others)",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(models, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        compare(models)


TRIAL = {
    "seed": 3,
    "images": 4,
    "accuracy": 0.5,
    "accuracy_corrected": None,
    "accuracy_without_doubtful": 0.6,
    "train_seconds": 1.5,
    "predict_seconds": 0.1,
    "wrong": [2, 0],
    "dataset": "mnist",
    "dataset_sha256": "abc",
    "machine": "whichever",
}
LEDGER = {
    "model": "lenet5",
    "protocol": "honest",
    "parameters": 61_706,
    "trials": [TRIAL, TRIAL | {"seed": 1}],
}


def test_a_file_of_the_ledger_is_read():
    found = from_ledger(LEDGER, "lenet5.json", chooses=False)
    assert [trial.seed for trial in found.trials] == [1, 3]
    assert found.trials[0].wrong == (0, 2)
    assert found.trials[0].flags().tolist() == [True, False, True, False]
    assert (found.name, found.protocol, found.parameters, found.chooses) == (
        "lenet5",
        "honest",
        61_706,
        False,
    )
    assert found.misread().tolist() == [1.0, 0.0, 1.0, 0.0]


def spoilt(**changes):
    found = copy.deepcopy(LEDGER)
    found["trials"][0].update(changes)
    return found


@pytest.mark.parametrize(
    "found",
    [
        {},
        [],
        LEDGER | {"trials": []},
        LEDGER | {"parameters": "many"},
        spoilt(accuracy=1.5),
        spoilt(accuracy=0.75),
        spoilt(wrong=[0, 4]),
        spoilt(wrong=[-1, 2]),
        spoilt(wrong=[0, 0]),
        spoilt(wrong=None),
        spoilt(wrong_corrected=[947]),
        spoilt(seed=None),
        spoilt(images=5),
        spoilt(dataset_sha256="def"),
        LEDGER | {"trials": [7]},
        spoilt(accuracy=10**400),
    ],
)
def test_anything_else_is_refused_by_its_name(found):
    with pytest.raises(DataError, match=r"^lenet5\.json: expected trials on one data set, got .*run them"):
        from_ledger(found, "lenet5.json")
