"""Class sets of every kind, and all pages, tables and figures that name classes."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import numpy as np
import pytest
from tests.evaluate.test_page import Page, material

from tenfold.data import Dataset
from tenfold.errors import ShapeError
from tenfold.evaluate import Run, evaluate, figures, predictions_csv, summary_lines
from tenfold.evaluate.classes import Classes
from tenfold.evaluate.comparison import ModelResults, Result, compare
from tenfold.evaluate.comparison.evidence import pair_lines
from tenfold.evaluate.comparison.tables import comparison_tables
from tenfold.evaluate.comparison_page import comparison_document
from tenfold.evaluate.mistakes import mistakes_csv
from tenfold.evaluate.report_page import report_document
from tenfold.metrics import ClassCounts, confusion_matrix

NASTY = ("<b>bold & 'quoted'</b>", '"><script>alert(1)</script>', "短靴", "$x^2$ and $", "w" * 40, "=1+1")
SETS = {  # names of the classes, or how many there are, and the shape of an image
    "two": (("nought", "cross"), (28, 28)),
    "five, colour": (("circle", "square", "triangle", "cross", "ring"), (32, 32, 3)),
    "ten with names": (tuple(f"{word} boot" for word in "abcdefghij"), (28, 28)),
    "ten in colour without names": (10, (20, 12, 3)),
    "26 letters": (tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), (28, 28)),
    "47": (tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"), (28, 28)),
    "300": (tuple(f"species {i}" for i in range(300)), (8, 8)),
    "numbers of two figures": (tuple(map(str, range(10, 30))), (28, 28)),
    "any text": (NASTY, (28, 28)),
    "large images": (("left", "right"), (150, 200, 4)),
}


class Case:
    """A made-up data set of some classes, the last of which has no test image, and its evaluation."""

    def __init__(self, kind: str, n: int = 240) -> None:
        names, shape = SETS[kind]
        rng = np.random.default_rng(5)
        classes = names if isinstance(names, int) else len(names)
        labels = np.arange(n) % max(classes - 1, 1)
        images = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
        given = {"classes": classes} if isinstance(names, int) else {"class_names": names}
        self.data = Dataset(images, labels, "own", **given)
        logits = rng.standard_normal((n, classes))
        logits[np.arange(n), labels] += 2.0
        p = np.exp(logits)
        self.probabilities = p / p.sum(axis=1, keepdims=True)
        self.evaluation = evaluate(self.probabilities, self.data, Run("mine", "honest", 0))

    @property
    def arrays(self):
        return self.data.images, self.data.labels, self.probabilities


@pytest.fixture(scope="module", params=SETS)
def own(request):
    return Case(request.param)


@pytest.fixture(scope="module")
def page(own):
    return report_document(material(own, command="tenfold train mine"))


def readable(text: str) -> str:
    """What a reader, or a screen reader, gets from a page: text, titles and words for pictures."""
    page = Page(text)
    words = [attributes.get(name) or "" for _, attributes in page.elements for name in SPOKEN]
    return re.sub(r"\s+", " ", " ".join([page.text, *words]).replace("\u00a0", " "))


SPOKEN = ("title", "alt", "aria-label")
ONLY_MNIST = (
    "4 against 9",
    "Doubtful labels",
    "doubtful",
    "corrected",
    "left out",
    "Published:",
    "Northcutt",
)


def test_every_class_has_its_name_on_the_page(own, page):
    found = readable(page)
    for name in own.data.class_names[:60]:
        assert name in found
    assert len(Page(page).all("script")) == 1


def test_no_word_about_digits_or_mnist(own, page):
    found = readable(page)
    assert "digit" not in found.lower()
    assert not [words for words in ONLY_MNIST if words in found]
    assert "Errors by class" in found
    assert not [name for name, *_ in [("digit",)] if f"weakest {name}" in "\n".join(lines(own))]


def lines(own):
    return summary_lines(own.evaluation)


def test_the_terminal_names_classes(own):
    text = "\n".join(lines(own))
    index = min((r, i) for i, r in enumerate(own.evaluation.scores.recall) if r is not None)[1]
    assert f"weakest class  {own.data.class_names[index]}, recall" in text
    assert "digit" not in text


def test_headings_tables_and_links_are_in_order(page):
    found = Page(page)
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in found.all("a")} <= set(ids)
    assert len(found.all("caption")) == len(found.all("table"))
    assert all(a.get("scope") in ("row", "col") for a in found.all("th"))
    assert all(a["alt"] for a in found.all("img"))


def test_labels_stay_inside_their_charts(page, labels_outside):
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        assert labels_outside(svg) == []


def test_the_page_stays_small(own, page):
    assert len(page) < 3_000_000
    cards = [a for a in Page(page).all("li") if "data-true" in a]
    assert len(cards) <= 3 * 400
    sizes = [(int(a["width"]), int(a["height"])) for a in Page(page).all("img")]
    assert all(height <= 128 and width <= 2000 for width, height in sizes)


def test_a_matrix_is_drawn_only_where_it_can_be_read(own, page):
    k = len(own.data.class_names)
    assert ('class="confusion' in page) == (k <= 60)
    assert ("could not be read" in readable(page)) == (k > 60)
    if k <= 60:
        links = [(int(a["data-true"]), int(a["data-read"])) for a in Page(page).all("a") if "data-true" in a]
        assert len(links) == len(own.evaluation.scores.confused)


def test_the_json_has_the_old_figures_and_the_names(own):
    found = json.loads(own.evaluation.to_json())
    labels, p = own.data.labels, own.probabilities
    k = p.shape[1]
    matrix = confusion_matrix(labels, p.argmax(axis=1), classes=k)
    assert found["scores"]["confusion"] == matrix.tolist()
    assert found["classes"] == {"names": list(own.data.class_names), "digits": False}
    wrong = matrix - np.diag(np.diagonal(matrix))
    assert sum(n for _, _, n in found["scores"]["confused"]) == wrong.sum()
    assert all(wrong[i, j] == n for i, j, n in found["scores"]["confused"])


def test_tables_name_the_classes(own):
    names = own.data.class_names
    text = mistakes_csv("m", "d", own.data.labels, own.probabilities, own.evaluation.classes)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == own.evaluation.scores.share.wrong
    whole = predictions_csv("m", "d", own.probabilities, labels=own.data.labels, class_names=names)
    every = list(csv.DictReader(io.StringIO(whole)))
    assert len(every) == len(own.data)
    for row in [*rows, *every] if own.data.named else []:
        assert row["true_name"].removeprefix("'") == names[int(row["true"])]
        assert row["predicted_name"].removeprefix("'") == names[int(row["predicted"])]
        assert not row["true_name"].startswith(("=", "+", "-", "@"))
    assert ("p_true" in rows[0]) == (len(names) > 100)


@pytest.mark.parametrize("draw", ["confusion", "digit_accuracy", "error_shares"])
def test_figures_of_counts_are_drawn(own, draw):
    figure = getattr(figures, draw)(own.evaluation.scores.counts, own.evaluation.classes)
    words = [figure.get_suptitle(), *(axes.get_title("left") for axes in figure.axes)]
    assert "digit" not in " ".join(words)
    assert figures.png(figure).startswith(b"\x89PNG")  # no warning, as of a character that no font has


def test_figures_of_images_are_drawn(own):
    classes = own.evaluation.classes
    drawn = [
        figures.sample_images(own.data.images, own.data.labels, columns=3, classes=classes),
        figures.predictions("wrong", *own.arrays, limit=3, classes=classes),
    ]
    for figure in drawn:
        assert "digit" not in figure.get_suptitle()
        assert figures.png(figure).startswith(b"\x89PNG")
    shown = drawn[1].axes[0].images[0].get_array()
    assert shown.ndim == own.data.images.ndim - 1


def results(own, name, seed, start=None):
    wrong = np.flatnonzero(own.probabilities.argmax(axis=1) != own.data.labels)[seed::2]
    n = len(own.data)
    trial = Result(seed, n, 1 - len(wrong) / n, None, None, 1.0, 1.0, tuple(wrong.tolist()))
    return ModelResults(name, "honest", 10, "own", "0" * 64, (trial,), start=start, digits=False)


def test_the_comparison_shows_names_and_nothing_about_mnist(own):
    found = compare([results(own, "one", 0), results(own, "two", 1)])
    page = comparison_document(found, own.data, "tenfold compare one two")
    text = readable(page)
    assert "digit" not in text.lower()
    assert not [words for words in (*ONLY_MNIST, "misread") if words in text.replace("left out of", "")]
    labels = {unescape(label) for label in re.findall(r"<figcaption><b>(.*?)</b>", page)}
    assert labels <= set(own.data.class_names)
    assert labels
    heads = [head for table in comparison_tables(found) for head in table.heads]
    assert "10 corrected" not in heads
    said = "\n".join(pair_lines(found.pairs[0]))
    assert "misread" not in said
    assert "10 corrected" not in said


def test_a_fine_tuned_run_is_called_so_in_a_comparison():
    own = Case("two")
    found = compare([results(own, "one", 0), results(own, "two", 1, start="runs/zero")])
    told = "two began with the weights of runs/zero"
    assert any(told in warning for warning in found.to_dict()["warnings"])
    assert [model["start"] for model in found.to_dict()["models"]] == [None, "runs/zero"]
    assert told in readable(comparison_document(found, None, "tenfold compare one two"))


def test_of_very_many_classes_nothing_grows_with_their_square():
    k, n = 5000, 600
    rng = np.random.default_rng(0)
    labels = rng.integers(0, k, n)
    p = np.full((n, k), 0.5 / (k - 1))
    p[np.arange(n), np.where(np.arange(n) % 3, labels, (labels + 1) % k)] = 0.5
    images = rng.integers(0, 256, (n, 8, 8), dtype=np.uint8)
    data = Dataset(images, labels, "own", class_names=[f"word {i}" for i in range(k)])
    case = Case("two", 4)
    case.data, case.probabilities = data, p
    case.evaluation = evaluate(p, data, Run("mine"))
    assert case.evaluation.scores.confusion is None
    assert len(case.evaluation.to_json()) < 40 * k + 200 * n
    assert len(report_document(material(case))) < 2_000_000


def test_counts_are_those_of_the_matrix():
    rng = np.random.default_rng(2)
    labels, guess = rng.integers(0, 7, (2, 90))
    matrix = confusion_matrix(labels, guess, classes=8)
    found = ClassCounts.of_answers(labels, guess, classes=8)
    for one in (found, ClassCounts.of_matrix(matrix), ClassCounts.of_pairs(found.actual, found.pairs)):
        np.testing.assert_array_equal(one.matrix, matrix)
        np.testing.assert_array_equal(one.predicted, matrix.sum(axis=0))
        assert (one.images, one.errors) == (90, 90 - np.trace(matrix))
    assert found.pairs[:, 2].tolist() == sorted(found.pairs[:, 2].tolist(), reverse=True)


@pytest.mark.parametrize(
    ("number", "names", "grey", "digits"),
    [
        (10, None, True, True),
        (10, tuple("0123456789"), True, True),
        (10, None, False, False),
        (9, None, True, False),
        (26, None, True, False),
        (10, tuple("abcdefghij"), True, False),
    ],
)
def test_only_ten_digits_are_called_digits(number, names, grey, digits):
    assert Classes.named(number, names, grey=grey).digits == digits


def test_a_model_of_other_classes_is_refused():
    with pytest.raises(ShapeError, match="a column for each of the 3 named classes, got 2; evaluate a model"):
        evaluate(
            np.array([[0.5, 0.5]]),
            Dataset(np.zeros((1, 8, 8), np.uint8), np.array([0]), "x", class_names=list("abc")),
            Run("x"),
        )


def test_figures_of_other_data_than_mnist_are_marked_in_lists(tmp_path):
    from tenfold.evaluate.ledger import gathered
    from tenfold.evaluate.tables import overview, runs_records, runs_tables
    from tenfold.evaluate.tables.listing import listed
    from tenfold.zoo import entry

    trial = dict.fromkeys(("accuracy_corrected", "accuracy_without_doubtful", "protocol_gain", "commit"))
    trial |= {"seed": 0, "accuracy": 0.875, "loss": 0.5, "train_seconds": 1.0, "predict_seconds": 1.0}
    trial |= {"machine": "any", "dataset": "mnist-5k", "parameters": 7850}
    ledger = gathered("nn1l", "honest", [trial])
    (tmp_path / "nn1l-honest.json").write_text(json.dumps(ledger))
    assert listed(entry("nn1l"), tmp_path)[-1] == "87.50 (1) on mnist-5k"
    row = next(row for row in overview(tmp_path).rows if row[0] == "nn1l")
    assert "87.50 % on mnist-5k" in row
    [table] = runs_tables("nn1l", tmp_path)
    assert table.title == "nn1l, honest protocol, on mnist-5k"
    assert {one["dataset"] for one in runs_records("nn1l", tmp_path) if one["by"] == "tenfold"} == {
        "mnist-5k"
    }


def test_tensorboard_pictures_are_in_colour_with_names():
    from tenfold.train.tensorboard.sheets import samples, sheet

    own = Case("five, colour")
    chosen = samples(own.data.labels, 2)
    picture = sheet(
        own.data.images[chosen], 4, [own.data.class_names[i] * 9 for i in own.data.labels[chosen]]
    )
    assert picture.mode == "RGB"
    assert len(samples(np.arange(300), 4)) == 20  # the first of many classes
