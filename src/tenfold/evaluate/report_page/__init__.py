"""The report page: one HTML file for light and dark, phone and paper."""

from tenfold.evaluate.report_page.report_data import ReportData
from tenfold.evaluate.report_page.report_document import report_document

__all__ = ["ReportData", "report_document"]
