"""The report of a run as a whole page."""

from __future__ import annotations

from tenfold.evaluate.page import background, findings, prediction_sections
from tenfold.evaluate.page.headline import key_figures, masthead
from tenfold.evaluate.page.material import Material, Section
from tenfold.evaluate.page.shell import asset, shell
from tenfold.evaluate.page.terms import terms


def document(material: Material) -> str:
    """The report as HTML, the same text for the same material."""
    return shell(
        f"{material.title} – tenfold report",
        masthead(material),
        key_figures(material),
        _sections(material),
        script=asset("tenfold.evaluate.page", "report.js"),
    )


def _sections(material: Material) -> list[Section]:
    every = [
        findings.training(material),
        findings.digits(material),
        findings.error_shares(material),
        findings.confusion(material),
        findings.reliability(material),
        prediction_sections.worst_errors(material),
        prediction_sections.pair_errors(material),
        prediction_sections.least_certain(material),
        prediction_sections.right_at_random(material),
        background.samples(material),
        background.means(material),
        background.filters(material),
        background.network(material),
        background.origin(material),
        terms(),
    ]
    return [section for section in every if section is not None]
