"""Evaluates minibatches of the Open Inference Protocol, in a worker.

References
----------
KServe, "Open Inference Protocol (V2)"; its extension for binary tensor data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from tenfold.checkpoint import parse_json
from tenfold.errors import CheckpointError
from tenfold.predict.recogniser import Predictions, Recogniser
from tenfold.serve.asgi import HttpError
from tenfold.serve.messages import Header, Message
from tenfold.serve.schemas import DOUBT, LABELS, PROBABILITIES, WITH_NONE, InferRequest, Input
from tenfold.zoo.model_input import DIGIT

_MOST_JSON = 8 << 20  # bytes; the server has refused larger bodies
_DTYPES: dict[str, np.dtype[Any]] = {"UINT8": np.dtype("u1"), "FP32": np.dtype("<f4")}
_NUMBERS = "data: expected whole numbers 0-255 for UINT8, numbers 0..1 for FP32"

Images = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Minibatch:
    """A request, parsed and checked.

    Attributes
    ----------
    request : InferRequest
    images : uint8 or float32 (n, h, w) or (n, h, w, c)
    """

    request: InferRequest
    images: Images


class TensorHandler:
    """Evaluates minibatches; all requests of one datatype in one batch.

    Parameters
    ----------
    recogniser : Recogniser
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._shape = recogniser.model.input_shape

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return the outputs for each request, or the error of an invalid one."""
        minibatches: dict[int, Minibatch] = {}
        answers: dict[int, Message] = {}
        for i, (header, body) in enumerate(messages):
            try:
                minibatches[i] = parse_minibatch(body, header.get("json_size"), self._shape)
            except HttpError as error:
                answers[i] = {"status": error.status, "error": error.text}, b""
        for dtype in _DTYPES.values():
            indices = [i for i, one in minibatches.items() if one.images.dtype == dtype]
            if indices:
                found = self._judge([minibatches[i].images for i in indices])
                for i, predictions in zip(indices, found, strict=True):
                    answers[i] = self._answer(minibatches[i].request, predictions)
        return [answers[i] for i in range(len(messages))]

    def _judge(self, batches: list[Images]) -> list[Predictions]:
        """Return the predictions for each minibatch."""
        ends = np.cumsum([len(images) for images in batches])[:-1]
        found = self._recogniser.predict(np.concatenate(batches))
        parts = zip(np.split(found.probabilities, ends), np.split(found.doubt, ends), strict=True)
        return [Predictions(probabilities, doubt) for probabilities, doubt in parts]

    def _answer(self, request: InferRequest, predictions: Predictions) -> Message:
        outputs: list[dict[str, Any]] = []
        pieces: list[bytes] = []
        for name, binary in _wanted(request).items():
            datatype, values = _tensor(name, predictions)
            output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(values.shape)}
            if binary:
                pieces.append(values.tobytes())
                output["parameters"] = {"binary_data_size": values.nbytes}
            else:
                output["data"] = values.ravel().tolist()
            outputs.append(output)
        answer: dict[str, Any] = {"model_name": self._recogniser.model.name, "outputs": outputs}
        if request.id is not None:
            answer["id"] = request.id
        content = json.dumps(answer, allow_nan=False, separators=(",", ":")).encode()
        header: Header = {"status": 200, "images": len(predictions.doubt)}
        if pieces:
            header["json_size"] = len(content)
        return header, b"".join((content, *pieces))


def _tensor(name: str, predictions: Predictions) -> tuple[str, NDArray[Any]]:
    """Return the datatype and the values of an output."""
    if name == LABELS:
        return "INT64", np.argmax(predictions.probabilities, axis=1).astype("<i8")  # (n,)
    if name == WITH_NONE:
        return "FP32", _with_none(predictions).astype("<f4")  # (n, k + 1)
    values = {PROBABILITIES: predictions.probabilities, DOUBT: predictions.doubt}[name]  # (n, k), (n,)
    return "FP32", values.astype("<f4")


def _with_none(predictions: Predictions) -> NDArray[np.float64]:
    """Return the probability of each class, and last of none of them; each row adds up to 1."""
    none = predictions.none[:, np.newaxis]
    return np.hstack([predictions.probabilities * (1 - none), none])


def parse_minibatch(body: bytes, json_size: int | None, shape: tuple[int, ...] = DIGIT) -> Minibatch:
    """Parse and check a request.

    Parameters
    ----------
    body : bytes
        JSON, optionally followed by binary data.
    json_size : int or None
        Size of the JSON; None if nothing follows it.
    shape : (h, w, c)
        That of the model's images.

    Raises
    ------
    HttpError
        400 if the body is not JSON, 422 if its content is invalid.
    """
    size = len(body) if json_size is None else json_size
    try:
        value = parse_json(body[:size], where="body", max_bytes=_MOST_JSON)
    except CheckpointError as error:
        raise HttpError(
            400, "expected JSON, nested at most 20 deep, without NaN and without duplicate keys"
        ) from error
    try:
        request = InferRequest.model_validate(value)
    except ValidationError as error:
        raise HttpError(422, _describe(error)) from error
    [tensor] = request.inputs
    return Minibatch(request, _images(tensor, body[size:], shape))


def _describe(error: ValidationError) -> str:
    """Describe the first error without repeating the input."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place or 'body'}: {first['msg'][:200]}"


def _wanted(request: InferRequest) -> dict[str, bool]:
    """Return the requested outputs, and for each whether as binary data."""
    by_default = request.parameters.binary_data_output
    if not request.outputs:
        return {PROBABILITIES: by_default, LABELS: by_default}
    wanted = {output.name: output.parameters.binary_data for output in request.outputs}
    return {str(name): by_default if binary is None else binary for name, binary in wanted.items()}


def _images(tensor: Input, rest: bytes, shape: tuple[int, ...]) -> Images:
    """Return the images of an input, (n, h, w, c), or (n, h, w) if grey.

    Raises
    ------
    HttpError
        422.
    """
    n, *each = tensor.shape
    allowed = [shape[:-1], shape, (math.prod(shape),)] if shape[-1] == 1 else [shape, (math.prod(shape),)]
    if tuple(each) not in allowed:
        *others, last = (str(["n", *one]).replace("'", "") for one in allowed)
        raise HttpError(422, f"shape: expected {', '.join(others)} or {last}")
    dtype, count = _DTYPES[tensor.datatype], math.prod(tensor.shape)
    if tensor.parameters.binary_data_size is None:
        values = _from_list(tensor.data, dtype, count)
        expected = 0
    else:
        values, expected = None, count * dtype.itemsize
        if tensor.parameters.binary_data_size != expected or tensor.data is not None:
            raise HttpError(
                422, "binary_data_size: expected the size that the shape needs, and no data in the JSON"
            )
    if len(rest) != expected:
        raise HttpError(422, "expected binary_data_size bytes after the JSON; send exactly as many")
    if values is None:
        values = np.frombuffer(rest, dtype)
    if tensor.datatype == "FP32" and not np.all((values >= 0) & (values <= 1)):  # NaN fails both
        raise HttpError(422, "data: expected FP32 values in 0..1, with 1 for ink")
    return values.reshape(n, *allowed[0])


def _from_list(data: list[Any] | None, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    """Return the numbers in a list, which may be nested.

    Raises
    ------
    HttpError
        422 if their number or a value does not fit.
    """
    if data is None or _count(data, count) != count:
        raise HttpError(422, "data: expected as many numbers as the shape has; correct one of them")
    try:
        values = np.asarray(data)
    except (ValueError, OverflowError) as error:  # the lists have different lengths
        raise HttpError(422, "data: expected nested lists of equal lengths") from error
    kinds = "iu" if dtype.kind == "u" else "iuf"
    if values.size and values.dtype.kind not in kinds:
        raise HttpError(422, _NUMBERS)
    if values.size and dtype.kind == "u" and not 0 <= values.min() <= values.max() <= 255:
        raise HttpError(422, "data: expected UINT8 values 0-255, with 255 for ink")
    with np.errstate(over="ignore"):  # a value too large for FP32 is outside 0..1 as well
        return values.astype(dtype)


def _count(data: list[Any], most: int) -> int:
    """Count the numbers in a list, up to `most` + 1.

    Called before NumPy sees the list: for one long string NumPy would allocate as much for every item.

    Raises
    ------
    HttpError
        422 if the list holds anything but numbers and lists.
    """
    count, lists = 0, [data]
    while lists and count <= most:
        items = lists.pop()
        kinds = set(map(type, items))
        if kinds == {list}:
            lists.extend(items)
        elif kinds <= {int, float}:  # not bool
            count += len(items)
        else:
            raise HttpError(422, _NUMBERS)
    return min(count, most + 1)
