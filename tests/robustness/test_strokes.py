"""Characters as strokes: the notation, the curves, the hand that varies them."""

from __future__ import annotations

import numpy as np
import pytest
from digits import STYLES
from hand import somebody
from letters import LETTERS, SYMBOLS
from strokes import curve, evenly, lengths, parse

NOTATIONS = [
    *(
        pytest.param(n, id=f"{digit}, {style}")
        for digit, known in STYLES.items()
        for style, n in known.items()
    ),
    *(pytest.param(n, id=name) for name, n in (LETTERS | SYMBOLS).items()),
]


def test_the_notation_is_strokes_points_and_corners() -> None:
    (first, corners), (second, none) = parse("14,20 34,0* 34,100 | 10,-5 58,100")
    np.testing.assert_array_equal(first, [[0.14, 0.20], [0.34, 0.0], [0.34, 1.0]])
    np.testing.assert_array_equal(second, [[0.10, -0.05], [0.58, 1.0]])
    assert (corners, none) == ([1], [])


@pytest.mark.parametrize("words", ["", "10,10", "10,10 |", "10,10 a,b", "1.5,2 3,4"])
def test_what_is_no_stroke_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="a stroke: expected two points"):
        parse(words)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_curve_goes_through_its_points_in_even_steps(notation: str) -> None:
    for points, corners in parse(notation):
        path = curve(points, corners)
        for point in points:
            assert np.hypot(*(path - point).T).min() < 0.011
        steps = np.hypot(*np.diff(path, axis=0).T)
        assert steps.max() < 0.0125
        assert lengths(path)[-1] >= lengths(points)[-1] * 0.98


def test_only_a_corner_is_sharp() -> None:
    def sharpest(notation: str) -> float:
        [(points, corners)] = parse(notation)
        steps = np.diff(curve(points, corners), axis=0)
        cosines = (steps[:-1] * steps[1:]).sum(axis=1) / np.prod(
            np.hypot(*np.stack([steps[:-1], steps[1:]]).T), 1
        )
        return float(np.degrees(np.arccos(np.clip(cosines, -1, 1))).max())

    assert sharpest("0,0 50,0* 50,50") > 60
    assert sharpest("0,0 50,0 50,50") < 30


def test_even_steps_keep_the_ends() -> None:
    path = evenly(np.array([[0.0, 0.0], [0.3, 0.0], [0.3, 0.7]]), step=0.1)
    np.testing.assert_allclose(path[[0, -1]], [[0, 0], [0.3, 0.7]])
    assert len(path) == 11


def test_every_digit_is_there_in_several_styles() -> None:
    assert list(STYLES) == list("0123456789")
    assert min(len(styles) for styles in STYLES.values()) >= 4


def test_no_letter_is_one_that_is_written_like_a_digit() -> None:
    assert set(LETTERS).isdisjoint("OoQDIiJjLlZzYySsGbTBgqß0123456789")


def test_writers_differ_and_one_writer_never_writes_the_same_twice() -> None:
    rng = np.random.default_rng(3)
    hands = [somebody(rng) for _ in range(50)]
    assert len({hand.slant for hand in hands}) == 50
    one, two = (hands[0].write("30,0 30,100", rng)[0] for _ in range(2))
    n = min(len(one), len(two))
    assert 0 < np.abs(one[:n] - two[:n]).max() < 0.2


@pytest.mark.parametrize("notation", NOTATIONS)
def test_what_is_written_stays_near_the_model(notation: str) -> None:
    rng = np.random.default_rng(5)
    model = np.concatenate([points for points, _ in parse(notation)])
    for _ in range(3):
        strokes = somebody(rng).write(notation, rng)
        points = np.concatenate(strokes)
        assert np.isfinite(points).all()
        assert (points.min(axis=0) >= 0).all()
        assert len(strokes) == len(parse(notation))
        assert 0.7 < np.ptp(points[:, 1]) / max(np.ptp(model[:, 1]), 0.3) < 1.4
