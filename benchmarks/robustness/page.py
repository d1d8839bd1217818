"""docs/robustness.md, from results/robustness.json and nothing else."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from aims import OWN, USUAL

from tenfold.evaluate.wording import plural

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
    "tight": "Digits cut to their box",
    "forms": "Forms: lines that are not ink",
    "signs": "Signs among digits",
    "touching": "Digits that touch",
    "turned": "Pages on their side or upside down",
    "no digit": "Pictures without a digit",
}
SHEETS = {name: name.lower().replace(" ", "-") for name in TITLES if name != "MNIST"}
_HEAD = f"""# Robustness: pictures as people make them

A network that reads MNIST well usually fails on the first digit that its owner draws. This page measures
how well pictures from people are read: other pens and styles, paper, light, camera, compression. It also
measures whether pictures without a digit are rejected. `make robustness` draws the pictures, reads each
with `tenfold.predict.Reader` and the built-in network, and writes this page from `results/robustness.json`.

**Sources of the pictures.** A program writes the digits. It describes how a hand moves, in several styles
for each digit (`benchmarks/robustness/digits.py`). Each picture has its own writer (slant, proportions,
speed, trembling), pen, paper, light and camera. Real handwriting appears in two places: MNIST's own images,
and those of thirteen other people (E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits",
UCI Machine Learning Repository, 1998, from scikit-learn), whose 8 x 8 pixels are enlarged. The corruptions
follow the list of MNIST-C (Mu and Gilmer 2019, arXiv:1906.02337), with our own definitions and strengths.
The strengths are such that people still read the digits easily. A program draws the letters too. Letters
that many people write exactly like a digit are excluded (`benchmarks/robustness/letters.py` lists them).

**Separate test pictures.** None of these pictures, and none of the code that draws them, was used in
training. During development we looked at pictures of another seed, at MNIST images from the end of the
training set, and at one half of the thirteen people's digits. The seed of this page, MNIST's test images
and the other half were used only for the final measurement. One program drew both sets, so this page does
not measure what the program cannot draw.

**How to read the tables.** *Right*: the digits that were read correctly, minus the digits that were
reported where none is, as a share of all written digits; a rejected digit is not right. *Whole picture
right*: pictures whose whole text is right and that have no rejected mark. *Rejected*: no digit was
reported. *Confident mistakes*: a wrong digit, or a digit where none is, with a probability above 0.95.
Brackets: Wilson's 95 % interval. The targets are at least {100 * USUAL.right:.0f} % right, at most
{100 * USUAL.refused:.0f} % rejected and at most {100 * USUAL.confident:.1f} % confident mistakes; where a
group has other targets, they stand above its table. For pictures without a digit the target is at least
{100 * USUAL.nothing:.0f} % rejected, which means that no digit is reported in the whole picture. A row
passes if its figures, not their intervals, reach all its targets.

**Signs.** `.`, `,`, `-`, `/` and `:` among digits count as characters, as digits do; any other sign is right
if it is rejected. The reader gives no probability for a sign, so a wrong sign counts as a confident mistake.
"""


def page(record: dict[str, Any]) -> str:
    """Return the page."""
    parts = [_HEAD, where(record), summary(record["rows"])]
    for group, lines in groupby(record["rows"], key=lambda row: row["group"]):
        parts.append(f"## {TITLES[group]}")
        parts += [OWN[group].words()] if group in OWN else []
        parts.append(table(list(lines)))
        if group in SHEETS:
            parts.append(f"![Examples: {TITLES[group].lower()}](images/robustness-{SHEETS[group]}.jpg)")
    parts.append(
        "## Mistakes\n\nSome mistakes: the written digit, and the answer (`?` rejected, `-` nothing found)."
    )
    parts.append("![Pictures that were not read correctly](images/robustness-mistakes.jpg)")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def where(record: dict[str, Any]) -> str:
    """Return the machine, the date, the versions and the data."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(record["versions"].items()))
    pictures = sum(row["pictures"] for row in record["rows"])
    part = "" if record["share"] == 1 else f" ({record['share']:.0%} of the pictures: a quick check)"
    return (
        f"Measured on {record['machine']}, {plural(record['cores'], 'core')}, {record['date'][:10]}, commit "
        f"{record['commit'] or 'unknown'}, {versions}. "
        f"Data: {record['data']}; network: {record['network']}; seed {record['seed']}; {pictures:,} pictures "
        f"in {record['seconds'] / 60:.0f} minutes{part}."
    )


def summary(rows: list[dict[str, Any]]) -> str:
    """Return how many rows pass, with the overall figures."""
    written = [row for row in rows if row["digits_written"]]
    nothing = [row for row in rows if not row["digits_written"]]
    digits = sum(row["characters"] for row in written)
    confident = sum(row["confident_mistakes"] for row in written)
    return (
        f"**{sum(row['met'] for row in rows)} of {len(rows)} rows pass.** Of {digits:,} digits, "
        f"{percent(sum(row['right'] for row in written) / digits)} were right, "
        f"{percent(sum(row['refused'] for row in written) / digits)} were rejected, and {confident} "
        f"({percent(confident / digits, 2)}) were confident mistakes; the rest were mistakes with a lower "
        f"probability. Of "
        f"{sum(row['pictures'] for row in nothing):,} pictures without a digit, "
        f"{percent(sum(row['refused'] for row in nothing) / sum(row['pictures'] for row in nothing))} "
        "were rejected."
    )


def table(rows: list[dict[str, Any]]) -> str:
    """Return one group in Markdown."""
    names = ["pictures", "whole picture right", "digits", "right", "rejected", "confident mistakes"]
    if not rows[0]["digits_written"]:
        names = ["pictures", "rejected", "confident mistakes"]
    head = [f"| | {' | '.join(names)} | |", f"|---|{'--:|' * len(names)}---|"]
    return "\n".join([*head, *(f"| {' | '.join(cells(row))} |" for row in rows)])


def cells(row: dict[str, Any]) -> list[str]:
    """Return the cells of one row."""
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
