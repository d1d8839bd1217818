"""The options of ``tenfold predict``: what they ask for, and which go together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenfold.errors import ConfigError
from tenfold.evaluate.predictions_csv import check_no_other_file
from tenfold.files import shown
from tenfold.files.named_folders import write_named
from tenfold.runs.picture_answers import Wanted, Way
from tenfold.runs.step_drawings import drawings

if TYPE_CHECKING:
    from tenfold.data.picture_paths import PictureFiles


@dataclass(frozen=True)
class ReadingOptions:
    """What the options of ``tenfold predict`` ask for.

    Attributes
    ----------
    table, out, show : Path or None
        Of ``--csv``, ``--out`` and ``--show``.
    as_json, details, probabilities : bool
    test_index : int or None
    way : Way
    """

    table: Path | None
    out: Path | None
    show: Path | None
    as_json: bool
    details: bool
    probabilities: bool
    test_index: int | None
    way: Way

    @property
    def texts(self) -> Wanted:
        """What is wanted of each of many pictures."""
        rows = self.table is not None or self.out is not None
        return Wanted(lines=not rows and not self.as_json, entries=self.as_json, rows=rows)

    @property
    def prints_table(self) -> bool:
        """Whether the table goes to stdout."""
        return self.table == Path("-")

    @property
    def one_by_one(self) -> bool:
        """Whether more than a line is said of each picture."""
        return self.show is not None or self.details or self.test_index is not None

    def many(self, found: PictureFiles) -> bool:
        """Whether only pictures are read, each in one line."""
        few = len(found.files) == 1 and not found.problems and self.out is None
        nothing = not found.files and not found.problems
        return not (few or nothing or self.one_by_one or found.tables)

    def write(self, made: tuple[str, str] | None, put: Callable[[str], None]) -> list[str]:
        """Write a table to its file, or give it to ``put`` for stdout, if it is wanted; return what to say.

        ``made`` is its text and, in words, what is in it; None if there is nothing.
        """
        if self.table is None or made is None:
            return []
        text, what = made
        if self.prints_table:
            put(text)
            return []
        write_named(self.table, text, "--csv")
        return [f"{shown(self.table)}: {what}"]

    def check(self, found: PictureFiles, *, named: bool) -> None:
        """Refuse options that do not go together.

        Raises
        ------
        ConfigError
        """
        tables, show = found.tables, self.show
        if not named and self.test_index is None and self.table is None:
            raise ConfigError(
                "expected a picture, a CSV file or --test-index, got none of them; name at least one file"
            )
        for option in self._of_pictures() if tables else ():
            raise ConfigError(f"{option}: expected pictures only, got {shown(tables[0])}; leave one out")
        if show is not None and show.suffix.lower() == ".png" and len(found.files) != 1:
            raise ConfigError(
                f"--show: expected a folder for {len(found.files)} pictures, got {show}; name a folder"
            )
        self._check_table(found)
        if self.out is not None and (tables or self.one_by_one or self.table is not None or self.as_json):
            raise ConfigError(
                "--out: expected pictures, and no other way to write the answers (--csv, --json, --show, "
                "--details, --test-index, CSV files), got some; leave one out"
            )
        check_no_other_file(None if self.prints_table else self.table)
        if show is not None:
            drawings(list(map(Path, found.files)), show)  # refuses to replace a picture

    def check_network(self, reads_digits: bool, name: str) -> None:
        """Refuse options that only a network of digits has.

        Raises
        ------
        ConfigError
        """
        for option in () if reads_digits else self._of_pictures():
            raise ConfigError(
                f"{option}: expected a network that reads digits, got {name}, which takes a picture as a "
                "whole; leave it out"
            )

    def _of_pictures(self) -> list[str]:
        """Return those of the options in use that only pictures of digits have."""
        given = {
            "--show": self.show is not None,
            "--single": self.way.single,
            "--digits-only": self.way.digits_only,
        }
        return [option for option, used in given.items() if used]

    def _check_table(self, found: PictureFiles) -> None:
        table, tables = self.table, found.tables
        if table is None:
            if self.probabilities:
                raise ConfigError(
                    "--probabilities: expected --csv FILE to write them to, got none; name a file"
                )
            return
        if self.test_index is not None:
            raise ConfigError("--csv: expected files or a whole data set, got --test-index; leave one out")
        if self.prints_table and self.as_json:
            raise ConfigError("--csv -: expected stdout for the table alone, got --json; name a file")
        if tables and len(tables) < len(found.files):
            raise ConfigError(
                f"--csv: expected pictures or CSV files, got both, such as {shown(tables[0])}; "
                "use two commands"
            )
