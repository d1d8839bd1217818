"""The HTML page: whole, alone, accessible, and safe whatever the names."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from tenfold.errors import ShapeError
from tenfold.evaluate import Run, curves, evaluate, mistakes
from tenfold.evaluate.report_page import ReportData, report_document
from tenfold.nn import LayerRow
from tenfold.zoo import ENTRIES, measured

EMPTY = {"br", "img", "input", "meta"}
LAYERS = (
    LayerRow("conv1", "conv2d", (28, 28, 6), 156, 235_200, compiled=True),
    LayerRow("<b>", "dense", (10,), 850, 1_680, compiled=True),
)


class Page(HTMLParser):
    """Every element with its attributes and text; complains where one is not closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        if self.open:
            raise ValueError(f"never closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            raise ValueError(f"closed out of order: {tag}")

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


def material(case, **changes):
    given = {
        "title": "A run",
        "evaluation": case.evaluation,
        "images": case.data.images,
        "labels": case.data.labels,
        "probabilities": case.probabilities,
        "curves": curves([]),
        "layers": (),
        "recipe": {},
        "weight": None,
        "means": None,
        "command": "tenfold train lenet5",
    }
    return ReportData(**{**given, **changes})


@pytest.fixture(scope="module")
def full(typical, history):
    found = material(
        typical,
        curves=curves(history),
        layers=LAYERS,
        recipe={"optimizer": {"kind": "adam", "config": {"learning_rate": 1e-3}}, "augmentation": None},
        weight=np.random.default_rng(0).standard_normal((5, 5, 1, 6)),
        means=np.full((10, 28, 28), 0.5),
    )
    return Page(report_document(found))


def test_every_kind_of_predictor_makes_a_whole_page(case):
    page = Page(report_document(material(case)))
    share = case.evaluation.scores.share
    assert f"{share.wrong} of {share.images}" in page.text
    assert f"{100 * share.accuracy:.2f}" in page.text


def test_it_is_the_same_text_for_the_same_run(typical):
    assert report_document(material(typical)) == report_document(material(typical))


def test_nothing_is_fetched(full):
    for tag, attributes in full.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png;base64,")), (tag, value)


def test_no_style_asks_for_a_file(typical):
    style = re.search(r"<style>(.*?)</style>", report_document(material(typical)), re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style


def test_only_its_own_script_may_run(typical):
    text = report_document(material(typical))
    policy = next(a["content"] for a in Page(text).all("meta") if a.get("http-equiv"))
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL).group(1)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert "\r" not in text  # a parser turns it into a line feed, and the digest would no longer agree


def test_pictures_are_pngs_with_words_for_them(full):
    assert len(full.all("img")) > 20
    for attributes in full.all("img"):
        assert attributes["alt"]
        assert b64decode(attributes["src"].split(",")[1]).startswith(b"\x89PNG")
    for attributes in full.all("svg"):
        assert attributes["role"] == "img"
        assert attributes["aria-label"]


def test_headings_and_tables_are_in_order(full):
    headings = [tag for tag, _ in full.elements if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert all(int(b[1]) - int(a[1]) <= 1 for a, b in pairwise(headings))
    assert len(full.all("caption")) == len(full.all("table")) >= 5
    assert all(a.get("scope") in ("row", "col") for a in full.all("th"))


def test_every_link_leads_somewhere_and_ids_are_unique(full):
    ids = [attributes["id"] for _, attributes in full.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in full.all("a")} <= set(ids)
    assert {a["aria-labelledby"] for a in full.all("section")} <= set(ids)


def test_sections_without_material_are_left_out(typical, full):
    bare = Page(report_document(material(typical)))
    ids = {attributes.get("id") for _, attributes in bare.elements}
    full_ids = {attributes.get("id") for _, attributes in full.elements}
    assert full_ids - ids >= {"training", "network", "means", "filters"}
    assert {"digits", "shares", "confusion", "reliability", "errors", "pair"} <= ids
    assert {"uncertain", "right", "samples", "origin"} <= ids


def test_it_shows_layers_recipe_and_command(full):
    assert "28 × 28 × 6" in full.text
    assert "236,880" in full.text  # all FLOPs
    assert "adam (learning rate 0.001)" in full.text
    assert "augmentation none" in full.text
    assert "tenfold train lenet5" in full.text


def test_confusion_cells_hold_the_counts(case):
    page = Page(report_document(material(case)))
    matrix = case.evaluation.scores.matrix
    links = [(int(a["data-true"]), int(a["data-read"])) for a in page.all("a") if "data-true" in a]
    assert sorted(links) == sorted((i, j) for i, j in zip(*np.nonzero(matrix), strict=True) if i != j)


def test_every_error_has_a_card_with_ten_bars(typical):
    page = Page(report_document(material(typical)))
    cards = [a for a in page.all("li") if "data-read" in a]
    wrong = typical.evaluation.scores.share.wrong
    matrix = typical.evaluation.scores.matrix
    assert len(cards) == wrong + matrix[4, 9] + matrix[9, 4]
    bars = [float(a["style"].removeprefix("--p:")) for a in page.all("i")][:10]
    worst = mistakes(typical.data.labels, typical.probabilities)[0]
    assert bars == pytest.approx((100 * typical.probabilities[worst]).tolist(), rel=1e-2)


def test_many_errors_are_cut_but_every_pair_is_shown(make):
    case = make("all wrong", n=1500)
    page = Page(report_document(material(case)))
    cards = [(a["data-true"], a["data-read"]) for a in page.all("li") if "data-read" in a]
    assert len(cards) < 200
    assert len(set(cards)) == 10
    assert "are in this page" in page.text


def test_right_predictions_have_cards_with_the_second_choice(case):
    page = Page(report_document(material(case)))
    labels, p = case.data.labels, case.probabilities
    shown = [a for a in page.all("li") if "data-second" in a]
    rightly = p.argmax(axis=1) == labels
    assert bool(shown) == bool(rightly.any())
    pairs = {(int(one), int(np.argsort(-row, kind="stable")[1])) for one, row in zip(labels, p, strict=True)}
    assert {(int(a["data-true"]), int(a["data-second"])) for a in shown} <= pairs
    assert {int(a["data-true"]) for a in shown} == set(labels[rightly].tolist())
    words = [a["alt"] for a in page.all("img") if "correctly" in a["alt"]]
    numbers = [int(re.match(r"Image (\d+):", one)[1]) for one in words]
    assert len(numbers) == len(shown)
    assert rightly[numbers].all()


def test_many_right_predictions_are_cut_but_every_digit_is_shown(make):
    case = make("typical", n=2000)
    cards = [a for a in Page(report_document(material(case))).all("li") if "data-second" in a]
    assert len(cards) < 150
    assert {a["data-true"] for a in cards} == {str(digit) for digit in range(10)}


def test_each_list_of_cards_has_its_boxes_to_tick(typical):
    page = Page(report_document(material(typical)))
    ids = {attributes.get("id") for attributes in page.all("ul")}
    assert [a["data-cards"] for a in page.all("form")] == ["error-cards", "uncertain-cards", "right-cards"]
    assert {a["data-cards"] for a in page.all("form")} <= ids
    assert len(page.all("input")) == 3 * 2 * 10
    assert {a["type"] for a in page.all("input")} == {
        "checkbox"
    }  # each can be reached and ticked by keyboard
    keys = [a["data-key"] for a in page.all("fieldset")]
    carried = [{name for a in page.all("li") for name in a if name == f"data-{key}"} for key in keys]
    assert all(carried)
    assert len(page.all("legend")) == len(keys)


def test_any_number_of_classes_and_any_size_make_a_page():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 26
    p = rng.dirichlet(np.ones(26), 90)
    p[:60] += np.eye(26)[labels[:60]]
    p /= p.sum(axis=1, keepdims=True)
    data = SimpleNamespace(
        images=rng.integers(0, 256, (90, 12, 20), dtype=np.uint8), labels=labels, name="az"
    )
    case = SimpleNamespace(data=data, probabilities=p, evaluation=evaluate(p, data, Run("mine")))
    page = Page(report_document(material(case)))
    assert len(page.all("input")) == 3 * 2 * 26
    assert {(a["width"], a["height"]) for a in page.all("img") if a["alt"].startswith("Image")} == {
        ("20", "12")
    }


def test_the_error_rate_over_all_images_is_a_line(case):
    page = Page(report_document(material(case)))
    lines = [a for a in page.all("line") if a.get("class") == "overall"]
    assert len(lines) == 2
    panels = [a["aria-label"] for a in page.all("svg") if a["aria-label"].startswith("Error rate by digit")]
    assert all(f"over all images: {100 - 100 * case.evaluation.accuracy:.2f} %" in one for one in panels)


def test_bars_show_errors_alone(case):
    """No bar is full because everything is right: a digit without errors has none."""
    page = report_document(material(case))
    matrix = case.evaluation.scores.matrix
    kinds = 2 * np.count_nonzero(matrix - np.diag(np.diagonal(matrix)))
    rates = page[page.index('id="digits"') : page.index("</section>", page.index('id="digits"'))]
    assert len(re.findall(r'<rect class="wrong', rates)) == kinds
    assert 'class="right"' not in rates


def test_the_shares_of_all_errors_are_drawn_where_there_are_errors(case):
    page = Page(report_document(material(case)))
    panels = [a["aria-label"] for a in page.all("svg") if a["aria-label"].startswith("Share of all errors")]
    assert len(panels) == (2 if case.evaluation.scores.share.wrong else 0)
    for panel in panels:
        shares = [float(one) for one in re.findall(r": ([\d.]+) %", panel)]
        assert sum(shares) == pytest.approx(100, abs=0.5)
        assert shares == sorted(shares, reverse=True)


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; drop",
    "a & b",
    "</title>",
    "\ud800",
    "ünï→",
]


@pytest.mark.fault("trials and reports", "a name is <script> or =cmd", "escaped in HTML and CSV")
@pytest.mark.parametrize("name", NASTY)
def test_names_are_only_text(make, name):
    run = Run(name, name, commit=name)
    case = make("typical", name=name, run=run, split=name)
    layers = (LayerRow(name, name, (1,), 1, 1, compiled=True),)
    text = report_document(
        material(case, title=name, layers=layers, recipe={name: {name: name}}, command=name)
    )
    page = Page(text)
    assert len(page.all("script")) == 1
    assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")]
    assert {a.get("src", "")[:5] for a in page.all("img")} == {"data:"}
    assert " ".join(name.split()) in page.text.replace("\u00a0", " ")


def test_the_small_sample_is_named_loudly(make):
    page = Page(report_document(material(make("typical", name="mnist-5k"))))
    notes = [a for _, a in page.elements if a.get("role") == "note"]
    assert len(notes) == 1
    assert "must not be compared with published ones" in page.text
    assert page.text.count("mnist-5k") >= 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"split": "validation"}, "Evaluated on validation images"),
        ({"split": "held-out"}, "These data have no test set with labels."),
        ({"run": Run("x", "published")}, "some of them on the test images"),
    ],
)
def test_what_limits_a_figure_is_said(make, changes, said):
    assert said in Page(report_document(material(make("typical", **changes)))).text


def test_an_ordinary_run_carries_no_warning(typical):
    assert not [a for _, a in Page(report_document(material(typical))).elements if a.get("role") == "note"]


def test_one_epoch_is_enough_for_curves(typical):
    record = {"epoch": 1, "train_accuracy": 0.5, "train_loss": 0.7}
    run = replace(typical.evaluation.run, chosen_epoch=1)
    page = report_document(
        material(typical, evaluation=replace(typical.evaluation, run=run), curves=curves([record]))
    )
    assert "whose weights were kept" in Page(page).text
    assert "nan" not in page.lower().split("<script>")[0].split("</style>")[1]


def watching(*names, epochs=3):
    """A history in which images of these names were watched."""
    figures = {"accuracy": 0.9, "loss": 0.25}
    return [
        {
            "epoch": epoch,
            "train_accuracy": 0.8,
            "train_loss": 0.5,
            "learning_rate": 0.001 / epoch,
            "watched": dict.fromkeys(names, figures),
        }
        for epoch in range(1, epochs + 1)
    ]


@pytest.mark.parametrize(
    ("names", "said", "unsaid"),
    [
        ((), (), ("Watched images were", "test images are among them", "mean during the epoch")),
        (
            ("validation",),
            ("no choice depended on them",),
            ("test images are among them", "mean during the epoch"),
        ),
        (("test",), ("no choice depended on them", "test images are among them"), ("mean during the epoch",)),
        (
            ("train", "my-own"),
            ("no choice depended on them", "mean during the epoch"),
            ("test images are among them",),
        ),
    ],
)
def test_what_was_only_watched_is_called_so(typical, names, said, unsaid):
    text = Page(report_document(material(typical, curves=curves(watching(*names))))).text
    assert all(words in text for words in said)
    assert not any(words in text for words in unsaid)
    for name in names:
        assert f"{name}, watched: accuracy" in text


def test_the_table_of_epochs_has_every_figure_of_the_curves(typical):
    history = watching("test")
    history[1]["watched"] = {}  # watching may begin and end
    page = report_document(material(typical, curves=curves(history))).replace("\xa0", " ")
    [table] = re.findall(
        r"<table[^>]*><caption><span>Each epoch</span></caption>.*?</table>", page, re.DOTALL
    )
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in table.split("<tr>")[1:]]
    assert rows == [
        ["Epoch", "Learning rate", *(f"{part}: {what}" for what in ("accuracy", "loss") for part in PARTS)],
        ["1", "0.001", "80.00 %", "90.00 %", "0.5000", "0.2500"],
        ["2", "0.0005", "80.00 %", "-", "0.5000", "-"],
        ["3", "0.000333", "80.00 %", "90.00 %", "0.5000", "0.2500"],
    ]


PARTS = ("train", "test, watched")


def test_charts_hold_no_impossible_numbers(case):
    text = report_document(material(case))
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        numbers = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"', svg)
        assert numbers
        assert all(-60 <= float(number) <= 520 for number in numbers)
        assert all(float(n) >= 0 for n in re.findall(r'<rect[^>]* (?:width|height)="([^"]*)"', svg))


def test_labels_are_inside_their_charts(case, history, labels_outside):
    for svg in re.findall(
        r"<svg.*?</svg>", report_document(material(case, curves=curves(history))), re.DOTALL
    ):
        assert labels_outside(svg) == []


def test_the_contents_list_every_section_in_its_order(full):
    sections = [a["id"] for a in full.all("section")]
    links = [a["href"][1:] for a in full.all("a") if a["href"] != "#main"]
    assert links[links.index(sections[0]) :][: len(sections)] == sections


def test_what_is_right_everywhere_is_called_so(typical):
    """Though a logarithmic scale of errors has no place for it."""
    page = Page(report_document(material(typical, curves=curves([{"epoch": 1, "train_accuracy": 1.0}]))))
    assert "train 100.00 %" in page.text.replace("\u00a0", " ")
    assert "99.99" not in next(a["aria-label"] for a in page.all("svg") if "Accuracy by" in a["aria-label"])


def test_known_accuracies_are_ticks_on_the_axis_of_the_summary(typical):
    entry, ours = ENTRIES["lenet5"], measured("lenet5-honest")
    mnist = replace(typical.evaluation, corrected=typical.evaluation.scores.share)
    found = replace(mnist, run=Run("lenet5", "honest"))
    page = Page(report_document(material(typical, evaluation=found)))
    ticks = [a for a in page.all("line") if a.get("class") == "known"]
    assert len(ticks) == len(entry.published.accuracies) + len(ours.seeds)
    text = page.text.replace("\u00a0", " ")
    assert f"Published: {100 * entry.published.accuracy:.2f} % (" in text
    assert f"Our runs of the full recipe: {100 * ours.accuracy.mean:.2f} % ({len(ours.seeds)} runs, " in text


@pytest.mark.parametrize("name", ["lenet5", "my-own"])
def test_other_models_and_other_images_have_no_known_accuracies(typical, name):
    images = None if name == "lenet5" else typical.evaluation.scores.share
    found = replace(typical.evaluation, corrected=images, run=Run(name, "honest"))
    page = Page(report_document(material(typical, evaluation=found)))
    assert not [a for a in page.all("line") if a.get("class") == "known"]
    assert "Published:" not in page.text


def test_other_arrays_than_those_judged_are_refused(typical):
    with pytest.raises(ShapeError, match="got 119, 120, 120 and 120; pass the data that was evaluated"):
        material(typical, images=typical.data.images[1:])
    with pytest.raises(ShapeError, match=r"uint8 \(n, h, w\) or \(n, h, w, c\), got float64 \(120, 28, 28\)"):
        material(typical, images=typical.data.images / 255)
