"""Predictor and data set to a report: text, JSON, one HTML file and PNG figures."""

from tenfold.evaluate.curves import Curves, curves
from tenfold.evaluate.environment import Environment, environment
from tenfold.evaluate.evaluation import Evaluation, Labelled, Run, evaluate, timed
from tenfold.evaluate.examples import KINDS, Kind, examples
from tenfold.evaluate.ledger import Ledger, Trial, shard
from tenfold.evaluate.misread_by_all import MisreadByAll, misread_by_all
from tenfold.evaluate.mistakes import frequent_pairs, mistakes, pair_mistakes
from tenfold.evaluate.predictions_csv import predictions_csv, readings_csv, submission_csv
from tenfold.evaluate.report import reproduce_command, write_report
from tenfold.evaluate.scores import Calibration, Scores, Share, score
from tenfold.evaluate.summary import summary_lines
from tenfold.habits import callable_unit

__all__ = [
    "KINDS",
    "Calibration",
    "Curves",
    "Environment",
    "Evaluation",
    "Kind",
    "Labelled",
    "Ledger",
    "MisreadByAll",
    "Run",
    "Scores",
    "Share",
    "Trial",
    "curves",
    "environment",
    "evaluate",
    "examples",
    "frequent_pairs",
    "misread_by_all",
    "mistakes",
    "pair_mistakes",
    "predictions_csv",
    "readings_csv",
    "reproduce_command",
    "score",
    "shard",
    "submission_csv",
    "summary_lines",
    "timed",
    "write_report",
]

callable_unit(__name__, "expected a function, got the unit; write model.evaluate(images, labels)")
