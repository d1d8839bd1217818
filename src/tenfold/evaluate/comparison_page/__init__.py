"""The page of a comparison: one HTML file in the style of the report."""

from tenfold.evaluate.comparison_page.document import comparison_document, write_comparison

__all__ = ["comparison_document", "write_comparison"]
