"""The page of a search: one HTML file in the style of the report."""

from tenfold.evaluate.tuning_page.tuning_document import tuning_document, write_tuning

__all__ = ["tuning_document", "write_tuning"]
