"""Full stops and commas: those of one use are alike in a picture."""

from __future__ import annotations

import pytest
from tests.drawn_pictures import Known, Sheet, rings

from tenfold.predict import Reader

DOUBTFUL = "'"  # a mark that is as likely a stop as a comma


def read(*rows: str) -> str:
    sheet = Sheet(700, 60 + 110 * len(rows), 0)
    for row in rows:
        sheet.at, sheet.baseline = 25, sheet.baseline + 110
        for one in row:
            if one == DOUBTFUL:
                sheet.box(7, 14, above=-4)
            else:
                sheet.write(one)
    return Reader(Known(rings)).read(sheet.picture).text


def test_a_sign_in_doubt_is_what_the_others_are() -> None:
    assert read("00'00", "0.00", "00.0") == "00.00\n0.00\n00.0"
    assert read("00'00", "0,00", "00,0") == "00,00\n0,00\n00,0"
    assert read("00.00'0000") == "00.00.0000"
    assert read("0,000'000") == "0,000,000"


def test_signs_between_thousands_are_another_kind_than_decimal_signs() -> None:
    assert read("0,000'00", "0.00") == "0,000.00\n0.00"
    assert read("0'000.00", "0,000") == "0,000.00\n0,000"


@pytest.mark.parametrize(
    "rows", [("0.00", "00,00"), ("00.000", "0,000"), ("0.0,0.0",), ("0.00", "0.0", "0.0", "0,0")]
)
def test_signs_that_are_sure_stay_what_they_are(rows: tuple[str, ...]) -> None:
    assert read(*rows) == "\n".join(rows)
