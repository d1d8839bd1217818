"""Messages, docstrings of public names and docs use plain words: a short list of phrases to avoid."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted(
    path for folder in ("src", "tools", "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py")
)
TEMPLATES = [path for kind in ("html", "j2", "jinja") for path in sorted((ROOT / "src").rglob(f"*.{kind}"))]
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "results" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

PLAIN = {  # a pattern, without regard to case or line breaks -> what to write instead
    r"the way back": "the backward pass",
    r"who(ever)? computes": "the executor",
    r"(?<!there )\b(is|are|was|were) no (?!\w+er\b|more|less|evidence|difference)\w+": "is not a ...",
    r"\bcom(es?|ing) along": "is included, built-in",
    r"\bgo(es|ing)? on (after|with|from|to)\b": "resume, continue",
    r"\bmend(s|ed|ing)?\b": "fix, correct",
    r"may stand anywhere": "may be given anywhere",
    r"\bknock": "open a connection",
    r"\bwhat (is|was|are) there\b": "existing files, finished trials",
    r"for as long as": "while",
    r"(?<!\")\bbeside\b(?!\")": "next to, compared with, while ... runs",
    r"\b(can|could) (not )?be had|cannot be had": "is available, is not available",
    r"\brightly\b": "correctly",
    r"\bsurer\b": "more confident",
    r"\bby heart\b": "overfit, memorise",
    r"\bforerunner": "earlier version",
    r"\bof one's own\b": "your own",
    r"\bma[dk]es? void\b": "supersede",
    r"\banew\b": "again",
    r"\btak(es?|en|ing) up\b": "resume, use",
    r"(?<![`.])(?<!: )\bjudg(e|es|ed|ing)\b(?!\(| :)": "evaluate",
    r"enough to do": "overloaded",
    r"come back in": "retry in",
    r"to the same bits": "with the same bits",
    r"(is|are|was) spoken of": "is called, is reported",
    r"all the same\b(?! (image|class|label|value))": "anyway, equal",
    r"\bsave for\b": "except",
    r"\bat hand\b": "available, current",
    r"\b(was|were) worth\b": "the effect of",
}


def texts() -> Iterator[tuple[str, str]]:
    """Yield where each message, help text, docstring, template and page is, with its text."""
    for path in CODE:
        name = str(path.relative_to(ROOT))
        yield from ((f"{name}:{line}", text) for line, text in spoken(ast.parse(path.read_text("utf-8"))))
    for path in (*TEMPLATES, *PAGES):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every message, help text and docstring of a public name."""
    private = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.startswith("_")
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in private:
            yield node.lineno, node.value


def to_avoid(text: str) -> Iterator[str]:
    """Yield each phrase to avoid in a text, with a plain one."""
    flat = " ".join(text.split())
    for pattern, plain in PLAIN.items():
        for found in re.finditer(pattern, flat, re.IGNORECASE):
            around = flat[max(0, found.start() - 30) : found.end() + 30]
            yield f"...{around}...: instead of {found[0]!r} write {plain!r}"


def test_messages_docstrings_and_docs_use_plain_words() -> None:
    found = [f"{where}: {phrase}" for where, text in texts() for phrase in to_avoid(text)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("resume it, or\n  mend the file", "fix, correct"),
        ("the network that comes along", "is included, built-in"),
        ("a picture that is no digit", "is not a ..."),
        ("Judge a run again.", "evaluate"),
    ],
)
def test_a_phrase_to_avoid_would_be_noticed(text: str, plain: str) -> None:
    [message] = to_avoid(text)
    assert message.endswith(f"write {plain!r}")


def test_plain_sentences_pass() -> None:
    assert list(to_avoid("There is no digit. It is no longer resumed. recogniser.judge(images)")) == []
