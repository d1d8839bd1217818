"""Kinds of pictures: the same for the same seed, and what their names say."""

from __future__ import annotations

import io

import numpy as np
import pytest
from corruptions import CORRUPTIONS
from every import every_kind
from kind import DEVELOPMENT, FINAL, Kind
from nothing import NOTHING
from page import TITLES
from PIL import Image
from written import WRITTEN

from tenfold.data import Dataset

FIRSTS = list({kind.group: kind for kind in reversed([*WRITTEN, *NOTHING])}.values())
STYLES = [kind for kind in WRITTEN if kind.group == "styles"]


def named(kinds: list[Kind]) -> list[object]:
    return [pytest.param(kind, id=f"{kind.group}, {kind.name}") for kind in kinds]


def grey(kind: Kind, index: int) -> np.ndarray:
    picture = kind.case(DEVELOPMENT, index).picture
    image = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else Image.fromarray(picture)
    return np.asarray(image.convert("L")).astype(int)


@pytest.mark.parametrize("kind", named(FIRSTS))
def test_a_picture_is_the_same_for_the_same_seed_and_another_for_another(kind: Kind) -> None:
    one, again = kind.case(DEVELOPMENT, 3), kind.case(DEVELOPMENT, 3)
    assert one.text == again.text
    assert np.array_equal(one.picture, again.picture)
    others = kind.case(FINAL, 3), kind.case(DEVELOPMENT, 4)
    assert all(not np.array_equal(one.picture, other.picture) for other in others)


@pytest.mark.parametrize("kind", named([kind for kind in WRITTEN if kind.group != "several digits"]))
def test_one_digit_is_written_with_enough_contrast(kind: Kind) -> None:
    case = kind.case(DEVELOPMENT, 0)
    assert case.text in set("0123456789")
    with Image.open(io.BytesIO(case.picture)) as image:
        assert image.format in ("PNG", "JPEG")
        assert min(image.size) >= 12
        seen = np.asarray(image.convert("RGBA") if image.mode == "RGBA" else image.convert("L"))
    seen = seen[..., 3] if seen.ndim == 3 else seen
    assert int(seen.max()) - int(seen.min()) > 50


@pytest.mark.parametrize("kind", named(STYLES))
def test_a_style_is_of_the_digit_it_names(kind: Kind) -> None:
    assert {kind.case(DEVELOPMENT, index).text for index in range(4)} == {kind.name[0]}


@pytest.mark.parametrize("kind", named([kind for kind in WRITTEN if kind.group == "several digits"]))
def test_lines_and_pages_hold_several_digits(kind: Kind) -> None:
    rows = kind.case(DEVELOPMENT, 0).text.split("\n")
    assert all(row.isdecimal() and 2 <= len(row) <= 8 for row in rows)
    assert (len(rows) > 1) == kind.name.startswith("page")


@pytest.mark.parametrize("kind", named(NOTHING))
def test_nothing_is_to_be_read_where_no_digit_is(kind: Kind) -> None:
    assert kind.case(DEVELOPMENT, 0).text == ""


def test_light_on_dark_and_dark_on_light() -> None:
    kinds = {kind.name: kind for kind in WRITTEN}
    for index in range(4):
        dark, light = grey(kinds["light ink on dark"], index), grey(kinds["felt tip"], index)
        assert np.median(dark) < 70 < 180 < dark.max()
        assert light.min() < 90 < 180 < np.median(light)


def test_a_blank_screen_is_one_colour() -> None:
    [blank] = [kind for kind in NOTHING if kind.name == "blank screen"]
    assert all(np.ptp(grey(blank, index)) <= 2 for index in range(20))


@pytest.fixture(scope="module")
def images() -> Dataset:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    return Dataset(pixels, np.arange(20) % 10, "made up")


def test_kinds_of_images_show_the_images_and_their_labels(images: Dataset) -> None:
    from spoiled import spoiled

    plain, enlarged, *corrupt = spoiled(images)
    assert [kind.name for kind in corrupt] == list(CORRUPTIONS)
    for index in range(10):
        case = plain.case(DEVELOPMENT, index)
        [at] = np.flatnonzero((images.images == case.picture).all(axis=(1, 2)))
        assert case.text == str(images.labels[at])
    assert min(grey(enlarged, 0).shape) >= 60


def test_every_kind_has_a_name_of_its_own_and_a_place_in_the_page(monkeypatch, images: Dataset) -> None:
    monkeypatch.setattr("every._images", lambda seed: images)
    kinds = every_kind(DEVELOPMENT)
    assert len({(kind.group, kind.name) for kind in kinds}) == len(kinds) > 70
    assert list(dict.fromkeys(kind.group for kind in kinds)) == list(TITLES)


def test_only_the_final_seed_shows_test_images(monkeypatch) -> None:
    from types import SimpleNamespace

    import every

    pixels = np.zeros((30, 28, 28), np.uint8)
    train, test = Dataset(pixels, np.zeros(30, int), "train"), Dataset(pixels, np.ones(30, int), "test")
    monkeypatch.setattr(every, "load_corpus", lambda: SimpleNamespace(train=train, test=test))
    assert set(every._images(FINAL).labels) == {1}
    assert set(every._images(DEVELOPMENT).labels) == {0}
