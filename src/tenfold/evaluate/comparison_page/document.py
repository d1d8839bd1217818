"""The whole page of a comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tenfold.errors import ShapeError
from tenfold.evaluate.comparison import Comparison
from tenfold.evaluate.comparison_page.masthead import masthead
from tenfold.evaluate.comparison_page.models import cost_section, models_section, seeds_section
from tenfold.evaluate.comparison_page.pairs import pairs_section
from tenfold.evaluate.comparison_page.terms import origin, terms
from tenfold.evaluate.evaluation import Labelled
from tenfold.evaluate.page.shell import asset, shell
from tenfold.files import storage, write_atomically

PAGE = "comparison.html"


def comparison_document(comparison: Comparison, test: Labelled | None, command: str) -> str:
    """The comparison as HTML, the same text for the same figures.

    Parameters
    ----------
    comparison : Comparison
    test : Labelled or None
        The test images, to show those that were misread.
    command : str
        What makes the page again.

    Raises
    ------
    ShapeError
        If these are not as many images as were judged.
    """
    images = comparison.models[0].trials[0].images
    if test is not None and (len(test.labels) != images or test.images.dtype != np.uint8):
        raise ShapeError(
            f"comparison: expected the {images} test images as uint8, got {len(test.labels)} as "
            f"{test.images.dtype}; pass those that the models were judged on"
        )
    sections = [
        models_section(comparison),
        seeds_section(comparison),
        cost_section(comparison),
        pairs_section(comparison, test),
        origin(comparison, command),
        terms(),
    ]
    title = " and ".join(one.name for one in comparison.models[:2])
    more = len(comparison.models) - 2
    return shell(
        f"{title}{f' and {more} more' if more else ''} – tenfold comparison",
        masthead(comparison),
        None,
        sections,
        style=asset("tenfold.evaluate.comparison_page", "comparison.css"),
    )


def write_comparison(comparison: Comparison, test: Labelled | None, out: Path | str, command: str) -> Path:
    """Write ``comparison.html`` into a folder and return its path.

    Raises
    ------
    ShapeError
        If these are not the test images that the models were judged on.
    StorageError
        If the folder cannot be written.
    """
    folder = Path(out)
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
    path = folder / PAGE
    page = comparison_document(comparison, test, command)
    write_atomically(path, page.encode("utf-8", errors="xmlcharrefreplace"))
    return path
