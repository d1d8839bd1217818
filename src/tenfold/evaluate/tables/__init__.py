"""Figures as tables of Markdown and LaTeX, and as CSV."""

from tenfold.evaluate.tables.overview import overview, overview_records, overview_text
from tenfold.evaluate.tables.runs import runs_records, runs_table, runs_tables, runs_text
from tenfold.evaluate.tables.table import FORMATS, Table, written

__all__ = [
    "FORMATS",
    "Table",
    "overview",
    "overview_records",
    "overview_text",
    "runs_records",
    "runs_table",
    "runs_tables",
    "runs_text",
    "written",
]
