"""Answers lines of JSON with lines of JSON, for `tenfold.runs.line_worker`.

It ends when stdin ends, so it never outlives the process that asks. JSON, and nothing that could run code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from tenfold.errors import TenfoldError

Answer = Callable[[Any], dict[str, Any]]


def answer_lines(prepare: Callable[[Any], tuple[dict[str, Any], Answer]]) -> None:
    """Answer lines until stdin ends.

    Parameters
    ----------
    prepare : callable
        Given the first line, returns the answer to it and what answers the others.
    """
    answers = _claim_stdout()
    lines = iter(sys.stdin.readline, "")
    with suppress(BrokenPipeError, StopIteration):  # the other process has ended
        try:
            ready, answer = prepare(json.loads(next(lines)))
            _write(answers, ready)
            for line in lines:
                _write(answers, answer(json.loads(line)))
        except TenfoldError as error:
            _write(answers, {"kind": type(error).__name__, "words": list(error.args)})


def _claim_stdout() -> TextIO:
    """Return stdout for answers only; everything else that is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return answers


def _write(answers: TextIO, found: object) -> None:
    answers.write(json.dumps(found) + "\n")
    answers.flush()
