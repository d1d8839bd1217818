"""The report of a run as a whole page."""

from __future__ import annotations

from tenfold.evaluate.page import background, findings, prediction_sections
from tenfold.evaluate.page.headline import key_figures, masthead
from tenfold.evaluate.page.report_data import ReportData, Section
from tenfold.evaluate.page.shell import asset, shell
from tenfold.evaluate.page.terms import terms


def document(data: ReportData) -> str:
    """The report as HTML, the same text for the same data."""
    return shell(
        f"{data.title} – tenfold report",
        masthead(data),
        key_figures(data),
        _sections(data),
        script=asset("tenfold.evaluate.page", "report.js"),
    )


def _sections(data: ReportData) -> list[Section]:
    every = [
        findings.training(data),
        findings.digits(data),
        findings.error_shares(data),
        findings.confusion(data),
        findings.reliability(data),
        prediction_sections.worst_errors(data),
        prediction_sections.pair_errors(data),
        prediction_sections.least_certain(data),
        prediction_sections.right_at_random(data),
        background.samples(data),
        background.means(data),
        background.filters(data),
        background.network(data),
        background.origin(data),
        terms(),
    ]
    return [section for section in every if section is not None]
