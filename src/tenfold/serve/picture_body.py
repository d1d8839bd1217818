"""The picture in the body of a request: the file itself, a form with the file, or JSON with it as base64."""

from __future__ import annotations

import base64
import binascii
import json

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tenfold.serve.asgi import HttpError, Scope, content_type, header

FORM, JSON = "multipart/form-data", "application/json"
_PARTS = 20  # of a form
_FIELD = "image"  # of the JSON
_NOT_A_FORM = (
    "form: expected multipart/form-data with its boundary, found something else or a part of it; "
    "send the whole body again"
)


def picture_in(scope: Scope, body: bytes) -> bytes:
    """Return the file of a picture.

    Raises
    ------
    HttpError
        422, if a form or JSON has none.
    """
    media = content_type(scope)
    if media == FORM:
        return _in_form(header(scope, b"content-type") or b"", body)
    return _in_json(body) if media == JSON else body


class _Form:
    """Collects the files of a form; fields without a file name are left aside."""

    def __init__(self) -> None:
        self.files: list[bytearray] = []
        self.is_whole = False
        self._parts = 0
        self._name = self._value = b""
        self._is_file = False

    def on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise HttpError(422, f"form: expected at most {_PARTS} parts; send the picture alone")
        self._is_file = False

    def on_header_begin(self) -> None:
        self._name = self._value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._is_file = b"filename" in parse_options_header(self._value)[1]

    def on_headers_finished(self) -> None:
        if self._is_file:
            self.files.append(bytearray())

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.files[-1] += data[start:end]

    def on_end(self) -> None:
        self.is_whole = True


def _in_form(media: bytes, body: bytes) -> bytes:
    boundary = parse_options_header(media)[1].get(b"boundary")
    if not boundary:
        raise HttpError(
            422, "form: expected a boundary in Content-Type; let the client library set the header"
        )
    form = _Form()
    names = [name for name in dir(form) if name.startswith("on_")]
    try:
        MultipartParser(boundary, {name: getattr(form, name) for name in names}).write(body)  # type: ignore[arg-type]
    except FormParserError as error:
        raise HttpError(422, _NOT_A_FORM) from error
    if not form.is_whole:
        raise HttpError(422, _NOT_A_FORM)
    if len(form.files) != 1:
        raise HttpError(
            422,
            f"form: expected one file, found {len(form.files)}; send it as curl -F picture=@number.png does",
        )
    return bytes(form.files[0])


def _in_json(body: bytes) -> bytes:
    try:
        found = json.loads(body)
        text = found[_FIELD]
        text.encode("ascii")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise HttpError(422, f'JSON: expected {{"{_FIELD}": "..."}}, the file as base64') from error
    if text.startswith("data:"):  # as browsers have it
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise HttpError(
            422, f"JSON: expected base64 in {_FIELD}, found something else; encode the file"
        ) from error
