"""scikit-learn's own checks of an estimator on the classifier as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from tenfold import TenfoldClassifier

EXPECTED_FAILURES = {  # check -> reason
    "check_sample_weight_equivalence_on_dense_data": "two samples are in two minibatches, one of twice "
    "the weight is in one",
}


@parametrize_with_checks([TenfoldClassifier()], expected_failed_checks=lambda estimator: EXPECTED_FAILURES)
def test_it_keeps_the_contract(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
