"""Pictures as people make them: each fault that sinks other recognisers, with a model that knows MNIST."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

import tenfold
from tenfold.data import Corpus, find_digits
from tenfold.predict import Reader, Reading, shipped


@pytest.fixture(scope="module")
def clear(corpus: Corpus, reader: Reader) -> list[np.ndarray]:
    return surest(corpus, reader)


def surest(corpus: Corpus, reader: Reader) -> list[np.ndarray]:
    """For each digit, the test image that the model is surest of."""
    doubt = reader.recogniser.predict(corpus.test.images).doubt
    labels = corpus.test.labels
    right = reader.recogniser.predict(corpus.test.images).probabilities.argmax(axis=1) == labels
    best = [min(np.flatnonzero(right & (labels == digit)), key=doubt.__getitem__) for digit in range(10)]
    return [corpus.test.images[i] for i in best]


def large(image: np.ndarray, times: float) -> np.ndarray:
    side = round(28 * times)
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))


def on_paper(ink: np.ndarray, height: int, width: int, top: int, left: int) -> np.ndarray:
    page = np.zeros((height, width), np.uint8)
    page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return 255 - page


def row(images: list[np.ndarray], times: float, gap: int) -> np.ndarray:
    """Digits side by side, cut to their ink."""
    cut = [large(image, times)[:, np.flatnonzero(image.any(axis=0))[0] * round(times) :] for image in images]
    cut = [part[:, : np.flatnonzero((part > 80).any(axis=0))[-1] + 1] for part in cut]
    space = np.zeros((cut[0].shape[0], gap), np.uint8)
    return np.hstack([part for digit in cut for part in (space, digit)] + [space])


def jpeg(pixels: np.ndarray, quality: int = 70) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def photographed(page: np.ndarray, seed: int = 0, shadow: float = 0.4) -> bytes:
    """Uneven light, the edge of a shadow, a little blur, grain and JPEG."""
    rng = np.random.default_rng(seed)
    height, width = page.shape
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    light = (0.95 - 0.4 * x * y) * np.where(x + 0.3 * y > 0.6, 1 - shadow, 1)
    shot = gaussian_filter((0.2 + 0.7 * page / 255) * light, 0.8) * 255 + rng.normal(0, 3, page.shape)
    return jpeg(np.clip(shot, 0, 255).astype(np.uint8))


# --- one digit, wherever and however large


def test_pasted_mnist_comes_back(corpus: Corpus, reader: Reader) -> None:
    """Large, moved, either polarity, anti-aliased: the mean pixel is off by at most 30 grey levels, for
    half of the images by at most 8, and the model reads 97 of 100 as it reads the originals.

    What remains is half a pixel of blur, and the whole pixel by which a centre near a border rounds.
    """
    rng = np.random.default_rng(0)
    images = corpus.test.images[::5]
    pages = []
    for image in images:
        ink = large(image, rng.uniform(1.5, 8))
        height, width = (int(length * rng.uniform(1.05, 2)) for length in ink.shape)
        page = on_paper(ink, height, width, rng.integers(height - len(ink)), rng.integers(width - len(ink)))
        pages.append(page if rng.random() < 0.5 else 255 - page)
    found = [find_digits(page).view(0).rows for page in pages]
    assert all(len(rows) == 1 for rows in found)
    wholes = [max(row.candidates, key=lambda one: one.area) for [row] in found]
    alone = [one.last - one.first == row.end for one, [row] in zip(wholes, found, strict=True)]
    assert np.mean(alone) >= 0.98  # two of them have a stray mark
    back = np.stack([one.image for one in wholes])
    distance = np.abs(back.astype(int) - images).mean(axis=(1, 2))
    assert distance.max() <= 30
    assert np.median(distance) <= 8
    before, after = (reader.recogniser.predict(x).probabilities.argmax(axis=1) for x in (images, back))
    assert np.mean(before == after) >= 0.97


@pytest.mark.fault("own pictures", "ink and paper are swapped", "the same answer")
def test_both_polarities_give_the_same_answer(clear: list[np.ndarray], reader: Reader) -> None:
    for image in clear:
        for page in (image, on_paper(large(image, 6), 200, 240, 20, 40), on_paper(image, 28, 60, 0, 10)):
            light, dark = reader.read_many([page, 255 - page])
            assert light.to_dict() == dark.to_dict()
            np.testing.assert_array_equal(light.digits[0].image, dark.digits[0].image)


@pytest.mark.parametrize("paper", [0, 60, 128, 200, 255])
@pytest.mark.parametrize("contrast", [60, -60])
def test_faint_ink_on_any_paper(paper: int, contrast: int, clear: list[np.ndarray], reader: Reader) -> None:
    if not 0 <= paper + contrast <= 255:
        return
    for digit, image in enumerate(clear):
        shade = large(image, 4) / 255 * contrast
        page = np.rint(paper + np.pad(shade, 10)).astype(np.uint8)
        assert reader.read(page).text == str(digit)


@pytest.mark.fault("own pictures", "a digit is in a corner", "read correctly")
def test_in_each_corner(clear: list[np.ndarray], reader: Reader) -> None:
    for digit, image in enumerate(clear):
        ink = large(image, 4)
        ink = ink[np.ix_((ink > 60).any(axis=1), (ink > 60).any(axis=0))]  # flush with the edges
        height, width = ink.shape
        for top in (0, 300 - height):
            for left in (0, 260 - width):
                [found] = reader.read(on_paper(ink, 300, 260, top, left)).digits
                assert found.digit == digit
                assert np.abs(np.array(found.box) - (left, top, width, height)).max() <= 2


@pytest.mark.fault(
    "own pictures", "a digit is 0.3 to 15 times as large, with a thin or a thick pen", "read correctly"
)
@pytest.mark.parametrize("times", [0.5, 1, 2, 3, 5, 15])
def test_at_any_size(times: float, clear: list[np.ndarray], reader: Reader) -> None:
    """A digit of 20 pixels in MNIST is 10 to 300 high here, on a sheet of 450 x 450."""
    for digit, image in enumerate(clear):
        page = on_paper(large(image, times), 450, 450, 10, 10)
        assert reader.read(page).text == str(digit)


@pytest.mark.fault(
    "own pictures", "a digit is 0.3 to 15 times as large, with a thin or a thick pen", "read correctly"
)
@pytest.mark.parametrize("times", [0.3, 0.6, 1, 2, 3])
@pytest.mark.parametrize("pen", [1, 8, 30])
def test_thin_and_thick_pens_at_any_scale(times: float, pen: int, reader: Reader) -> None:
    """A seven and a one drawn with lines; at 200 x 200, pens of 1 to 30 pixels."""
    if pen * times < 0.5:
        return  # less than half a pixel: hardly anything is there
    for digit, points in {7: [(40, 40), (150, 40), (80, 170)], 1: [(105, 30), (95, 170)]}.items():
        sheet = Image.new("L", (800, 800), 255)
        ImageDraw.Draw(sheet).line([(4 * x, 4 * y) for x, y in points], fill=0, width=4 * pen, joint="curve")
        side = round(200 * times)
        page = np.asarray(sheet.resize((side, side), Image.Resampling.BOX))
        [found] = reader.read(page).digits
        assert found.digit == digit
        usual = found.image[found.image.any(axis=1)][8:14] > 100  # rows through the stem
        assert 1 <= usual.sum(axis=1).min()
        assert usual.sum(axis=1).max() <= 9


# --- nothing to read


NOTHING = {"text": "", "digits": [], "marks": [], "turned": 0, "reason": "blank"}
BLANK = {
    "paper": np.full((200, 300), 250, np.uint8),
    "night": np.zeros((28, 28), np.uint8),
    "grey": np.full((28, 28), 130, np.uint8),
    "all ink": np.zeros((400, 400), np.uint8),
    "faint": np.tile(np.array([0, 20], np.uint8), (28, 14)),
    "faint on grey": np.pad(np.full((40, 40), 150, np.uint8), 30, constant_values=120),
    "1x1": np.full((1, 1), 9, np.uint8),
    "1x5000": np.full((1, 5000), 9, np.uint8),
    "5000x1": np.full((5000, 1), 9, np.uint8),
    "one pixel": on_paper(np.full((1, 1), 255, np.uint8), 200, 200, 90, 90),
    "one pixel of 28 x 28": on_paper(np.full((1, 1), 255, np.uint8), 28, 28, 14, 14),
    "a dot": on_paper(np.full((3, 3), 255, np.uint8), 600, 600, 90, 90),
}


@pytest.mark.fault(
    "own pictures",
    "a picture is blank, one pixel, all ink, 1 x 1 or 1 x 5000",
    "no digit, and the reason blank",
)
@pytest.mark.parametrize("case", BLANK)
def test_nothing_is_written(case: str, reader: Reader) -> None:
    assert_nothing(reader.read(BLANK[case]))


def assert_nothing(reading: Reading) -> None:
    """No digit; what is there is accounted for as dirt."""
    assert {mark.kind for mark in reading.marks} <= {"speck"}
    assert reading.to_dict() | {"marks": []} == NOTHING


def test_a_dash_by_itself_is_an_unknown_mark() -> None:
    reading = tenfold.read(on_paper(np.full((4, 90), 255, np.uint8), 200, 200, 90, 50))
    assert (reading.text, reading.reason) == ("?", "not sure")


@pytest.mark.fault("own pictures", "a photo shows blank paper", "no digit, and the reason blank")
def test_a_blank_photo_is_blank(reader: Reader) -> None:
    for seed in range(3):
        assert_nothing(reader.read(photographed(np.full((300, 400), 255, np.uint8), seed)))


@pytest.mark.fault("own pictures", "a picture is noise", "no confident digit")
@pytest.mark.parametrize("side", [28, 40, 64, 100, 400])
def test_noise_is_no_confident_digit(side: int) -> None:
    """By the network that comes along; what is asked of it must be little."""
    for seed in range(3):
        noise = np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)
        assert sum(len(row.candidates) for row in find_digits(noise).view(0).rows) <= 200
        reading = tenfold.read(noise)
        assert [digit.digit for digit in reading.digits if digit.digit is not None] == []
        assert reading.reason in ("blank", "too many marks", "not sure")


LETTERS = {  # strokes of points (x, y) in a box of 120 x 160
    "A": [[(0, 160), (60, 0), (120, 160)], [(25, 100), (95, 100)]],
    "E": [[(100, 0), (0, 0), (0, 160), (100, 160)], [(0, 80), (80, 80)]],
    "H": [[(5, 0), (5, 160)], [(115, 0), (115, 160)], [(5, 80), (115, 80)]],
    "K": [[(10, 0), (10, 160)], [(110, 0), (10, 85), (115, 160)]],
    "W": [[(0, 0), (30, 160), (60, 40), (90, 160), (120, 0)]],
    "X": [[(0, 0), (120, 160)], [(120, 0), (0, 160)]],
}


@pytest.mark.fault("own pictures", "a letter is written", "marked as not sure")
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("pen", [8, 16])
def test_a_letter_is_no_digit(letter: str, pen: int) -> None:
    """By the network that comes along, on pages of three sizes, dark on light and light on dark."""
    for times in (0.5, 1, 2):
        sheet = Image.new("L", (960, 1120), 255)
        for stroke in LETTERS[letter]:
            points = [(4 * (x + 60), 4 * (y + 60)) for x, y in stroke]
            ImageDraw.Draw(sheet).line(points, fill=0, width=4 * pen, joint="curve")
        page = np.asarray(sheet.resize((round(240 * times), round(280 * times)), Image.Resampling.BOX))
        for picture in (page, 255 - page):
            reading = tenfold.read(picture)
            assert (reading.text, reading.reason) == ("?", "not sure")


def test_the_same_pen_writes_digits_that_are_read() -> None:
    """Lest everything drawn by lines were refused: a seven and a one."""
    for digit, points in {7: [(20, 20), (130, 20), (60, 150)], 1: [(105, 30), (95, 170)]}.items():
        sheet = Image.new("L", (960, 1120), 255)
        shifted = [(4 * (x + 40), 4 * (y + 40)) for x, y in points]
        ImageDraw.Draw(sheet).line(shifted, fill=0, width=48, joint="curve")
        assert tenfold.read(np.asarray(sheet.resize((240, 280), Image.Resampling.BOX))).text == str(digit)


@pytest.mark.fault(
    "own pictures",
    "a picture is blank, one pixel, all ink, 1 x 1 or 1 x 5000",
    "no digit, and the reason blank",
)
@pytest.mark.parametrize("width", [2, 9, 100])
def test_one_row_of_pixels(width: int) -> None:
    """A row with a dash in it is blank, whatever the dash's length, lying or standing, dark or light."""
    page = np.full((1, 5000), 255, np.uint8)
    page[0, 100 : 100 + width] = 0
    for picture in (page, page.T.copy(), 255 - page):
        assert tenfold.read(picture).to_dict() == NOTHING


# --- several digits


def test_a_line_of_digits(clear: list[np.ndarray], reader: Reader) -> None:
    for times, gap in ((2, 6), (4, 8), (8, 40)):
        page = 255 - np.pad(row(clear, times, gap), 20)
        reading = reader.read(page)
        assert reading.text == "0123456789"
        lefts = [digit.box[0] for digit in reading.digits]
        assert lefts == sorted(lefts)


def test_a_page_of_lines(clear: list[np.ndarray], reader: Reader) -> None:
    upper, lower = row(clear[:5], 4, 12), row(clear[5:8], 4, 12)
    page = 255 - np.pad(
        np.vstack([upper, np.pad(lower, ((0, 0), (30, upper.shape[1] - lower.shape[1] - 30)))]), 15
    )
    assert reader.read(page).text == "01234\n567"


def test_a_line_that_climbs(clear: list[np.ndarray], reader: Reader) -> None:
    page = np.zeros((400, 900), np.uint8)
    for i, image in enumerate(clear[:7]):
        page[260 - 35 * i : 260 - 35 * i + 112, 20 + 120 * i : 20 + 120 * i + 112] = large(image, 4)
    assert reader.read(255 - page).text == "0123456"


@pytest.mark.fault("own pictures", "two digits touch", "both are read")
def test_digits_that_touch_are_cut(clear: list[np.ndarray], reader: Reader) -> None:
    line = row([clear[0], clear[0]], 4, 0)
    page = 255 - np.pad(line, 30)
    assert reader.read(page).text == "00"


def test_dots_and_dirt_are_left_out(clear: list[np.ndarray], reader: Reader) -> None:
    page = on_paper(large(clear[3], 8), 400, 400, 80, 80)
    rng = np.random.default_rng(0)
    for top, left in rng.integers(0, 395, (60, 2)):
        if not (100 < top < 290 and 100 < left < 290):
            page[top : top + 4, left : left + 4] = 0
    assert reader.read(page).text == "3"


def test_a_broken_stroke_is_one_digit(corpus: Corpus) -> None:
    reader = Reader(shipped())
    clear = surest(corpus, reader)
    for digit in (0, 3, 6, 8):
        ink = large(clear[digit], 8).copy()
        ink[110:114] = 0  # a white line through it
        assert reader.read(on_paper(ink, 260, 260, 10, 10)).text == str(digit)


# --- paper and light


@pytest.mark.parametrize("noise", [0.04, 0.08])
def test_the_noise_of_a_dark_room(noise: float, clear: list[np.ndarray], reader: Reader) -> None:
    rng = np.random.default_rng(0)
    for digit, image in enumerate(clear):
        page = 0.5 - 0.3 * np.pad(large(image, 6), 20) / 255 + rng.normal(0, noise, (208, 208))
        assert reader.read(np.clip(255 * page, 0, 255).astype(np.uint8)).text == str(digit)


def test_chalk_with_gaps(clear: list[np.ndarray], reader: Reader) -> None:
    rng = np.random.default_rng(0)
    for digit, image in enumerate(clear):
        ink = np.pad(large(image, 8), 20)
        rough = gaussian_filter(rng.normal(0, 1, ink.shape), 1.5) < 0.13  # a quarter of the ink is missing
        assert reader.read(255 - np.where(rough, ink, 0)).text == str(digit)


PAPERS: dict[str, Callable[[np.ndarray], np.ndarray | bytes]] = {
    "gradient and shadow": photographed,
    "deep shadow": lambda page: photographed(page, shadow=0.5),
    "jpeg": lambda page: jpeg(page, 30),
    "ruled": lambda page: ruled(page, across=True, down=False),
    "squared": lambda page: ruled(page, across=True, down=True),
    "squared photo": lambda page: photographed(ruled(page, across=True, down=True)),
    "dark margin": lambda page: np.pad(page, ((0, 0), (30, 0))),
    "on a table": lambda page: photographed(np.pad(page, 40)),
    "blackboard": lambda page: photographed(255 - page, shadow=0.2),
}


def ruled(page: np.ndarray, *, across: bool, down: bool) -> np.ndarray:
    lines = page.copy()
    if across:
        lines[15::45] = np.minimum(lines[15::45], 90)
        lines[16::45] = np.minimum(lines[16::45], 90)
    if down:
        lines[:, 20::45] = np.minimum(lines[:, 20::45], 90)
        lines[:, 21::45] = np.minimum(lines[:, 21::45], 90)
    return lines


@pytest.mark.fault(
    "own pictures", "a photo has a gradient, a shadow, ruled lines or a dark margin", "read correctly"
)
@pytest.mark.parametrize("paper", PAPERS)
def test_papers(paper: str, clear: list[np.ndarray], reader: Reader) -> None:
    page = 255 - np.pad(row(clear, 4, 25), 40)
    assert reader.read(PAPERS[paper](page)).text == "0123456789"


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((0, 0, 255), (0, 0, 0)),  # blue on black: as luminance, 29 of 255
        ((255, 0, 0), (0, 130, 0)),  # red on green, of one luminance
        ((20, 40, 160), (255, 250, 220)),
        ((255, 230, 0), (200, 0, 60)),
    ],
)
def test_coloured_ink_on_coloured_paper(
    ink: tuple[int, ...], paper: tuple[int, ...], clear: list[np.ndarray], reader: Reader
) -> None:
    for digit, image in enumerate(clear):
        share = np.pad(large(image, 5), 20)[..., None] / 255
        page = np.rint(share * ink + (1 - share) * np.array(paper)).astype(np.uint8)
        assert reader.read(page).text == str(digit)


def test_a_large_photo_is_read_on_a_smaller_one(clear: list[np.ndarray], reader: Reader) -> None:
    """12 megapixels; the boxes are those of the photo."""
    page = 255 - np.pad(row(clear[:6], 16, 60), 200)
    page = np.pad(page, ((0, 3000 - page.shape[0]), (0, 4000 - page.shape[1])), constant_values=255)
    reading = reader.read(page)
    assert reading.text == "012345"
    for digit in reading.digits:
        left, top, width, height = digit.box
        assert 290 <= max(width, height) <= 340
        inside = 255 - page[top : top + height, left : left + width].astype(int)
        assert (inside.sum(axis=0) > 0).mean() > 0.95
