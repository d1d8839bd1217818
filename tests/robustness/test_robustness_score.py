"""What is counted as right, refused and a confident mistake; the lines and the page that come of it."""

from __future__ import annotations

import numpy as np
import pytest
from found import Found, Mistake
from kind import Kind
from page import cells, page, table
from row import row
from score import Named, Score, aligned, score


def found(text: str, probability: float = 0.99) -> list[Named]:
    return [Named(character, probability) for character in text.replace("\n", "")]


# text, read, (pictures right, characters, right, refused, confident mistakes)
CASES = {
    "right": ("7", "7", (1, 1, 1, 0, 0)),
    "wrong": ("7", "1", (0, 1, 0, 0, 1)),
    "refused": ("7", "?", (0, 1, 0, 1, 0)),
    "not found": ("7", "", (0, 1, 0, 1, 0)),
    "one too many": ("7", "71", (0, 1, 0, 0, 1)),
    "two too many": ("7", "171", (0, 1, 0, 0, 2)),
    "a mark refused beside it": ("7", "7?", (0, 1, 1, 0, 0)),
    "a line": ("12345", "12345", (1, 5, 5, 0, 0)),
    "one of five wrong": ("12345", "12845", (0, 5, 4, 0, 1)),
    "one of five missed": ("12345", "1245", (0, 5, 4, 1, 0)),
    "one of five refused": ("12345", "12?45", (0, 5, 4, 1, 0)),
    "a page": ("12\n34", "12\n34", (1, 4, 4, 0, 0)),
    "lines run together": ("12\n34", "1234", (0, 4, 4, 0, 0)),
    "nothing there, refused": ("", "?", (1, 0, 0, 1, 0)),
    "nothing there, nothing found": ("", "", (1, 0, 0, 1, 0)),
    "nothing there, named": ("", "?4", (0, 0, 0, 0, 1)),
}


@pytest.mark.parametrize(("text", "read", "counts"), CASES.values(), ids=CASES)
def test_counts(text: str, read: str, counts: tuple[int, ...]) -> None:
    assert score(text, read, found(read)) == Score(1, *counts)


def test_a_mistake_is_confident_above_095() -> None:
    assert score("7", "1", found("1", 0.95)).confident_mistakes == 0
    assert score("7", "1", found("1", 0.951)).confident_mistakes == 1
    assert score("", "1", found("1", 0.5)).confident_mistakes == 0


def test_scores_add_up() -> None:
    assert Score(1, 0, 5, 4, 1, 0) + Score(1, 1, 2, 2, 0, 0) == Score(2, 1, 7, 6, 1, 0)


def plain_distance(a: str, b: str) -> int:
    """Levenshtein's, by its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(
        plain_distance(a[1:], b[1:]) + (a[0] != b[0]),
        plain_distance(a[1:], b) + 1,
        plain_distance(a, b[1:]) + 1,
    )


def test_as_few_pairs_as_possible_differ() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        a, b = ("".join(rng.choice(list("123"), rng.integers(0, 6))) for _ in range(2))
        pairs = aligned(a, found(b))
        assert "".join(one for one, _ in pairs if one) == a
        assert "".join(one.character for _, one in pairs if one) == b
        wrong = sum(wanted is None or got is None or wanted != got.character for wanted, got in pairs)
        assert wrong == plain_distance(a, b)


def line(counts: Score, mistakes: tuple[Mistake, ...] = ()) -> dict[str, object]:
    return row(Kind("pens", "brush", lambda rng: None, counts.pictures, "a note"), Found(counts, mistakes))


@pytest.mark.parametrize(
    ("counts", "met"),
    [
        (Score(1000, 980, 1000, 980, 20, 2), True),
        (Score(1000, 979, 1000, 979, 20, 2), False),
        (Score(1000, 980, 1000, 979, 21, 0), False),
        (Score(1000, 985, 1000, 985, 0, 3), False),
        (Score(100, 95, 0, 0, 95, 5), True),
        (Score(100, 94, 0, 0, 94, 0), False),
    ],
)
def test_a_line_passes_if_it_reaches_all_aims(counts: Score, met: bool) -> None:
    assert line(counts)["met"] is met
    assert cells(line(counts))[-1] == ("PASS" if met else "miss")


def test_a_line_carries_wilsons_interval() -> None:
    shares = line(Score(100, 98, 100, 98, 1, 0))["shares"]
    assert shares["right"] == pytest.approx({"share": 0.98, "low": 0.930, "high": 0.9945}, abs=1e-3)


def test_the_table_has_as_many_cells_as_heads() -> None:
    for counts in (Score(100, 98, 100, 98, 1, 0), Score(100, 94, 0, 0, 94, 0)):
        widths = {text.count("|") for text in table([line(counts)]).splitlines()}
        assert len(widths) == 1


def test_the_page_says_how_many_lines_pass_and_where_it_was_measured() -> None:
    rows = [line(Score(100, 98, 100, 98, 1, 0)), line(Score(100, 94, 0, 0, 94, 0)) | {"group": "no digit"}]
    record = {
        "machine": "A processor",
        "cores": 2,
        "date": "2030-01-02T03:04:05+00:00",
        "commit": None,
        "versions": {"python": "3.11"},
        "data": "mnist",
        "network": "that one",
        "seed": 2,
        "share": 0.1,
        "seconds": 300,
        "rows": rows,
    }
    text = page(record)
    assert "**1 of 2 rows pass.**" in text
    assert "200 pictures in 5 minutes (10% of the pictures: a quick check)." in text
    assert "98.0 % were right" in text
    assert "100 pictures without a digit, 94.0 % were rejected" in text
    assert "A processor, 2 cores, 2030-01-02, commit unknown, python 3.11" in text
    assert "brush (a note) | 100 | 94.0 % (" in text
