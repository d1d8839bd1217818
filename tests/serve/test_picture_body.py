"""A picture comes as it is, in a form, or as base64 in JSON; the answers are the same."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.serve.asgi import HttpError
from tenfold.serve.picture_body import picture_in

FILE = b"\x89PNG\r\n\x1a\n--x\r\n\r\n--x--\r\n"


BOUNDARY = "----a-boundary-that-no-file-has"
Part = tuple[str, str | None, bytes]


def form(*parts: Part) -> tuple[str, bytes]:
    """Return Content-Type and body of a form of (name, name of the file, content), as RFC 7578 has it."""
    body = b""
    for name, file, content in parts:
        named = f'; filename="{file}"' if file is not None else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return f"multipart/form-data; boundary={BOUNDARY}", body + f"--{BOUNDARY}--\r\n".encode()


def found(media: str, body: bytes) -> bytes:
    return picture_in({"headers": [(b"content-type", media.encode("latin-1"))]}, body)


def refused(media: str, body: bytes) -> str:
    with pytest.raises(HttpError) as error:
        found(media, body)
    assert error.value.status == 422
    return json.loads(error.value.reply().body)["error"]


def test_every_way_gives_the_same_answer(server: Any, png: Any, digits: Any) -> None:
    picture = png(digits[0])
    encoded = base64.b64encode(picture).decode()
    plain = server.post("/v1/digits", picture)
    for media, body in (
        form(("picture", "number.png", picture)),
        form(("comment", None, b"mine"), ("file", "", picture)),
        ("application/json", json.dumps({"image": encoded}).encode()),
        ("application/json", json.dumps({"image": f"data:image/png;base64,{encoded}"}).encode()),
    ):
        answer = server.post("/v1/digits", body, media)
        assert (answer.status, answer.json) == (200, plain.json), media
    assert plain.json["digits"]


@given(st.binary(max_size=300), st.lists(st.binary(max_size=20), max_size=3))
def test_any_file_comes_out_of_a_form(file: bytes, fields: list[bytes]) -> None:
    assert found(*form(("picture", "x", file), *(("field", None, one) for one in fields))) == file


@given(st.binary(max_size=100))
def test_any_file_comes_out_of_json(file: bytes) -> None:
    assert found("application/json", json.dumps({"image": base64.b64encode(file).decode()}).encode()) == file


@pytest.mark.fault("server", "a form or JSON without a picture", "422, one line that says what was expected")
@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([("a", "x", FILE), ("b", "y", FILE)], "expected one file, found 2"),
        ([("a", "x", FILE)] + [("b", None, b"1")] * 30, "expected at most 20 parts"),
        ([("b", None, b"1")], "expected one file, found 0; send it as curl -F picture=@number.png does"),
    ],
)
def test_a_form_has_one_file(parts: list[Part], words: str) -> None:
    assert words in refused(*form(*parts))


@pytest.mark.fault("server", "a form or JSON without a picture", "422, one line that says what was expected")
def test_a_form_that_is_cut_off_or_is_none() -> None:
    media, body = form(("picture", "x", FILE))
    for end in range(len(body) - 4):  # the last line may end with or without its hyphens' line break
        assert refused(media, body[:end]).startswith("form: expected multipart/form-data with its boundary")
    assert refused(media, b"\xff" * 1000).startswith("form: ")
    assert refused("multipart/form-data", body).startswith("form: expected a boundary in Content-Type")
    assert refused("multipart/form-data; boundary=" + "x" * 5000, body).startswith("form: ")


@pytest.mark.fault("server", "a form or JSON without a picture", "422, one line that says what was expected")
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "7",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"image": 7}',
        '{"image": null}',
        '{"image": "\u00e9"}',
        "[" * 10**5,
    ],
)
def test_json_without_an_image(body: str) -> None:
    assert refused("application/json", body.encode()) == 'JSON: expected {"image": "..."}, the file as base64'


@pytest.mark.parametrize("text", ["x", "????", "aGVsbG8", "data:image/png;base64,?"])
def test_json_with_something_else(text: str) -> None:
    said = refused("application/json", json.dumps({"image": text}).encode())
    assert said == "JSON: expected base64 in image, found something else; encode the file"
