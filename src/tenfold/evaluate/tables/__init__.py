"""Figures as tables of Markdown and LaTeX, and as CSV."""

from tenfold.evaluate.tables.overview import overview, overview_records
from tenfold.evaluate.tables.runs import runs_records, runs_table, runs_tables
from tenfold.evaluate.tables.table import FORMATS, Table, written

__all__ = [
    "FORMATS",
    "Table",
    "overview",
    "overview_records",
    "runs_records",
    "runs_table",
    "runs_tables",
    "written",
]
