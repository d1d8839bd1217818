"""A grid search in processes side by side: each starts an interpreter of its own."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import GridSearchCV

from tenfold import TenfoldClassifier, load_corpus


def test_two_workers_find_the_same_as_one() -> None:
    train = load_corpus("mnist-5k").train.subset(slice(400))
    classifier = TenfoldClassifier("nn2l", batch_size=16, random_state=0)
    search = GridSearchCV(classifier, {"epochs": [1, 3]}, cv=2, n_jobs=2, error_score="raise")
    together = search.fit(train.images, train.labels).cv_results_["mean_test_score"]
    alone = search.set_params(n_jobs=1).fit(train.images, train.labels).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(together, alone)
