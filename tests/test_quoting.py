"""Values in messages."""

from __future__ import annotations

import ast
import math
import os
from pathlib import Path

import pytest

import tenfold
from tenfold import errors
from tenfold.quoting import message, quoted

PACKAGE = Path(tenfold.__file__).parent

VALUES = [
    "adam",
    "a\nb\x1b[31m\ud800",
    "x" * 10_000,
    [10**400] * 1000,
    {"a": [None] * 1000},
    10**5000,
    math.nan,
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_is_one_short_printable_line(value: object) -> None:
    for most in (20, 60):
        text = quoted(value, most)
        assert len(text) <= max(most, 40)
        assert text.isprintable()
        assert os.fsencode(text).decode() == text


def test_a_short_value_is_as_python_writes_it() -> None:
    assert [quoted(value) for value in (1.5, "a", None, [1])] == ["1.5", "'a'", "None", "[1]"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x" * 10_000),
        ValueError("a\nb\x1b[31m\ud800"),
        KeyError("k" * 1000),
        ValueError(),
        OSError(2, "no"),
    ],
    ids=range(5),
)
def test_what_an_error_says_is_one_short_printable_line(error: Exception) -> None:
    text = message(error)
    assert 0 < len(text) <= 200
    assert text.isprintable()


def test_no_message_of_ours_repeats_a_foreign_one_as_it_is() -> None:
    """A library's error may quote a whole file: it is told by ``message``, which cuts it."""
    as_it_is = [
        f"{path.relative_to(PACKAGE)}:{value.lineno}"
        for path in PACKAGE.rglob("*.py")
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and handler.name and not _only_ours(handler.type)
        for value in ast.walk(handler)
        if isinstance(value, ast.FormattedValue) and ast.unparse(value.value) in _as_text(handler.name)
    ]
    assert as_it_is == []


def _only_ours(caught: ast.expr | None) -> bool:
    names = [ast.unparse(one) for one in (caught.elts if isinstance(caught, ast.Tuple) else [caught]) if one]
    return all(hasattr(errors, name) or name in ("CallbackError", "MirrorError") for name in names)


def _as_text(name: str) -> tuple[str, ...]:
    return name, f"str({name})", f"repr({name})"
