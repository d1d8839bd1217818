"""The networks behind scikit-learn's face: for pipelines, grid searches and cross-validation."""

from __future__ import annotations

from tenfold.estimator.classifier import TenfoldClassifier

__all__ = ["TenfoldClassifier"]
