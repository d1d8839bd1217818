"""What every error of ours has in common."""

from __future__ import annotations

import pytest

from tenfold import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_message_keeps_its_beginning_and_its_advice_however_long_what_it_names_is(
    kind: type[errors.TenfoldError],
) -> None:
    parts = "here: expected a name, found " + "x" * 100_000, "shorten it"
    text = str(kind(*parts) if kind is errors.StorageError else kind("; ".join(parts)))
    assert len(text) <= errors.LONGEST
    assert text.startswith("here: expected a name, found xxx")
    assert text.endswith("xxx; shorten it")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_message_of_ordinary_length_is_as_it_was_given(kind: type[errors.TenfoldError]) -> None:
    error = kind("a: expected b", "do c") if kind is errors.StorageError else kind("a: expected b; do c")
    assert str(error) == "a: expected b; do c"
