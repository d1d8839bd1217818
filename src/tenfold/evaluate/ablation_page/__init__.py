"""The page of an ablation: one HTML file in the style of the report."""

from tenfold.evaluate.ablation_page.ablation_document import ablation_document, write_ablation

__all__ = ["ablation_document", "write_ablation"]
