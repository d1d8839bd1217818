"""Whatever a request says is understood or refused with 4xx: no parser's error becomes one of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenfold.serve.asgi import HttpError
from tenfold.serve.picture_size import pixel_count
from tenfold.serve.tensor_handler import parse_minibatch

GET = ["/", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/lenet5", "/v2/models/lenet5/ready"]
GET += ["/metrics", "/docs", "/openapi.json", "/docs.css"]
POST = ["/v1/digits", "/v2/models/lenet5/infer"]
STRANGE = pytest.mark.fault(
    "server", "a request has content that no parser expects", "4xx in one line, never 5xx"
)
QUERIES = {
    "21 fields": b"&".join(b"a%d=1" % i for i in range(21)),
    "3,000 fields": b"&" * 3000,
    "100 kB": b"a=" + b"x" * 100_000,
    "bad escapes": b"details=%&%zz=%f&%=%%%",
    "bad UTF-8": b"details=%ff%fe&%c0%80=1",
    "NULs": b"details=%00&%00=%00",
    "a lone surrogate": b"details=%ed%a0%80",
    "semicolons": b"details=1;details=1",
    "question marks": b"??details=1?",
    "brackets": b"details[]=1&[=]",
    "plus and blanks": b"details=+true+&+=+",
    "raw bytes": b"details=\xff\xfe",
    "a control character": b"details=\x01",
}
HEADERS = {
    "a content type of parameters": b'Content-Type: image/png; charset="',
    "a content type of bytes": b"Content-Type: \xff\xfe/\xff",
    "half a multipart": b"Content-Type: multipart/form-data; boundary=",
    "a form": b"Content-Type: application/x-www-form-urlencoded",
    "cookies": b"Cookie: =; a; \xff=\xff; $Version=x; " + b"a=b; " * 500,
    "a token of bytes": b"Authorization: Bearer \xff\xff",
    "basic that is no base64": b"Authorization: Basic !!!\xff",
    "a date": b"If-Modified-Since: 99 Foo 99999 99:99:99",
    "a range": b"Range: bytes=999999999999999999999-",
    "tags": b'If-None-Match: W/"\xff, *, ,,,',
    "a size that is no number": b"Inference-Header-Content-Length: \xb2",
    "a size of many digits": b"Inference-Header-Content-Length: " + b"9" * 5000,
    "a host's port": b"Host: 127.0.0.1:99999999999999999999",
    "a host of brackets": b"Host: [::1%25]]",
    "an origin": b"Origin: http://[",
    "an expectation": b"Expect: the-unexpected",
    "preferences": b"Accept: */*;q=x, ;;;q=\xff",
    "a forwarded address": b"X-Forwarded-For: \xff, ::::, 999.999.999.999",
    "te": b"TE: trailers, \xff;q=9",
}


def check(server: Any, raw: bytes) -> None:
    answers = server.answers(server.send(raw))
    assert answers
    for answer in answers:
        assert answer.status < 500
        if answer.status >= 400:
            assert answer.json.keys() == {"error", "request_id"}
            assert len(answer.body) < 1024


@STRANGE
@pytest.mark.parametrize("query", QUERIES)
def test_any_query(server: Any, png: Any, digits: Any, query: str) -> None:
    headers = {"Content-Type": "image/png", "Connection": "close"}
    for method, path in [("GET", path) for path in GET] + [("POST", path) for path in POST]:
        raw = server.request(method, path, png(digits[0]) if method == "POST" else b"", headers)
        check(server, raw.replace(path.encode(), path.encode() + b"?" + QUERIES[query], 1))


@STRANGE
@pytest.mark.parametrize("header", HEADERS)
def test_any_header(server: Any, png: Any, digits: Any, header: str) -> None:
    for method, path in [("GET", "/v2"), ("GET", "/"), *(("POST", path) for path in POST)]:
        raw = server.request(method, path, png(digits[0]), {"Connection": "close"})
        check(server, raw.replace(b"\r\n", b"\r\n" + HEADERS[header] + b"\r\n", 1))


def test_a_query_of_too_many_fields_says_so(server: Any, png: Any, digits: Any) -> None:
    answer = server.post("/v1/digits?" + QUERIES["21 fields"].decode(), png(digits[0]))
    assert (answer.status, answer.json["error"]) == (
        422,
        "query: expected at most 20 fields; send details, single alone",
    )
    assert server.post("/v1/digits?" + "&" * 19, png(digits[0])).status == 200


@STRANGE
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.binary(max_size=60))
def test_queries_of_chance(server: Any, query: bytes) -> None:
    raw = server.request("POST", "/v1/digits", b"", {"Content-Type": "image/png", "Connection": "close"})
    check(server, raw.replace(b"/digits", b"/digits?" + query, 1))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(["\ud800", "name", "inputs"]), inner, max_size=4)
    ),
    max_leaves=8,
)
KEYS = ["id", "inputs", "name", "shape", "datatype", "data", "parameters", "outputs", "binary_data_size"]
TENSORS = st.dictionaries(
    st.sampled_from(KEYS), VALUES | st.sampled_from(["images", "UINT8", "FP32", [1, 784]])
)


@STRANGE
@settings(max_examples=300, deadline=None)
@given(
    value=VALUES | st.dictionaries(st.sampled_from(KEYS), VALUES | st.lists(TENSORS, max_size=1)),
    size=st.none() | st.integers(0, 50),
)
def test_json_of_chance(value: Any, size: int | None) -> None:
    fault = refusal(json.dumps(value).encode(), size)
    if fault is not None:
        assert fault.status in (400, 422)
        assert len(fault.text.encode()) < 900
        assert fault.text.isprintable()


def refusal(body: bytes, size: int | None) -> HttpError | None:
    try:
        parse_minibatch(body, size)
    except HttpError as fault:
        return fault
    return None


@settings(max_examples=300)
@given(
    body=st.binary(max_size=60),
    start=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xd8\xff"]),
)
def test_the_size_of_anything(body: bytes, start: bytes) -> None:
    assert pixel_count(start + body) >= 0


def test_the_size_of_pictures(png: Any) -> None:
    import numpy as np

    for height, width in ((1, 1), (28, 28), (300, 7), (4000, 4000)):
        for kind, options in (("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True})):
            for shape in ((height, width), (height, width, 3)):
                assert pixel_count(png(np.zeros(shape, np.uint8), kind, **options)) == height * width
    hidden = b"\xff\xd8" + 200 * b"\xff\xfe\x00\x02"
    assert pixel_count(hidden) > 16_000_000
    assert pixel_count(b"GIF89a") > 16_000_000  # which only a worker looks into
