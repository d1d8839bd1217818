"""``POST /v1/digits``: what it answers, and what it refuses."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

import tenfold
from tenfold.data import PictureLimits
from tenfold.errors import ConfigError, RangeError
from tenfold.nn import Conv2d
from tenfold.predict.reader import Reader
from tenfold.predict.recogniser import Recogniser
from tenfold.serve.limits import Limits, limits_for
from tenfold.serve.picture_handler import PictureHandler


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


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("PPM", "image/x-portable-graymap"),
        ("TIFF", "image/png"),  # the content counts
        ("PNG", "application/octet-stream"),
    ],
)
def test_other_formats(
    server: Any, png: Any, page: Any, recogniser: Recogniser, kind: str, type_: str
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    answer = server.post("/v1/digits", png(page, kind, **options), type_)
    assert (answer.status, answer.json) == (200, Reader(recogniser).read(page).to_dict())


def test_the_rows_of_all_pages_are_read(
    server: Any, start: Any, png: Any, page: Any, recogniser: Recogniser
) -> None:
    from PIL import Image

    def pages(count: int) -> bytes:
        return png(page, "TIFF", save_all=True, append_images=[Image.fromarray(page)] * (count - 1))

    answer = server.post("/v1/digits", pages(3), "image/tiff").json
    alone = Reader(recogniser).read(page).to_dict()
    assert answer["text"] == "\n".join([alone["text"]] * 3)
    assert answer["digits"] == 3 * alone["digits"]
    assert answer["pages"] == [alone] * 3
    assert answer == Reader(recogniser).read(pages(3)).to_dict()
    detailed = server.post("/v1/digits?details=true", pages(3), "image/tiff").json
    assert len(detailed["digits"]) == 9
    assert (detailed["height"], detailed["width"]) == page.shape
    assert "pages" not in server.post("/v1/digits", png(page)).json
    with start(limits={"megapixels": 2.5 * page.size / 1e6}) as small:
        assert small.post("/v1/digits", pages(2), "image/tiff").status == 200
        refused = small.post("/v1/digits", pages(3), "image/tiff")
    assert refused.status == 422
    assert "megapixels on all pages together" in refused.json["error"]


def test_one_digit_is_asked_for(server: Any, png: Any, page: Any, recogniser: Recogniser) -> None:
    answer = server.post("/v1/digits?single=true", png(page)).json
    assert answer == Reader(recogniser).read(page, single=True).to_dict()
    assert len(answer["text"]) == len(answer["digits"]) == 1


def test_a_photo_of_a_phone_is_read(start: Any, png: Any) -> None:
    """Twelve megapixels in about 5 MB."""
    light = 225 + np.random.default_rng(0).normal(0, 10, (3000, 4000))
    light[1000:2000, 1950:2050] *= 0.2
    photo = png(np.clip(light, 0, 255).astype(np.uint8), "JPEG", quality=92)
    assert 4_000_000 < len(photo) < 8_000_000
    usual = Limits()
    limits = {"body_bytes": usual.body_bytes, "held_bytes": usual.held_bytes, "body_seconds": 30.0}
    with start(limits=limits) as own:
        answer = own.post("/v1/digits", photo, "image/jpeg")
    assert (answer.status, answer.json["digits"][0]["box"][2] > 80) == (200, True)


def test_further_formats_and_larger_pictures_by_an_option(start: Any, png: Any, page: Any) -> None:
    further = limits_for(0.1, 2, ("pdf", "avif"))
    assert (further.body_bytes, further.megapixels) == (2 << 20, 0.1)
    chosen = {"formats": further.formats, "megapixels": further.megapixels}
    with start(limits=chosen) as own:
        for kind in ("AVIF", "PDF"):
            assert own.post("/v1/digits", png(page, kind), "application/octet-stream").status == 200
        answer = own.post("/v1/digits", png(np.zeros((400, 400), np.uint8)))
    assert answer.status == 422
    assert "expected at most 0.1 megapixels, found 400 x 400 pixels" in answer.json["error"]


def test_limits_that_the_server_is_not_made_for() -> None:
    assert limits_for(16, 8) == Limits()
    assert limits_for(48, 8).work_seconds == 3 * Limits().work_seconds
    with pytest.raises(ConfigError, match="--format: expected avif, heic or pdf, got svg"):
        limits_for(16, 8, ("svg",))
    with pytest.raises(ConfigError, match="--max-body: expected more than 0 and at most 64 MiB, got 65"):
        limits_for(16, 65)
    with pytest.raises(RangeError, match="max_megapixels: expected at most 50"):
        limits_for(51, 8)


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
        assert given["doubt"] == pytest.approx(
            1 - (1 - given["none"]) * max(expected.probabilities), abs=1e-9
        )
        first, second = given["features"]
        assert (first["name"], np.shape(first["maps"])) == ("conv1", (6, 28, 28))
        assert (second["name"], np.shape(second["maps"])) == ("conv2", (8, 10, 10))
        assert (first["channels"], first["count"], second["count"]) == ([*range(6)], 6, 16)
        assert np.shape(first["filters"]) == (6, 5, 5)
        assert "filters" not in second
        assert np.shape(given["evidence"]) == (28, 28)


def test_features_are_the_most_active_maps_of_the_convolution_and_its_relu(
    server: Any, png: Any, digits: Any, recogniser: Recogniser
) -> None:
    answer = server.post("/v1/digits?details=1", png(digits[0])).json
    x = np.array(answer["digits"][0]["image"], np.float32)[None, ..., None] / 255
    network = recogniser.model.network
    for shown in answer["digits"][0]["features"]:
        layer = network.layers[shown["name"]]
        assert isinstance(layer, Conv2d)
        before = list(network.layers)[: list(network.layers).index(shown["name"])]
        y = x
        for name in before:
            y = network.layers[name].infer(y)
        maps = np.moveaxis(np.maximum(layer.infer(y), 0)[0], 2, 0)  # (c, h, w)
        active = maps.mean(axis=(1, 2))
        assert shown["channels"] == sorted(np.argsort(-active)[: len(shown["channels"])].tolist())
        for one, channel in zip(shown["maps"], shown["channels"], strict=True):
            low, high = maps[channel].min(), maps[channel].max()
            np.testing.assert_allclose(one, (maps[channel] - low) / max(high - low, 1e-12), atol=1e-3)


def test_the_least_certain_digits_are_looked_into(server: Any, png: Any, digits: Any) -> None:
    row = np.concatenate([digits[i % len(digits)] for i in range(15)], axis=1)
    answer = server.post("/v1/digits?details=1", png(row)).json["digits"]
    looked = [one["doubt"] for one in answer if one["features"]]
    others = [one["doubt"] for one in answer if not one["features"]]
    assert (len(looked), len(others)) == (12, len(answer) - 12)
    assert min(looked) >= max(others)
    assert [one["evidence"] is None for one in answer] == [not one["features"] for one in answer]


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
        (b"%PDF-1.7" + bytes(100), "or PGM), found a PDF; convert it to PNG or JPEG, or allow this format"),
        (b"<svg/>", "found an SVG drawing; export it as PNG"),
        (b"", "found an empty file"),
        (b"GIF89a" + bytes(100), "damaged"),
        (b"<html>", "found a text"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "damaged"),
        (bytes(1000), "expected a picture (PNG, JPEG, WebP, GIF, BMP, TIFF or PGM), found something else"),
        (picture_of(100_000, 100_000), "expected at most 16 megapixels"),
        (picture_of(0, 10), "damaged"),
    ],
    ids=["PDF", "SVG", "empty", "GIF", "HTML", "PNG", "JPEG", "zeros", "huge", "flat"],
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
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"):
        whole = png(page, kind)
        for sixteenth in range(13):  # of a JPEG the last rows may be missing
            answer = server.post(
                "/v1/digits", whole[: len(whole) * sixteenth // 16], "application/octet-stream"
            )
            assert answer.status == 422, (kind, sixteenth)


@pytest.mark.fault("server", "a content type is wrong", "415")
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/xml",
        "application/x-www-form-urlencoded",
        "image/svg+xml",
        "image/x-icon",
    ],
)
def test_other_content_types(server: Any, png: Any, digits: Any, content_type: str) -> None:
    answer = server.post("/v1/digits", png(digits[0]), content_type)
    assert answer.status == 415
    assert answer.json["error"].startswith(
        "expected the Content-Type of a picture (PNG, JPEG, WebP, GIF, BMP, TIFF or PGM), such as image/png"
    )


@pytest.mark.fault("server", "a query is unknown", "422")
@pytest.mark.parametrize(
    "query",
    [
        "details=maybe",
        "details=",
        "details=true&details=true",
        "details=TRUE%00",
        "single=7",
        "single=1&single=1",
    ],
)
def test_other_questions(server: Any, png: Any, digits: Any, query: str) -> None:
    answer = server.post(f"/v1/digits?{query}", png(digits[0]))
    assert (answer.status, answer.json["error"]) == (
        422,
        f"{query.partition('=')[0]}: expected true or false, once",
    )


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


@pytest.mark.parametrize(("name", "layers"), [("nn1l", 0), ("lenet5", 2)])
def test_every_network_says_which_ink_speaks_for_its_answer(
    png: Any, digits: Any, name: str, layers: int
) -> None:
    model = tenfold.build(name)
    model.network.initialise(0)
    handler = PictureHandler(Recogniser(model), PictureLimits())
    [(header, body)] = handler.handle([({"kind": "digits", "details": True}, png(digits[0]))])
    [one, *_] = json.loads(body)["digits"]
    assert (header["status"], len(one["features"])) == (200, layers)
    ink = np.array(one["image"]) > 0
    assert np.abs(one["evidence"]).max() == 1
    assert not np.array(one["evidence"])[~ink].any()
