"""The training curves of the report."""

from __future__ import annotations

import re

import pytest

from tenfold.evaluate.curves import Series, curves
from tenfold.evaluate.figures import training_curves
from tenfold.evaluate.report_page.training_chart import accuracy_curves
from tenfold.train import History


@pytest.mark.parametrize("accuracies", [(0.01, 0.04), (0.0, 0.0), (0.5, 1.0)])
def test_no_accuracy_is_below_0(accuracies: tuple[float, float]) -> None:
    drawn = str(accuracy_curves([Series("train", tuple(enumerate(accuracies, 1)))], None))
    bottom = max(float(y) for y in re.findall(r'y1="([\d.]+)"', drawn))
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
    assert len(heights) == 2
    if accuracies == (0.0, 0.0):
        assert heights == [pytest.approx(bottom, abs=0.2)] * 2  # 0 % is on the axis
    assert max(heights) <= bottom + 0.2


def test_a_history_is_drawn_as_it_is() -> None:
    history = History()
    assert curves(history) == curves([])
    assert training_curves(history).axes
