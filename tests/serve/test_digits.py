"""``POST /v1/digits``: what it answers, and what it refuses."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

from tenfold.nn import Conv2d
from tenfold.predict.reader import Reader
from tenfold.predict.recogniser import Recogniser


@pytest.fixture(scope="module")
def page(digits: Any) -> np.ndarray[Any, Any]:
    """Three digits in a line, dark on light."""
    row = np.concatenate([image.repeat(4, axis=0).repeat(4, axis=1) for image in digits[:3]], axis=1)
    return 255 - np.pad(row, 30)


def test_the_answer_is_that_of_the_reader(
    server: Any, png: Any, page: Any, digits: Any, recogniser: Recogniser
) -> None:
    for pixels in (page, *digits[:5], np.stack([page] * 3, axis=2)):
        picture = png(pixels)
        answer = server.post("/v1/digits", picture)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json == Reader(recogniser).read(picture).to_dict()


def test_jpeg(server: Any, png: Any, page: Any, recogniser: Recogniser) -> None:
    picture = png(page, "JPEG", quality=90)
    expected = Reader(recogniser).read(picture).to_dict()
    assert len(expected["digits"]) == 3
    assert server.post("/v1/digits", picture, "image/jpeg").json == expected
    assert server.post("/v1/digits", picture, "IMAGE/JPEG; name=x").json == expected


def test_nothing_to_read(server: Any, png: Any) -> None:
    answer = server.post("/v1/digits", png(np.full((100, 100), 255, np.uint8)))
    assert (answer.status, answer.json) == (
        200,
        {"text": "", "digits": [], "reason": "blank", "marks": [], "turned": 0},
    )


def test_details(server: Any, png: Any, page: Any, recogniser: Recogniser) -> None:
    picture = png(page)
    answer = server.post("/v1/digits?details=true", picture).json
    short = server.post("/v1/digits?details=false", picture).json
    reading = Reader(recogniser).read(picture)
    assert (answer["width"], answer["height"]) == (page.shape[1], page.shape[0])
    assert answer["text"] == short["text"] == reading.text
    for given, expected in zip(answer["digits"], reading.digits, strict=True):
        assert given | expected.to_dict() == given
        assert given["image"] == expected.image.tolist()
        assert given["probabilities"] == pytest.approx(expected.probabilities)
        first, second = given["features"]
        assert (first["name"], np.shape(first["maps"])) == ("conv1", (6, 28, 28))
        assert (second["name"], np.shape(second["maps"])) == ("conv2", (8, 10, 10))
        assert np.min(first["maps"]) == 0
        assert np.max(first["maps"]) == 1


def test_features_are_those_of_the_convolution_and_its_relu(
    server: Any, png: Any, digits: Any, recogniser: Recogniser
) -> None:
    answer = server.post("/v1/digits?details=1", png(digits[0])).json
    image = np.array(answer["digits"][0]["image"], np.float32)[None, ..., None] / 255
    layers = list(recogniser.model.network.layers.values())
    assert isinstance(layers[0], Conv2d)
    maps = np.maximum(layers[0].infer(image), 0)[0]  # (28, 28, 6)
    shown = np.moveaxis(maps - maps.min(), 2, 0) / (maps.max() - maps.min())
    np.testing.assert_allclose(answer["digits"][0]["features"][0]["maps"], shown, atol=1e-3)


def picture_of(width: int, height: int) -> bytes:
    """A PNG file whose header promises a size, and holds no pixel."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.fault(
    "server", "a body is not a picture, or is truncated", "422, the response repeats nothing of it"
)
@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "found an empty file"),
        (b"GIF89a" + bytes(100), "found a GIF"),
        (b"<html>", "found a text"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "damaged"),
        (bytes(1000), "expected a PNG or JPEG picture"),
        (picture_of(100_000, 100_000), "expected at most 16 megapixels"),
        (picture_of(0, 10), "damaged"),
    ],
    ids=["empty", "GIF", "HTML", "PNG", "JPEG", "zeros", "huge", "flat"],
)
def test_what_is_no_picture(server: Any, body: bytes, word: str) -> None:
    answer = server.post("/v1/digits", body)
    assert answer.status == 422
    assert word in answer.json["error"]
    assert len(answer.body) < 1024


@pytest.mark.fault(
    "server", "a body is not a picture, or is truncated", "422, the response repeats nothing of it"
)
def test_a_picture_cut_off_anywhere(server: Any, png: Any, page: Any) -> None:
    for kind, type_ in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
        whole = png(page, kind)
        for sixteenth in range(16):
            answer = server.post("/v1/digits", whole[: len(whole) * sixteenth // 16], type_)
            assert answer.status == 422, (kind, sixteenth)


@pytest.mark.fault("server", "a content type is wrong", "415")
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "", "application/json", "multipart/form-data; boundary=x", "image/gif", "\x7f"[:0]],
)
def test_other_content_types(server: Any, png: Any, digits: Any, content_type: str) -> None:
    answer = server.post("/v1/digits", png(digits[0]), content_type)
    assert answer.status == 415
    assert "expected Content-Type image/png or image/jpeg" in answer.json["error"]


@pytest.mark.fault("server", "a query is unknown", "422")
@pytest.mark.parametrize(
    "query", ["details=maybe", "details=", "details=true&details=true", "details=TRUE%00"]
)
def test_other_questions(server: Any, png: Any, digits: Any, query: str) -> None:
    answer = server.post(f"/v1/digits?{query}", png(digits[0]))
    assert (answer.status, answer.json["error"]) == (422, "details: expected true or false, once")


@pytest.mark.fault("server", "a method is wrong", "405")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
def test_other_methods(server: Any, method: str) -> None:
    raw = server.send(server.request(method, "/v1/digits", b"", {"Connection": "close"}))
    assert raw.startswith(b"HTTP/1.1 405 ")
    assert b"allow: POST" in raw


def test_requests_that_wait_together_are_read_together(server: Any, png: Any, digits: Any) -> None:
    pictures = [png(image) for image in digits]
    alone = [server.post("/v1/digits", picture).json for picture in pictures]
    before = server.figure("tenfold_requests_together_count")
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in pictures]
        for connection, picture in zip(connections, pictures, strict=True):
            headers = {"Content-Type": "image/png", "Connection": "close"}
            connection.sendall(server.request("POST", "/v1/digits", picture, headers))
        together = [server.answers(server.received(connection))[0].json for connection in connections]
    assert together == alone
    assert server.figure("tenfold_requests_together_count") - before < len(pictures)
