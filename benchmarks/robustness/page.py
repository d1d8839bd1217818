"""docs/robustness.md, from results/robustness.json and nothing else."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rows import CONFIDENT, REFUSED_GOOD, REFUSED_NOTHING, RIGHT

TITLES = {
    "MNIST": "MNIST itself",
    "MNIST corrupted": "MNIST corrupted in fifteen ways",
    "people": "Other people's handwriting",
    "pens": "Pens",
    "papers": "Papers",
    "light": "Light",
    "camera": "Camera",
    "files": "Files and colours",
    "styles": "Regional styles",
    "several digits": "Lines and pages",
    "no digit": "Where no digit is",
}
SHEETS = {name: name.lower().replace(" ", "-") for name in TITLES if name != "MNIST"}
_HEAD = f"""# Robustness: pictures as people make them

A network that reads MNIST well usually fails on the first digit that its owner draws. So here everything is
read that such a digit goes through: other pens and styles, paper, light, camera, compression; and pictures
with no digit at all, which are to be refused. `make robustness` draws the pictures, reads each with
`tenfold.predict.Reader` and the network that comes with tenfold, and writes this page from
`results/robustness.json`.

**Where the pictures come from.** Digits are written by program. We wrote down how a hand moves, in several
styles for each digit (`benchmarks/robustness/digits.py`); each picture has a writer of its own, with slant,
proportions, haste and trembling, a pen, a paper, a light and a camera. Real handwriting is in two places:
MNIST's own images, and those of thirteen other people (E. Alpaydin and C. Kaynak, "Optical Recognition of
Handwritten Digits", UCI Machine Learning Repository, 1998, as scikit-learn brings it), whose 8 x 8 pixels are
enlarged. The corruptions follow the list of MNIST-C (Mu and Gilmer 2019, arXiv:1906.02337), in our own
definitions and strengths, chosen so that people still read the digits easily. Letters are ours too, without
those that many people write exactly like a digit (`benchmarks/robustness/letters.py` lists them).

**What was kept apart.** None of these pictures, and none of the code that draws them, was used in training.
While reader and network were built, pictures of another seed were looked at, with MNIST images from the end
of the training set and one half of the thirteen people's; the seed measured here, with MNIST's test images
and the other half, was left for the end. Yet one program drew both: what it cannot draw, such as digits that
touch, is not measured.

**How to read the tables.** *Right*: digits read rightly, less those read where none is, of all that are
written; a refused digit is not right. *Without a fault*: pictures whose whole text is right, with no mark
beside it that was refused. *Refused*: no digit was named. *Confident mistakes*: wrong, or where
nothing is, with a probability above 0.95. Brackets: Wilson's 95 % interval. The aims are at least
{100 * RIGHT:.0f} % right, at most {100 * REFUSED_GOOD:.0f} % refused and at most {100 * CONFIDENT:.1f} %
confident mistakes; where no digit is, at least {100 * REFUSED_NOTHING:.0f} % refused: not one digit named in
the whole picture. A line passes if its figures, not their intervals, reach all its aims.
"""


def page(record: dict[str, Any]) -> str:
    """Return the page."""
    parts = [_HEAD, where(record), summary(record["rows"])]
    for group, lines in groupby(record["rows"], key=lambda row: row["group"]):
        parts.append(f"## {TITLES[group]}\n\n{table(list(lines))}")
        if group in SHEETS:
            parts.append(f"![Examples: {TITLES[group].lower()}](images/robustness-{SHEETS[group]}.jpg)")
    parts.append(
        "## Mistakes\n\nSome of them: what is written, and what was read (`?` refused, `-` nothing)."
    )
    parts.append("![Pictures that were not read rightly](images/robustness-mistakes.jpg)")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def where(record: dict[str, Any]) -> str:
    """Return what was measured, where and when."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    pictures = sum(row["pictures"] for row in record["rows"])
    part = "" if record["share"] == 1 else f" ({record['share']:.0%} of the pictures: a quick look)"
    return (
        f"Measured on {record['machine']}, {record['cores']} cores, {record['date'][:10]}, commit "
        f"{record['commit'] or 'unknown'}, {versions}. "
        f"Data: {record['data']}; network: {record['network']}; seed {record['seed']}; {pictures:,} pictures "
        f"in {record['seconds'] / 60:.0f} minutes{part}."
    )


def summary(rows: list[dict[str, Any]]) -> str:
    """Return how many lines pass."""
    written = [row for row in rows if row["digits_written"]]
    nothing = [row for row in rows if not row["digits_written"]]
    digits = sum(row["characters"] for row in written)
    confident = sum(row["confident_mistakes"] for row in written)
    return (
        f"**{sum(row['met'] for row in rows)} of {len(rows)} lines pass.** Of {digits:,} digits "
        f"{percent(sum(row['right'] for row in written) / digits)} were read rightly, "
        f"{percent(sum(row['refused'] for row in written) / digits)} refused, and {confident} "
        f"({percent(confident / digits, 2)}) wrong with confidence; of "
        f"{sum(row['pictures'] for row in nothing):,} pictures without a digit "
        f"{percent(sum(row['refused'] for row in nothing) / sum(row['pictures'] for row in nothing))} "
        "were refused."
    )


def table(rows: list[dict[str, Any]]) -> str:
    """Return one group in Markdown."""
    names = ["pictures", "without a fault", "digits", "right", "refused", "confident mistakes"]
    if not rows[0]["digits_written"]:
        names = ["pictures", "refused", "confident mistakes"]
    head = [f"| | {' | '.join(names)} | |", f"|---|{'--:|' * len(names)}---|"]
    return "\n".join([*head, *(f"| {' | '.join(cells(row))} |" for row in rows)])


def cells(row: dict[str, Any]) -> list[str]:
    """Return the cells of one line."""
    name = row["kind"] + (f" ({row['note']})" if row["note"] else "")
    counts = [f"{row['pictures']:,}"]
    if row["digits_written"]:
        counts += [percent(row["pictures_right"] / row["pictures"]), f"{row['characters']:,}"]
    asked = ("right", "refused") if row["digits_written"] else ("refused",)
    shares = [with_interval(row["shares"][what]) for what in asked]
    sure = with_interval(row["shares"]["confident_mistakes"])
    return [name, *counts, *shares, sure, "PASS" if row["met"] else "miss"]


def with_interval(share: dict[str, float]) -> str:
    """Return a share in percent and its interval."""
    return f"{100 * share['share']:.1f} % ({100 * share['low']:.1f}-{100 * share['high']:.1f})"


def percent(fraction: float, decimals: int = 1) -> str:
    """Return a fraction in percent."""
    return f"{100 * fraction:.{decimals}f} %"
