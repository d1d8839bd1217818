"""The PNG figures show the numbers that they are given."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from tenfold.data import Page, find_digits
from tenfold.errors import ShapeError
from tenfold.evaluate import KINDS, curves, examples, figures, mistakes
from tenfold.evaluate.classes import Classes
from tenfold.evaluate.curves import round_ticks
from tenfold.evaluate.figures import style
from tenfold.evaluate.figures.predictions import _HIGHEST
from tenfold.predict import Digit, Reading


def texts(axes):
    return [text.get_text() for text in axes.texts]


def rows_of(axes):
    """The true class, the class read and the probabilities of each row, from its words and its bars.

    Images, words and bars of a row must be at the same height and in the same half.
    """
    words = [text for text in axes.texts if text.get_text().startswith(("is ", "read "))]
    bars = np.array(axes.patches).reshape(len(words) // 2, -1)
    found = []
    for true, read, image, row in zip(words[::2], words[1::2], axes.images, bars, strict=True):
        left, right, bottom, top = image.get_extent()
        assert left < right < true.get_position()[0] < row[0].get_x() < left + 5.5
        assert all(top < text.get_position()[1] < bottom for text in (true, read))
        assert all(bar.get_y() == pytest.approx(bottom) for bar in row)
        heights = [-bar.get_height() / _HIGHEST for bar in row]
        found.append((int(true.get_text()[3:]), int(read.get_text()[5:]), heights))
    return found


def overlap(boxes, others):
    """Which of some boxes (n, 2, 2), low and high corners, overlap which of others: (n, m)."""
    (low, high), (other_low, other_high) = ((given[:, 0], given[:, 1]) for given in (boxes, others))
    return ((low[:, None] <= other_high) & (other_low <= high[:, None])).all(axis=2)


def overlapping(figure):
    """The pairs of words that lie on each other, and what lies outside of the figure or on a bar."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()  # without it, each word would make one of its own
    [axes] = figure.axes
    words = [*axes.texts, *(t for t in (figure._suptitle, figure._supxlabel) if t is not None)]
    names = [text.get_text() for text in words if text.get_text()]
    boxes = np.array([text.get_window_extent(renderer).get_points() for text in words if text.get_text()])
    bars = np.array([np.sort(bar.get_window_extent(renderer).get_points(), axis=0) for bar in axes.patches])
    bars = bars[(bars[:, 1] - bars[:, 0] > 1).all(axis=1)]
    outside = (boxes[:, 0] < 0).any(axis=1) | (boxes[:, 1, 0] > figure.bbox.width)
    both = [(names[a], names[b]) for a, b in np.argwhere(np.triu(overlap(boxes, boxes), k=1))]
    return [*np.array(names)[outside], *both, *np.array(names)[overlap(boxes, bars).any(axis=1)]]


@pytest.mark.parametrize("names", [10, 26, ["NO", "OK"], ["a name of thirty letters, or so", "b" * 16, "c"]])
@pytest.mark.parametrize(("kind", "limit", "title"), [("wrong", 7, "t" * 120), ("right", 60, None)])
def test_no_word_of_predictions_lies_on_another(names, kind, limit, title):
    rng = np.random.default_rng(0)
    count = names if isinstance(names, int) else len(names)
    own = [chr(ord("A") + i) for i in range(26)] if names == 26 else None if names == 10 else names
    p = rng.dirichlet(np.full(count, 0.4), size=300)
    labels = rng.integers(count, size=300)
    images = rng.integers(256, size=(300, 28, 28), dtype=np.uint8)
    classes = Classes.named(count, own)
    with matplotlib.rc_context({"figure.constrained_layout.use": True}):  # as a user may have it
        figure = figures.predictions(kind, images, labels, p, limit=limit, title=title, classes=classes)
    assert overlapping(figures.signed(figure, "lenet5 · mnist")) == []


def rectangles(axes):
    """Left, low, right and high of each bar of a collection."""
    [bars] = axes.collections
    return [path.get_extents().extents for path in bars.get_paths()]


def image_size(content):
    with Image.open(io.BytesIO(content)) as image:
        image.verify()
        return image.format, image.size


def test_confusion_writes_every_count(case):
    matrix = case.evaluation.scores.matrix
    (axes,) = figures.confusion(matrix).axes
    assert texts(axes) == [f"{n:,}" for n in matrix.ravel() if n]
    [dots] = axes.lines
    np.testing.assert_array_equal(np.transpose(dots.get_data()), np.argwhere(matrix == 0)[:, ::-1])


def test_digit_accuracy_has_bars_of_the_right_height(case):
    matrix = case.evaluation.scores.matrix
    panels = figures.digit_accuracy(matrix).axes
    wholes = [matrix.sum(axis=1), matrix.sum(axis=0)] * 2
    for axes, whole in zip(panels, wholes, strict=True):
        first = {}
        top = dict.fromkeys(range(10), 0.0)
        for left, low, right, high in rectangles(axes):
            digit = round((left + right) / 2)
            first.setdefault(digit, high - low)
            top[digit] += high - low
        for digit in range(10):
            want = 100 * matrix[digit, digit] / whole[digit] if whole[digit] else 0
            assert first[digit] == pytest.approx(want)
            assert top[digit] == pytest.approx(100 if whole[digit] else 0)
    assert [axes.get_ylim() for axes in panels] == [(0, 100), (0, 100), (90, 100), (90, 100)]


def test_wrong_predictions_are_rows_of_image_digits_and_probabilities(case):
    images, labels, p = case.arrays
    index = mistakes(labels, p)[:6]
    figure = figures.wrong_predictions(images, labels, p, limit=6)
    if len(index) == 0:
        assert figure.texts[-1].get_text() == "There are none."
        return
    (axes,) = figure.axes
    assert rows_of(axes) == [(labels[i], p[i].argmax(), pytest.approx(p[i].tolist())) for i in index]
    for i, shown in zip(index, axes.images, strict=True):
        np.testing.assert_array_equal(shown.get_array(), images[i])


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_of_each_kind_are_drawn_in_their_order(case, kind):
    images, labels, p = case.arrays
    index = examples(kind, labels, p)[:5]
    figure = figures.predictions(kind, images, labels, p, limit=5)
    if len(index) == 0:
        assert figure.texts[-1].get_text() == "There are none."
        return
    (axes,) = figure.axes
    assert rows_of(axes) == [(labels[i], p[i].argmax(), pytest.approx(p[i].tolist())) for i in index]
    assert overlapping(figure) == []


def test_the_shares_of_all_errors_are_bars_that_add_up(case):
    figure = figures.error_shares(case.evaluation.scores.matrix)
    if case.evaluation.scores.share.wrong == 0:
        assert figure.texts[-1].get_text() == "There are no errors."
        return
    for axes in figure.axes:
        widths = np.zeros(10)
        for left, low, right, high in rectangles(axes):
            widths[round((low + high) / 2)] += right - left
        assert widths.sum() == pytest.approx(100)
        assert np.all(np.diff(widths) <= 1e-9)


def test_of_many_classes_those_that_make_most_errors_are_drawn():
    matrix = np.ones((60, 60), dtype=np.int64)
    matrix[7] = 5
    written, read = figures.error_shares(matrix).axes
    assert len(written.get_yticks()) == len(read.get_yticks()) == 20
    assert written.get_yticklabels()[0].get_text() == "7"


def test_the_accuracy_over_all_images_is_a_line(case):
    figure = figures.digit_accuracy(case.evaluation.scores.matrix)
    for axes in figure.axes:
        [line] = axes.lines
        assert line.get_ydata() == pytest.approx([100 * case.evaluation.accuracy] * 2)


def test_digits_below_the_scale_are_marked():
    matrix = np.diag(np.full(10, 100))
    matrix[3, 5] = 100  # half of the threes, and half of what is read as five
    panels = figures.digit_accuracy(matrix).axes
    marked = [[text for text in texts(axes) if "↓" in text] for axes in panels]
    assert marked == [[], [], ["↓50.0"], ["↓50.0"]]
    assert ["↓ lower" in axes.get_title("left") for axes in panels] == [False, False, True, True]


@pytest.mark.parametrize("draw", [figures.confusion, figures.error_shares, figures.digit_accuracy])
def test_the_subject_lies_below_the_axes(draw, typical):
    figure = figures.signed(draw(typical.evaluation.scores.matrix), "lenet5 · mnist-5k")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    top = figure._supxlabel.get_window_extent(renderer).y1
    assert all(axes.get_tightbbox(renderer).y0 > top for axes in figure.axes)


def test_a_figure_says_what_it_is_of(typical):
    figure = figures.confusion(typical.evaluation.scores.matrix)
    plain = image_size(figures.png(figure))[1]
    figures.signed(figure, "lenet5 · mnist-5k")
    assert figure.get_supxlabel() == "lenet5 · mnist-5k"
    assert image_size(figures.png(figure))[1] != plain


def test_wrong_predictions_can_be_filtered(typical):
    images, labels, p = typical.arrays
    true, predicted = labels[mistakes(labels, p)[0]], p[mistakes(labels, p)[0]].argmax()
    figure = figures.wrong_predictions(images, labels, p, true=[true], predicted=[predicted])
    shown = [text for axes in figure.axes for text in texts(axes) if text.startswith(("is ", "read "))]
    assert set(shown) == {f"is {true}", f"read {predicted}"}


def test_training_curves_draw_the_history(history):
    left, right = figures.training_curves(curves(history)).axes
    lines = {line.get_label(): line for line in left.lines}
    assert lines["train"].get_xdata().tolist() == [1, 2, 3]
    assert lines["train"].get_ydata() == pytest.approx(
        [0.09, 0.03, 1e-4]
    )  # 100 % stands at the end of the scale
    assert lines["validation"].get_ydata() == pytest.approx([0.05, 0.02, 0.015])
    losses = {line.get_label(): line for line in right.lines}
    assert losses["train"].get_ydata().tolist() == [
        0.31,
        0.11,
    ]  # a loss of 0 has no place on a logarithmic scale
    assert losses["validation"].get_ydata().tolist() == [0.2, 0.07]


def test_watched_images_have_lines_of_their_own():
    """No curve of watched images can be taken for one of images that choices were made on."""
    figures_of = {"test": {"accuracy": 0.9, "loss": 0.3}, "my-own": {"accuracy": 0.8, "loss": None}}
    records = [
        {"epoch": epoch, "validation_accuracy": 0.95, "validation_loss": 0.2, "watched": figures_of}
        for epoch in (1, 2)
    ]
    left, right = figures.training_curves(curves(records)).axes
    looks = {line.get_label(): (line.get_color(), line.get_linestyle()) for line in left.lines}
    assert set(looks) == {"validation", "test, watched", "my-own, watched"}
    assert len(set(looks.values())) == 3
    assert {line.get_label() for line in right.lines} == {"validation", "test, watched"}


def test_a_missing_series_is_said_to_be_missing():
    left, right = figures.training_curves(curves([{"epoch": 1, "train_loss": 0.5}])).axes
    assert texts(left) == ["not recorded"]
    assert len(right.lines) == 1


def test_reliability_diagram_shows_every_bin_that_is_not_empty(case):
    calibration = case.evaluation.scores.calibration
    above, below = figures.reliability_diagram(calibration).axes
    points = above.lines[-1]
    assert points.get_ydata() == pytest.approx([100 * a for a in calibration.accuracy if a is not None])
    assert [bar.get_height() for bar in below.patches] == list(calibration.counts)


def test_samples_stand_in_the_row_of_their_digit(make):
    case = make("digit absent")
    (axes,) = figures.sample_images(case.data.images, case.data.labels, columns=3).axes
    paper = axes.images[0].get_array()
    for digit in range(10):
        strip = paper[digit * 34 : digit * 34 + 28, :28]
        mine = np.flatnonzero(case.data.labels == digit)
        want = case.data.images[mine[0]] if len(mine) else np.zeros((28, 28))
        np.testing.assert_array_equal(strip, want)


def test_class_means_are_drawn_as_they_are():
    means = np.linspace(0, 1, 10)[:, None, None] * np.ones((10, 28, 28))
    figure = figures.class_means(means)
    assert [axes.images[0].get_array()[0, 0] for axes in figure.axes] == pytest.approx(
        list(255 * means[:, 0, 0])
    )


@pytest.mark.parametrize(("shape", "n"), [((5, 5, 1, 6), 6), ((784, 10), 10), ((3, 3, 4, 40), 32)])
def test_filters_keep_their_place_and_sign(shape, n):
    weight = np.random.default_rng(0).standard_normal(shape)
    pictures = figures.filter_images(weight)
    assert np.abs(pictures).max() == 1.0
    first = weight[:, :, 0, 0] if len(shape) == 4 else weight[:, 0].reshape(28, 28)
    np.testing.assert_allclose(
        pictures[0], first / np.abs(weight[:, :, 0] if len(shape) == 4 else weight).max()
    )
    assert sum(bool(axes.images) for axes in figures.first_layer_filters(weight).axes) == n


def test_the_colours_of_filters_are_explained():
    figure = figures.first_layer_filters(np.ones((784, 3)))
    labels = [label.get_text() for label in figure.axes[-1].get_xticklabels()]
    assert labels == ["ink counts against", "no matter", "ink counts for"]


def test_filters_of_zeros_are_blank():
    assert not figures.filter_images(np.zeros((5, 5, 1, 2))).any()


def test_weights_that_see_no_image_are_refused():
    with pytest.raises(
        ShapeError, match=r"expected \(kh, kw, c_in, c_out\) or \(784, c_out\), got \(300, 10\)"
    ):
        figures.filter_images(np.zeros((300, 10)))


def test_pngs_are_whole_and_repeatable(make):
    matrix = make("digit absent").evaluation.scores.matrix
    first, second = (figures.png(figures.digit_accuracy(matrix)) for _ in range(2))
    kind, (width, height) = image_size(first)
    assert kind == "PNG"
    assert width > height > 500
    assert first == second


def test_titles_are_no_formulas(typical):
    figure = figures.wrong_predictions(*typical.arrays, limit=1, title="$\\frac{1$")
    assert image_size(figures.png(figure))[0] == "PNG"


@pytest.mark.parametrize(
    ("low", "high", "want"), [(0.03, 0.6, [0.05, 0.1, 0.2, 0.5]), (1e-4, 1.0, [1e-4, 1e-3, 0.01, 0.1, 1.0])]
)
def test_ticks_are_round(low, high, want):
    assert round_ticks(low, high) == want


def test_picture_grid_shows_each_picture_over_its_own_range():
    pictures = np.array([np.full((2, 3), 4.0), np.diag([1.0, 2.0, 0.0])[:2], np.zeros((2, 3))])
    figure = figures.picture_grid(pictures, ["a", "b", "c"], columns=2)
    first, second, third, empty = figure.axes
    assert [axes.get_title() for axes in (first, second, third)] == ["a", "b", "c"]
    assert [axes.images[0].get_clim() for axes in (first, second, third)] == [(0, 4), (0, 2), (0, 1)]
    np.testing.assert_array_equal(second.images[0].get_array(), pictures[1])
    assert not empty.axison
    assert figure.get_suptitle() == ""


def test_picture_grid_can_share_one_range_with_a_sign():
    pictures = np.array([[[1.0, -3.0]], [[0.5, 0.0]]])
    figure = figures.picture_grid(pictures, signed=True, together=True, title="Weights")
    assert [axes.images[0].get_clim() for axes in figure.axes] == [(-3, 3), (-3, 3)]
    colours = figure.axes[0].images[0].get_cmap()
    assert colours(1.0)[2] > colours(0.0)[2]  # more blue above 0 than below
    assert figure.get_suptitle() == "Weights"


@pytest.mark.parametrize(
    ("shape", "words", "message"),
    [
        ((28, 28), [], r"expected shape \(n, h, w\) with n > 0, got \(28, 28\)"),
        ((0, 28, 28), [], r"got \(0, 28, 28\); reshape them"),
        ((2, 28, 28), ["one"], "expected 2, one a picture, got 1; give all or none"),
    ],
)
def test_picture_grid_refuses_what_is_no_row_of_pictures(shape, words, message):
    with pytest.raises(ShapeError, match=message):
        figures.picture_grid(np.zeros(shape), words)


def test_the_style_is_one_that_matplotlib_knows():
    from matplotlib.figure import Figure

    with matplotlib.rc_context(dict(figures.STYLE)):
        axes = Figure().subplots()
        assert axes.get_facecolor() == matplotlib.colors.to_rgba(style.PAPER)
        line, _ = axes.plot([0, 1], [0, 1], [1, 0])
        assert line.get_color() == style.BLUE
        assert not axes.spines["top"].get_visible()


def test_figures_look_the_same_in_any_style():
    images, labels = np.zeros((3, 28, 28), np.uint8), np.array([0, 1, 2])
    plain = figures.png(figures.sample_images(images, labels, columns=2))
    with matplotlib.rc_context({"axes.grid": True, "axes.spines.left": False}):
        assert figures.png(figures.sample_images(images, labels, columns=2)) == plain


def reading_of(n: int) -> tuple[Page, Reading]:
    page = find_digits(np.pad(np.full((60, 10), 0, np.uint8), 20, constant_values=255))
    image = page.view(0).rows[0].candidates[0].image
    digits = [
        Digit(i % 10 if i % 5 else None, 0.9, (0.1,) * 9 + (0.9,), (20, 20, 10, 60), None, image)
        for i in range(n)
    ]
    return page, Reading("?", tuple(digits), None)


def test_reading_steps_show_the_picture_its_ink_and_each_digit():
    page, reading = reading_of(3)
    figure = figures.reading_steps(page, reading, "mine.png")
    assert figure.get_suptitle() == "mine.png"
    above, below = figure.subfigs
    picture, paper, ink = above.axes
    np.testing.assert_array_equal(picture.images[0].get_array(), page.grey)
    np.testing.assert_array_equal(paper.images[0].get_array(), page.view(0).ink.paper)
    np.testing.assert_array_equal(ink.images[0].get_array(), page.view(0).ink.amount)
    assert texts(picture) == ["?", "1", "2"]
    assert len(picture.patches) == 3
    drawn = [axes for axes in below.axes if axes.images]
    assert [axes.get_title("left") for axes in drawn] == ["not sure", "1   90.0 %", "2   90.0 %"]
    np.testing.assert_array_equal(drawn[0].images[0].get_array(), reading.digits[0].image)
    bars = next(axes for axes in below.axes if axes.patches)
    assert [bar.get_width() for bar in bars.patches] == pytest.approx([0.1] * 9 + [0.9])


def test_reading_steps_say_what_is_left_out():
    page, reading = reading_of(30)
    assert figures.reading_steps(page, reading).subfigs[1].get_supxlabel() == "And 6 more."
    blank = figures.reading_steps(find_digits(np.zeros((9, 9), np.uint8)), Reading("", (), "blank"))
    assert blank.subfigs[1].get_supxlabel() == "No digit: blank."
    assert image_size(figures.png(blank))[0] == "PNG"
