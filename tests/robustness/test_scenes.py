"""Pens, papers, lights, cameras and files do what they say."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from cameras import CAMERAS
from files import FILES, alpha_png
from layout import alone, lines
from lights import LIGHTS
from papers import PAPERS
from pens import PENS
from PIL import Image, ImageOps
from scene import Scene
from writing import a_writer

SHAPE, HEIGHT = (140, 110), 90.0


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def paths() -> list[np.ndarray]:
    [character] = a_writer(rng(1)).digits("3", rng(2))
    return [stroke * HEIGHT + (25, 20) for stroke in character]


def opened(content: bytes) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("pen", PENS)
def test_a_pen_covers_a_narrow_band_along_the_path(pen: str) -> None:
    drawn = paths()
    coverage = PENS[pen](drawn, HEIGHT, SHAPE, rng())
    assert coverage.shape == SHAPE
    assert coverage.min() >= 0
    assert coverage.max() <= 1
    x, y = np.rint(np.concatenate(drawn)).astype(int).T
    assert np.mean(coverage[y, x] > 0.2) > 0.95
    away = np.ones(SHAPE, bool)
    for u, v in np.concatenate(drawn):
        away[max(int(v) - 12, 0) : int(v) + 13, max(int(u) - 12, 0) : int(u) + 13] = False
    assert coverage[away].max() < 0.05


def test_pens_are_as_thick_as_their_names_say() -> None:
    ink = {
        pen: np.mean([PENS[pen](paths(), HEIGHT, SHAPE, rng(seed)).mean() for seed in range(5)])
        for pen in PENS
    }
    assert ink["ballpoint"] < ink["felt tip"] < ink["marker"]
    assert ink["pencil"] < ink["felt tip"] < ink["finger"]


def test_a_mouse_leaves_hard_edges_and_a_felt_tip_soft_ones() -> None:
    assert set(np.unique(PENS["mouse"](paths(), HEIGHT, SHAPE, rng()))) == {0, 1}
    assert len(np.unique(PENS["felt tip"](paths(), HEIGHT, SHAPE, rng()))) > 5


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_is_a_colour_image(paper: str) -> None:
    sheet = PAPERS[paper](SHAPE, HEIGHT, rng())
    assert sheet.shape == (*SHAPE, 3)
    assert sheet.min() >= 0
    assert sheet.max() <= 1
    assert (np.median(sheet) < 0.4) == (paper == "blackboard")


def test_ruled_paper_has_lines_across_and_squared_paper_both_ways() -> None:
    def lined(paper: str, axis: int) -> float:
        profile = np.median(PAPERS[paper]((400, 400), 60.0, rng(3)).mean(axis=2), axis=axis)
        return float(np.median(profile) - profile.min())

    assert lined("ruled", 1) > 0.05 > lined("ruled", 0)
    assert min(lined("squared", 0), lined("squared", 1)) > 0.05
    assert max(lined("white", 0), lined("white", 1)) < 0.02


@pytest.mark.parametrize("light", LIGHTS)
def test_light_leaves_everything_to_be_seen(light: str) -> None:
    for seed in range(5):
        field = LIGHTS[light](SHAPE, rng(seed))
        assert field.shape == SHAPE
        assert field.min() > 0.3
        assert field.max() < 1.5
        assert (np.ptp(field) > 0.2) == (light != "even")


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_camera_keeps_what_is_written_in_the_picture(camera: str) -> None:
    page = np.ones((120, 120, 3)) * 0.9
    page[50:70, 50:70] = 0.1
    seen = CAMERAS[camera](page, 40.0, rng(3))
    assert seen.shape[2] == 3
    assert seen.shape[0] >= 120
    middle = seen[seen.shape[0] // 2, seen.shape[1] // 2].mean()
    assert middle < 0.4
    assert np.median(seen) > 0.6


def page() -> np.ndarray:
    colours = np.ones((64, 96, 3)) * (0.9, 0.88, 0.8)
    colours[10:30, 20:28] = (0.1, 0.1, 0.4)
    return colours


def difference(image: Image.Image) -> float:
    """Mean difference of grey levels from the page, 0..1."""
    grey = np.asarray(image.convert("L")) / 255
    return float(np.abs(grey - page() @ [0.299, 0.587, 0.114]).mean())


@pytest.mark.parametrize("name", [name for name in FILES if name != "large_jpeg"])
def test_a_file_shows_the_page(name: str) -> None:
    image = opened(FILES[name](page(), rng()))
    assert image.size == (96, 64)
    assert difference(image) < 0.03


def test_sideways_is_stored_turned_and_shown_upright() -> None:
    files = [FILES["sideways_jpeg"](page(), rng(seed)) for seed in range(9)]
    assert {Image.open(io.BytesIO(file)).size for file in files} == {(96, 64), (64, 96)}
    assert max(difference(opened(file)) for file in files) < 0.03


def test_a_phone_has_twelve_megapixels() -> None:
    image = opened(FILES["large_jpeg"](page(), rng()))
    assert 11.9e6 < image.width * image.height <= 12e6
    assert difference(image.resize((96, 64))) < 0.03


def test_a_drawing_with_alpha_has_one_colour() -> None:
    coverage = PENS["felt tip"](paths(), HEIGHT, SHAPE, rng())
    pixels = np.asarray(opened(alpha_png(coverage, (1.0, 0.5, 0.0))))
    assert pixels.shape == (*SHAPE, 4)
    assert np.unique(pixels[..., :3].reshape(-1, 3), axis=0).tolist() == [[255, 128, 0]]
    assert {pixels[..., 3].min(), pixels[..., 3].max()} == {0, 255}


@pytest.mark.parametrize(("take", "ink_is_lighter"), [(Scene.picture, False), (Scene.negative, True)])
def test_polarity(take, ink_is_lighter: bool) -> None:
    scene = Scene(pens=("felt tip",), papers=("screen",), files=("png",))
    for seed in range(4):
        layout = (paths(), SHAPE)
        grey = np.asarray(opened(take(scene, layout, HEIGHT, rng(seed))).convert("L")).astype(int)
        paper = int(np.median(grey))
        assert (int(grey.max()) - paper > 100) == ink_is_lighter
        assert (paper - int(grey.min()) > 100) != ink_is_lighter


def test_one_character_has_room_around_it() -> None:
    for seed in range(20):
        [character] = a_writer(rng(seed)).digits("8", rng(seed))
        strokes, (h, w) = alone(character, 50.0, rng(seed))
        points = np.concatenate(strokes)
        assert points.min() > 4
        assert (points.max(axis=0) < np.array([w, h]) - 4).all()


def test_lines_stand_below_each_other_and_characters_apart() -> None:
    for seed in range(10):
        writer = a_writer(rng(seed), {"7": "plain", "4": "one", "5": "one"})
        texts = ["07", "163", "90"]
        rows = [writer.digits(text, rng(seed + i)) for i, text in enumerate(texts)]
        strokes, (h, w) = lines(rows, 50.0, rng(seed))
        boxes = [(stroke.min(axis=0), stroke.max(axis=0)) for stroke in strokes]
        for (_, before), (after, _) in pairwise(boxes):
            assert after[0] > before[0] + 3 or after[1] > before[1] - 5
        assert min(low.min() for low, _ in boxes) > 5
        assert all((high < (w, h)).all() for _, high in boxes)
