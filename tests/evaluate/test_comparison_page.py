"""The pages of comparisons and ablations: whole, alone, and safe whatever the names and figures."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from tenfold.errors import ConfigError, ShapeError
from tenfold.evaluate.ablation import Ablation, Variant, effect_rows, effects
from tenfold.evaluate.ablation_page import ablation_document, write_ablation
from tenfold.evaluate.comparison import ModelResults, Result, compare
from tenfold.evaluate.comparison_page import comparison_document, write_comparison
from tenfold.evaluate.comparison_page.comparison_document import TRAINING_TIME
from tenfold.evaluate.comparison_page.cost_chart import cost_chart
from tenfold.evaluate.comparison_page.error_axis import error_axis
from tenfold.zoo import Duration, PublishedRun, Times, entry

IMAGES = 400
TEST = SimpleNamespace(
    images=np.full((IMAGES, 28, 28), 90, dtype=np.uint8), labels=np.arange(IMAGES) % 10, name="made-up"
)


class Page(HTMLParser):
    """Elements and text of a page; complains where an element is closed out of order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += " ".join(data.split()) + " "

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def results(name, errors, *, parameters=100, **more):
    """A run for each number of errors: the first images, and one more that is the run's own."""
    trials = []
    for seed, n in enumerate(errors):
        wrong = tuple(sorted({*range(n - 1), IMAGES - 1 - seed})) if 0 < n < IMAGES else tuple(range(n))
        accuracy = 1 - len(wrong) / IMAGES
        known = accuracy if more.get("dataset") == "mnist" else None
        trials.append(Result(seed, IMAGES, accuracy, known, known, 2.0 + seed, 0.1, wrong))
    facts = {"dataset": "made-up", "dataset_sha256": "abc"} | more
    return ModelResults(name, "honest", parameters, trials=tuple(trials), **facts)


CASES = {
    "two": [results("a", [8, 9, 10]), results("b", [14, 16, 19])],
    "one run each": [results("a", [8]), results("b", [14])],
    "the same": [results("a", [8, 8]), results("b", [8, 8])],
    "no errors": [results("a", [0, 0]), results("b", [0, 0])],
    "all wrong": [results("a", [IMAGES] * 2), results("b", [8, 9])],
    "nothing random": [results("knn", [12], deterministic=True, parameters=None), results("b", [8, 10, 11])],
    "other seeds": [results("a", [80, 90, 85]), results("b", [60, 70])],
    "many runs each with each": [results("a", range(20, 30)), results("b", range(20, 29))],
    "one run against several": [results("a", [8]), results("b", [60, 70])],
    "twelve": [results(f"model-{i}", [5 + i, 9 + i]) for i in range(12)],
}


@pytest.fixture(params=CASES)
def case(request):
    return compare(CASES[request.param])


def page_of(found, test=TEST, command="tenfold compare a b"):
    return comparison_document(found, test, command)


def test_every_comparison_makes_a_whole_page(case):
    page = Page(page_of(case))
    for one in case.models:
        assert one.name in page.text
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a")} <= set(ids)
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))


def test_nothing_is_fetched_and_no_script_runs(case):
    page = Page(page_of(case))
    assert not page.all("script")
    assert "script-src 'none'" in page.all("meta")[1]["content"]
    for tag, attributes in page.elements:
        assert tag not in ("variant", "iframe", "object", "embed")
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,"))


def test_charts_hold_no_impossible_numbers(case, labels_outside):
    text = page_of(case)
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
        xs = re.findall(r' (?:x|x1|x2|cx)="([^"]*)"', svg)
        ys = re.findall(r' (?:y|y1|y2|cy)="([^"]*)"', svg)
        assert xs
        assert ys
        assert all(0 <= float(x) <= width for x in xs)
        assert all(0 <= float(y) <= height for y in ys)
        assert labels_outside(svg) == []
        assert all(float(n) >= 0 for n in re.findall(r'<rect[^>]* (?:width|height)="([^"]*)"', svg))
    assert all(a["aria-label"] for a in Page(text).all("svg"))


def test_the_digits_that_tell_them_apart_are_shown():
    found = compare([results("a", [4, 4, 4]), results("b", [6, 6, 6])])
    page = Page(page_of(found))
    shown = [attributes["alt"] for attributes in page.all("img")]
    # both misread 0, 1, 2; b also 3 and 4; the image of each run's own is misread by no majority
    assert shown == [f"Test image {i}, labelled {i}" for i in (0, 1, 2, 3, 4)]
    assert "Misread by both : 3 images" in page.text
    assert "Misread by a alone : 0 images" in page.text
    assert "Misread by b alone : 2 images" in page.text
    assert "3 0 : 3" in page.text


def test_equal_differences_have_no_interval_over_seeds():
    page = Page(page_of(compare([results("a", [8, 9]), results("b", [14, 15])])))
    assert "the runs do not vary over 2 pairs of the same seed 95 % interval -" in page.text
    assert "+1.500 to +1.500" not in page.text


def test_p_is_said_for_each_way_to_count_labels():
    def on_mnist(name, wrong):
        trials = (Result(0, 10_000, 1 - len(wrong) / 10_000, 0.99, 0.99, 1.0, 0.1, tuple(wrong), (947,)),)
        return ModelResults(name, "honest", 1, "mnist", "abc", trials)

    found = compare([on_mnist("a", range(20)), on_mnist("b", range(10, 60))])
    rows = re.findall(
        r"(as given|10 corrected|15 left out)(?:<[^>]*>)+((?:[^<]+(?:<[^>]*>)+){4})", page_of(found, None)
    )
    chances = {name: re.split(r"(?:<[^>]*>)+", cells)[3] for name, cells in rows}
    assert chances == dict.fromkeys(("as given", "10 corrected", "15 left out"), "&lt; 0.001")


def test_without_images_there_are_figures_all_the_same():
    page = Page(page_of(compare(CASES["two"]), None))
    assert not page.all("img")
    assert "McNemar" in page.text


def test_other_images_than_those_judged_are_refused():
    fewer = SimpleNamespace(images=TEST.images[1:], labels=TEST.labels[1:], name="x")
    with pytest.raises(ShapeError, match="expected the 400 test images as uint8, got 399 as uint8"):
        page_of(compare(CASES["two"]), fewer)


WARNINGS = {
    "honest": ({}, {}, None),
    "published": ({"protocol": "published"}, {"protocol": "published"}, "as the authors of each model"),
    "mixed": ({"protocol": "published"}, {}, "under different protocols"),
    "mixed, but one chooses nothing": ({"protocol": "published", "chooses": False}, {}, None),
    "sample": ({"dataset": "mnist-5k"}, {"dataset": "mnist-5k"}, "not on the 10,000 test images"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_limits_a_comparison_is_said(name):
    first, second, said = WARNINGS[name]
    a, b = CASES["two"]
    page = Page(page_of(compare([replace(a, **first), replace(b, **second)])))
    notes = [a for _, a in page.elements if a.get("role") == "note"]
    assert len(notes) == (said is not None)
    assert said is None or said in page.text


NASTY = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b", "\ud800", "ünï→"]


@pytest.mark.fault("trials and reports", "a name is <script> or =cmd", "escaped in HTML and CSV")
@pytest.mark.parametrize("name", NASTY)
def test_names_are_only_text(name, tmp_path):
    a, b = CASES["two"]
    found = compare([replace(a, name=name, protocol=name), replace(b, dataset=name)])
    path = write_comparison(found, TEST, tmp_path / "out", command=name)
    page = Page(path.read_text(encoding="utf-8"))
    assert not page.all("script")
    assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")]
    shown = name.replace("\ud800", "\ufffd")  # which has no UTF-8
    assert shown in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize("errors", [[0.004, 0.0042], [0.5, 0.004, 0.1], [0.0], [1.0, 0.0], [0.01, 0.0100001]])
def test_an_axis_holds_its_values_between_its_ends(errors):
    axis = error_axis(errors, 200, 10)
    places = [axis.place(error) for error in errors]
    assert all(10 <= place <= 200 for place in places)
    assert np.all(np.diff(np.array(places)[np.argsort(errors)]) >= 0)
    assert axis.ticks
    assert len({name for _, name in axis.ticks}) == len(axis.ticks)


def ablation(chain):
    model = entry("nn1l")
    places = [None, 0, 1 if chain else 0]
    return Ablation(
        "What it takes", chain, tuple(Variant(n, model, False, p) for n, p in zip("xyz", places, strict=True))
    )


RUNS = [results("any", [40, 42, 41]), results("any", [20, 21, 23]), results("any", [60, 62, 63])]


@pytest.mark.parametrize("chain", [True, False])
def test_changes_are_measured_against_what_they_change(chain):
    found = effects(ablation(chain), RUNS)
    means = [float(one.accuracies.mean()) for one in found.models]
    against = means[1] if chain else means[0]
    assert [step.finding for step in found.steps] == ["base", "better", "worse"]
    assert found.steps[1].pair.difference == pytest.approx(means[1] - means[0])
    assert found.steps[2].pair.difference == pytest.approx(means[2] - against)
    assert found.steps[2].removed == pytest.approx((means[2] - against) / (1 - against))
    assert [row[0] for row in effect_rows(found)] == ["x", "y", "z"]
    assert found.to_dict()["steps"][0]["worth"] is None


@pytest.mark.parametrize("name", ["typical", "no errors at first", "one run", "all alike"])
def test_an_ablation_makes_a_whole_page(name, tmp_path):
    runs = {
        "typical": RUNS,
        "no errors at first": [results("any", [0, 0]), results("any", [1, 2]), results("any", [3, 9])],
        "one run": [results("any", [n]) for n in (9, 8, 7)],
        "all alike": [results("any", [9, 9])] * 3,
    }[name]
    path = write_ablation(effects(ablation(True), runs), tmp_path, "tenfold ablate <file>")
    page = Page(path.read_text(encoding="utf-8"))
    assert "What it takes" in page.text
    assert "tenfold ablate <file>" in page.text
    numbers = re.findall(r' (?:x|x1|x2|cx|width)="([^"]*)"', path.read_text(encoding="utf-8"))
    assert all(-12 <= float(number) <= 1000 for number in numbers)


def test_trials_on_other_data_are_no_part_of_an_ablation():
    with pytest.raises(ConfigError, match=r"z: expected trials on the data of x \(made-up\), got others"):
        effects(ablation(True), [*RUNS[:2], replace(RUNS[2], dataset="others", dataset_sha256="x")])


def test_the_same_ablation_gives_the_same_page():
    first, again = (ablation_document(effects(ablation(True), RUNS), "x") for _ in range(2))
    assert first == again


def at(seconds):
    """Times of a quiet machine."""
    spread = Duration(seconds, seconds / 2, 2 * seconds, 3)
    return Times(spread, Duration(0.05, 0.05, 0.05, 3), 60_000, 10_000, 20, "M", 0.0, "2026-01-02", None)


def test_seeds_have_no_order():
    """No line joins the runs of a model."""
    page = Page(page_of(compare(CASES["two"])))
    assert not page.all("polyline")
    assert len([a for a in page.all("circle") if "spot" in a["class"]]) >= 2 * 6


def test_names_are_clear_of_dots_and_bars():
    """Models that cost the same and are as good as one another."""
    models = [replace(results(f"model-{i}", [20 + i, 24 + i]), timed=at(90.0 + i)) for i in range(4)]
    chart = cost_chart(models, TRAINING_TIME)
    names = [(float(x), float(y)) for x, y in re.findall(r'<text x="(\S+)" y="(\S+)" class="t label', chart)]
    dots = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="(\S+)" cy="(\S+)"', chart)]
    assert len(names) == len(dots) == 4
    for x, y in names:
        assert all(not (x - 5 <= a <= x + 50 and y - 12 <= b <= y + 4) for a, b in dots)
    assert len(set(names)) == 4
    for i, (x, y) in enumerate(names):
        assert all(abs(y - b) >= 12 or abs(x - a) >= 50 for a, b in names[i + 1 :])


def test_the_costs_are_drawn_from_true_times_alone():
    a, b = CASES["two"]  # their runs tell of 2 and 3 seconds
    both = compare([replace(a, timed=at(90.0)), b])
    text = page_of(both)
    assert "Accuracy by training time. a: " in text
    assert "at 1.5 min" in text
    assert "b: " not in re.search(r"Accuracy by training time\. (.*?)\.\"", text)[1]
    assert "Not timed on a quiet machine: b." in text
    none = page_of(compare([a, b]))
    assert "Accuracy by training time" not in none
    assert "None of them has been timed on a quiet machine." in none
    assert "2 s" not in Page(none).text.split("Over seeds")[0]


def test_every_run_stands_beside_the_authors():
    a, b = CASES["two"]
    authors = (PublishedRun(seed=1, accuracy=0.9875, loss=0.25), PublishedRun(seed=4, accuracy=0.5))
    page = Page(page_of(compare([replace(a, published=authors), b])))
    assert "a, run by run : honest protocol" in page.text
    assert "b, run by run : honest protocol" in page.text
    assert "Accuracy, authors Accuracy, ours Loss, authors" in page.text
    assert "1 98.75 % 97.75 % 0.2500" in page.text
    assert "4 50.00 % - -" in page.text
