"""The report page: one HTML file for light and dark, phone and paper, drawn without any other library."""

from tenfold.evaluate.page.document import document
from tenfold.evaluate.page.report_data import ReportData

__all__ = ["ReportData", "document"]
