"""Networks with the interface of scikit-learn: for pipelines, grid searches and cross-validation."""

from __future__ import annotations

from tenfold.estimator.classifier import TenfoldClassifier

__all__ = ["TenfoldClassifier"]
