"""Each term of the glossary is linked from the tutorial that uses it first, and each link leads to a term."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
TUTORIALS = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted((DOCS / "tutorials").glob("[0-9]_*.md"))
}
ENTRIES = dict(entry.split("\n", 1) for entry in re.split(r"^### ", GLOSSARY, flags=re.MULTILINE)[1:])
OTHER_WORDS = {  # a term -> how the text has it too
    "Generalisation": "generalis",
    "Overfitting": "overfit",
    "Linear": "non-linear",
    "k-nearest neighbours": "k-nearest-neighbours",
    "Statistical significance": "significant",
    "Saturation": "saturated",
    "Invariance": "invariant",
    "Multiple comparisons": "several comparisons",
}
ANNOUNCED = {  # named at the end of an earlier tutorial, or used there in another sense ("target")
    *("Batch normalisation", "Elastic distortion", "RMSprop"),
    *("Neuron", "Target"),
}


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def links(page: str) -> set[str]:
    """Return the terms that a page links."""
    return set(re.findall(r"\.\./glossary\.md#([\w-]+)\)", page))


def prose(page: str) -> str:
    """Return the text of a page from its first code on, without code, headings and the targets of links."""
    text = re.sub(r"```.*?```", "", page.split("```", 2)[2], flags=re.DOTALL)
    text = re.sub(r"^#.*$|^!\[.*$|\]\([^)]*\)|`[^`]*`", "", text, flags=re.MULTILINE)
    return " ".join(text.lower().split())


def test_terms_are_in_order_and_said_once() -> None:
    assert list(ENTRIES) == sorted(set(ENTRIES), key=str.lower)


@pytest.mark.parametrize("term", ENTRIES)
def test_an_entry_is_short_and_names_the_tutorial_that_links_it_first(term: str) -> None:
    first = next((name for name, page in TUTORIALS.items() if anchor(term) in links(page)), None)
    assert first is not None, "no tutorial links this term"
    text = " ".join(ENTRIES[term].split())
    assert text.endswith(f"([tutorial {first[0]}](tutorials/{first}.md))")
    assert 20 < len(text.split(" ([tutorial")[0]) < 400


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_link_leads_to_a_term(name: str) -> None:
    assert links(TUTORIALS[name]) <= {anchor(term) for term in ENTRIES}


@pytest.mark.parametrize("term", sorted(set(ENTRIES) - ANNOUNCED))
def test_the_first_tutorial_that_uses_a_term_links_it(term: str) -> None:
    word = OTHER_WORDS.get(term, term).lower()
    users = [name for name, page in TUTORIALS.items() if re.search(rf"\b{re.escape(word)}", prose(page))]
    assert users, "no tutorial uses this term"
    assert anchor(term) in links(TUTORIALS[users[0]])


def test_house_words_are_gone_from_the_tutorials() -> None:
    words = r"by heart|\bbends?\b|\bnoughts?\b|misreads?|\bmisread\b|a measured slope|surprise at"
    for name, page in TUTORIALS.items():
        assert re.findall(words, prose(page)) == [], name
