"""Models compared by name, as a command names them: the findings, and their page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenfold.evaluate.comparison import Comparison, compare, pair_lines, warnings
from tenfold.evaluate.comparison.tables import comparison_tables, runs_records
from tenfold.evaluate.comparison_page import write_comparison
from tenfold.evaluate.tables import written
from tenfold.evaluate.wording import command
from tenfold.files.named_folders import writing_to
from tenfold.runs.comparison_inputs import models_to_compare, test_images
from tenfold.runs.models import Models

if TYPE_CHECKING:
    from tenfold.runs.judging import Load

COMPARISON = Path("comparison")


@dataclass(frozen=True)
class Compared:
    """A comparison and its page."""

    found: Comparison
    page: Path

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return self.found.to_dict() | {"page": str(self.page)}

    def lines(self) -> Iterator[str]:
        """Yield what was found, and what limits it."""
        for place, pair in enumerate(self.found.pairs):
            if place:
                yield ""
            yield from pair_lines(pair, len(self.found.pairs))
        yield from (f"{name}: {text}" for name, text in warnings(self.found.models))

    def written(self, form: str) -> str:
        """Return tables in a format: the models, the pairs, and every run."""
        return written(comparison_tables(self.found), runs_records(self.found), form)


def compare_named(
    names: Sequence[str],
    models: Models,
    load: Load,
    *,
    results: Path | None,
    protocol: str | None,
    source: str | None,
    out: Path = COMPARISON,
    notice: Callable[[str], None],
) -> Compared:
    """Compare models, and write the page, with pictures where the images are available.

    Raises
    ------
    TenfoldError
        If there is no such model or run, they cannot be compared, or the page cannot be written.
    """
    found = compare(
        models_to_compare(names, results=results, protocol=protocol, source=source, load=load, models=models)
    )
    test, why = test_images(found.models, source)
    if why is not None:
        images = "digits" if all(one.digits for one in found.models) else "the images"
        notice(f"no pictures of {images}: {why}")
    options = {
        "--protocol": protocol,
        "--results": results,
        "--data": source,
        "--out": None if out == COMPARISON else out,
    }
    made = command("tenfold", "compare", *names, *models.options, options=options)
    with writing_to(out, "--out"):
        return Compared(found, write_comparison(found, test, out, made))
