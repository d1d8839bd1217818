"""The report page: one HTML file for light and dark, phone and paper."""

from tenfold.evaluate.report_page.document import report_document
from tenfold.evaluate.report_page.report_data import ReportData

__all__ = ["ReportData", "report_document"]
