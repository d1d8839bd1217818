"""The page of a comparison: one HTML file in the style of the report."""

from tenfold.evaluate.comparison_page.comparison_document import comparison_document, write_comparison

__all__ = ["comparison_document", "write_comparison"]
