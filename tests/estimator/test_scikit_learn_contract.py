"""scikit-learn's own checks of an estimator, all of them, on the classifier as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from tenfold import TenfoldClassifier

EXPECTED_FAILURES: dict[str, str] = {}  # check -> reason; there are none


@parametrize_with_checks([TenfoldClassifier()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES)
def test_it_keeps_the_contract(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
