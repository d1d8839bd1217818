"""The Open Inference Protocol: what it answers, and what it refuses."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest

from tenfold.predict.recogniser import Recogniser
from tenfold.serve.asgi import HttpError
from tenfold.serve.tensor_handler import parse_minibatch

INFER = "/v2/models/lenet5/infer"
JSON, BINARY = "application/json", "application/octet-stream"


def tensor(images: np.ndarray[Any, Any], **changes: Any) -> dict[str, Any]:
    """An input as it should be, then changed."""
    datatype = "UINT8" if images.dtype == np.uint8 else "FP32"
    values = {
        "name": "images",
        "shape": list(images.shape),
        "datatype": datatype,
        "data": images.ravel().tolist(),
    }
    return {key: value for key, value in (values | changes).items() if value is not None}


def body(*inputs: Any, **others: Any) -> bytes:
    return json.dumps({"inputs": list(inputs)} | others).encode()


def outputs(answer: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of an answer, whether they came as JSON or as bytes."""
    dtypes = {"FP32": np.dtype("<f4"), "INT64": np.dtype("<i8")}
    size = int(answer.headers.get("inference-header-content-length", len(answer.body)))
    value, rest = json.loads(answer.body[:size]), answer.body[size:]
    found = {}
    for one in value["outputs"]:
        dtype = dtypes[one["datatype"]]
        if "data" in one:
            array = np.array(one["data"], dtype)
        else:
            n = one["parameters"]["binary_data_size"]
            array, rest = np.frombuffer(rest[:n], dtype), rest[n:]
        found[one["name"]] = array.reshape(one["shape"])
    assert rest == b""
    return found


def test_metadata_and_health(server: Any) -> None:
    assert server.ask("GET", "/v2").json["extensions"] == ["binary_tensor_data"]
    assert server.ask("GET", "/v2").json["name"] == "tenfold"
    assert server.ask("GET", "/v2/health/live").json == {"live": True}
    assert server.ask("GET", "/v2/health/ready").json == {"ready": True}
    assert server.ask("GET", "/v2/models/lenet5/ready").json == {"name": "lenet5", "ready": True}
    assert server.ask("GET", "/v2/models").json == {"models": ["lenet5"]}
    model = server.ask("GET", "/v2/models/lenet5").json
    assert model["inputs"] == [{"name": "images", "datatype": "UINT8", "shape": [-1, 28, 28]}]
    assert model["outputs"] == [
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
        {"name": "labels", "datatype": "INT64", "shape": [-1]},
        {"name": "probabilities_with_none", "datatype": "FP32", "shape": [-1, 11]},
        {"name": "doubt", "datatype": "FP32", "shape": [-1]},
    ]


def test_no_digit_is_an_eleventh_probability_and_the_doubt_is_told(
    server: Any, digits: Any, recogniser: Recogniser
) -> None:
    wanted = [{"name": name} for name in ("probabilities_with_none", "doubt", "labels")]
    found = outputs(server.post(INFER, body(tensor(digits), outputs=wanted), JSON))
    expected = recogniser.predict(digits)
    assert list(found) == ["probabilities_with_none", "doubt", "labels"]
    assert found["probabilities_with_none"].shape == (len(digits), 11)
    np.testing.assert_allclose(found["probabilities_with_none"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(found["probabilities_with_none"][:, 10], expected.none, atol=1e-6)
    np.testing.assert_allclose(found["doubt"], expected.doubt, atol=1e-6)


SHAPES = {"28, 28": (28, 28), "28, 28, 1": (28, 28, 1), "784": (784,)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["UINT8", "FP32"])
@pytest.mark.parametrize("form", ["JSON", "binary"])
def test_the_outputs_are_the_recognisers(
    server: Any, digits: Any, recogniser: Recogniser, shape: str, dtype: str, form: str
) -> None:
    images = digits if dtype == "UINT8" else (digits / 255).astype("<f4")
    expected = recogniser.predict(images).probabilities
    images = images.reshape(-1, *SHAPES[shape])
    if form == "JSON":
        answer = server.post(INFER, body(tensor(images)), JSON)
    else:
        size = {"parameters": {"binary_data_size": images.nbytes}, "data": None}
        head = body(tensor(images, **size), parameters={"binary_data_output": True})
        sizes = {"Inference-Header-Content-Length": str(len(head))}
        answer = server.post(INFER, head + images.tobytes(), BINARY, **sizes)
        assert answer.headers["content-type"] == BINARY
    found = outputs(answer)
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-6)
    np.testing.assert_array_equal(found["labels"], expected.argmax(axis=1))


@pytest.mark.parametrize("n", [0, 1, 7])
def test_any_number_of_images(server: Any, digits: Any, recogniser: Recogniser, n: int) -> None:
    found = outputs(server.post(INFER, body(tensor(digits[:n])), JSON))
    assert found["labels"].shape == (n,)
    assert found["probabilities"].shape == (n, 10)


def test_nested_data_and_an_id(server: Any, digits: Any) -> None:
    flat = server.post(INFER, body(tensor(digits[:2]), id="a b~1"), JSON).json
    nested = server.post(INFER, body(tensor(digits[:2], data=digits[:2].tolist()), id="a b~1"), JSON).json
    assert flat == nested
    assert (flat["id"], flat["model_name"]) == ("a b~1", "lenet5")


def test_the_outputs_that_are_wanted(server: Any, digits: Any) -> None:
    wanted = [{"name": "labels", "parameters": {"binary_data": True}}, {"name": "probabilities"}]
    answer = server.post(INFER, body(tensor(digits[:3]), outputs=wanted), JSON)
    assert list(outputs(answer)) == ["labels", "probabilities"]
    assert (
        "data"
        in json.loads(answer.body[: int(answer.headers["inference-header-content-length"])])["outputs"][1]
    )
    assert list(outputs(server.post(INFER, body(tensor(digits[:3]), outputs=wanted[:1]), JSON))) == ["labels"]


ONE = np.zeros((1, 28, 28), np.uint8)
FLOATS = ONE.astype(np.float32)
SECRET = "do-not-repeat-me"
NOT_JSON = {
    "nothing": b"",
    "no JSON": b"images",
    "cut off": body(tensor(ONE))[:-1],
    "two values": b"{} {}",
    "NaN": b'{"inputs": NaN}',
    "infinity": b'{"inputs": [1e999]}',
    "a key twice": b'{"id": "' + SECRET.encode() + b'", "id": "b"}',
    "21 deep": b"[" * 21 + b"]" * 21,
    "100,000 deep": b"[" * 100_000,
    "no UTF-8": b'{"id": "\xff"}',
    "a lone surrogate's bytes": b'{"id": "\xed\xa0\x80"}',
    "a number of 5,000 digits": b'{"id": ' + b"1" * 5000 + b"}",
}
WRONG = {
    "a list": b"[]",
    "no inputs": b"{}",
    "no input": body(),
    "two inputs": body(tensor(ONE), tensor(ONE)),
    "another name": body(tensor(ONE, name=SECRET)),
    "another datatype": body(tensor(ONE, datatype="FP64")),
    "bytes": body(tensor(ONE, datatype="BYTES", data=["!not base64!"])),
    "another shape": body(tensor(ONE, shape=[1, 32, 32])),
    "a shape of words": body(tensor(ONE, shape=["1", "28", "28"])),
    "a negative shape": body(tensor(ONE, shape=[-1, 28, 28])),
    "an overflowing shape": body(tensor(ONE, shape=[2**62, 28, 28])),
    "a shape beyond any integer": body(tensor(ONE, shape=[10**400, 28, 28])),
    "a flat shape": body(tensor(ONE, shape=[784])),
    "no shape": body(tensor(ONE, shape=None)),
    "no data": body(tensor(ONE, data=None)),
    "too little data": body(tensor(ONE, data=[0] * 783)),
    "too much data": body(tensor(ONE, data=[0] * 785)),
    "ragged data": body(tensor(ONE, data=[[0] * 784, [0]])),
    "words": body(tensor(ONE, data=[SECRET] * 784)),
    "objects": body(tensor(ONE, data=[{}] * 784)),
    "nothings": body(tensor(ONE, data=[None] * 784)),
    "truths": body(tensor(ONE, data=[True] * 784)),
    "a truth among numbers": body(tensor(FLOATS, data=[True] + [0] * 783)),
    "numbers beside lists": body(tensor(ONE, data=[0, [0] * 783])),
    "deep lists of nothing": body(tensor(ONE, data=[[[]] * 100] * 100)),
    "huge numbers": body(tensor(ONE, data=[10**30] * 784)),
    "256": body(tensor(ONE, data=[256] * 784)),
    "-1": body(tensor(ONE, data=[-1] * 784)),
    "fractions": body(tensor(ONE, data=[0.5] * 784)),
    "floats beyond 1": body(tensor(FLOATS, data=[1.5] * 784)),
    "floats below 0": body(tensor(FLOATS, data=[-0.5] * 784)),
    "floats beyond FP32": body(tensor(FLOATS, data=[1e300] * 784)),
    "binary data that did not come": body(tensor(ONE, data=None, parameters={"binary_data_size": 784})),
    "an id of control characters": body(tensor(ONE), id="a\r\nb"),
    "an id that colours": body(tensor(ONE), id="\x1b[31m"),
    "an id of other scripts": body(tensor(ONE), id="\u202eabc"),
    "a long id": body(tensor(ONE), id="x" * 129),
    "a number for an id": body(tensor(ONE), id=7),
    "an unknown output": body(tensor(ONE), outputs=[{"name": SECRET}]),
    "outputs that are no list": body(tensor(ONE), outputs="labels"),
    "parameters that are no object": body(tensor(ONE), parameters=3),
}


@pytest.mark.fault(
    "server",
    "JSON is malformed, too deep, or holds a wrong shape, dtype or id",
    "400 or 422, the response repeats nothing of it",
)
@pytest.mark.parametrize("name", [*NOT_JSON, *WRONG])
def test_what_is_refused(server: Any, name: str) -> None:
    status, content = (400, NOT_JSON[name]) if name in NOT_JSON else (422, WRONG[name])
    answer = server.post(INFER, content, JSON)
    assert answer.status == status
    assert answer.json.keys() == {"error", "request_id"}
    assert len(answer.body) < 1024
    assert SECRET not in answer.body.decode()
    assert "Traceback" not in answer.json["error"]


@pytest.mark.fault("server", "words are sent instead of numbers", "rejected without much memory")
def test_words_take_no_more_memory_than_they_are_long() -> None:
    """Made an array of, each would take as much as the longest: a gigabyte."""
    content = body(tensor(ONE, data=["a" * 10_000] + ["a"] * 25_000))
    tracemalloc.start()
    try:
        with pytest.raises(HttpError, match="expected whole numbers"):
            parse_minibatch(content, None)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(content)
    finally:
        tracemalloc.stop()


@pytest.mark.fault("server", "binary data have another size or are not finite", "422")
def test_binary_data_of_another_size(server: Any) -> None:
    head = body(tensor(ONE, data=None, parameters={"binary_data_size": 784}))
    size = {"Inference-Header-Content-Length": str(len(head))}
    assert server.post(INFER, head + bytes(784), BINARY, **size).status == 200
    for rest in (b"", bytes(783), bytes(785)):
        assert server.post(INFER, head + rest, BINARY, **size).status == 422
    wrong = body(tensor(ONE, data=None, parameters={"binary_data_size": 783}))
    size = {"Inference-Header-Content-Length": str(len(wrong))}
    assert server.post(INFER, wrong + bytes(783), BINARY, **size).status == 422


@pytest.mark.fault("server", "binary data have another size or are not finite", "422")
def test_binary_floats_that_are_none(server: Any) -> None:
    head = body(tensor(FLOATS, data=None, parameters={"binary_data_size": 3136}))
    size = {"Inference-Header-Content-Length": str(len(head))}
    for value in (np.nan, np.inf, -np.inf, -1e-3, 1.001):
        content = head + np.full(784, value, "<f4").tobytes()
        assert server.post(INFER, content, BINARY, **size).status == 422


@pytest.mark.fault("server", "the length of the JSON part is wrong", "400")
@pytest.mark.parametrize("size", ["-1", "99999999", "999999999999", "x", "", "1_0", "\u0661"[:0] or "+5"])
def test_json_of_another_size(server: Any, size: str) -> None:
    answer = server.post(INFER, body(tensor(ONE)), BINARY, **{"Inference-Header-Content-Length": size})
    assert answer.status == 400


@pytest.mark.fault("server", "a content type is wrong", "415")
@pytest.mark.parametrize("content_type", ["", "text/plain", BINARY, "image/png", "multipart/form-data"])
def test_other_content_types(server: Any, content_type: str) -> None:
    assert server.post(INFER, body(tensor(ONE)), content_type).status == 415


@pytest.mark.fault("server", "a model is unknown, or its name holds ../ or control characters", "404")
@pytest.mark.parametrize(
    "path",
    [
        "/v2/models/lenet/infer",
        "/v2/models/LENET5/infer",
        "/v2/models/../lenet5/infer",
        "/v2/models/..%2flenet5/infer",
        "/v2/models/%2e%2e/infer",
        "/v2/models/lenet5%00/infer",
        "/v2/models/%0d%0aX:%20y/infer",
        "/v2/models//infer",
        "/v2/models/lenet5/infer/",
        "/v2/models/lenet5/versions/1/infer",
    ],
)
def test_unknown_models(server: Any, path: str) -> None:
    answer = server.post(path, body(tensor(ONE)), JSON)
    assert answer.status == 404
    assert answer.json.keys() == {"error", "request_id"}


@pytest.mark.fault("server", "a model is unknown, or its name holds ../ or control characters", "404")
def test_unknown_models_are_not_described(server: Any) -> None:
    for path in ("/v2/models/lenet", "/v2/models/lenet/ready", "/v2/models/..", "/v2/models/%0a"):
        assert server.ask("GET", path).status == 404


def test_a_large_minibatch(server: Any, digits: Any, recogniser: Recogniser) -> None:
    images = np.concatenate([digits] * 500)  # 7.8 MB
    size = {"parameters": {"binary_data_size": images.nbytes}, "data": None}
    head = body(tensor(images, **size), outputs=[{"name": "labels", "parameters": {"binary_data": True}}])
    sizes = {"Inference-Header-Content-Length": str(len(head))}
    labels = outputs(server.post(INFER, head + images.tobytes(), BINARY, **sizes))["labels"]
    np.testing.assert_array_equal(labels, recogniser.predict(images).probabilities.argmax(axis=1))
