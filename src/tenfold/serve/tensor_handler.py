"""Minibatches of the Open Inference Protocol to outputs, in a worker.

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
from tenfold.data import SIDE
from tenfold.errors import CheckpointError
from tenfold.predict.recogniser import Recogniser
from tenfold.serve.http_error import HttpError
from tenfold.serve.messages import Head, Message
from tenfold.serve.schemas import LABELS, PROBABILITIES, InferRequest, Input

_SHAPES = ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,))
_MOST_JSON = 8 << 20  # bytes; the server refused what is larger
_DTYPES: dict[str, np.dtype[Any]] = {"UINT8": np.dtype("u1"), "FP32": np.dtype("<f4")}
_NUMBERS = "data: expected whole numbers 0-255 for UINT8, numbers for FP32"

Images = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Minibatch:
    """A request that was understood.

    Attributes
    ----------
    request : InferRequest
    images : uint8 or float32 (n, 28, 28)
    """

    request: InferRequest
    images: Images


class TensorHandler:
    """Judges minibatches, those that wait together in one call for each datatype.

    Parameters
    ----------
    recogniser : Recogniser
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    def handle(self, messages: Sequence[Message]) -> list[Message]:
        """Return the outputs for each request, or why there are none."""
        understood: dict[int, Minibatch] = {}
        answers: dict[int, Message] = {}
        for i, (head, body) in enumerate(messages):
            try:
                understood[i] = parse_minibatch(body, head.get("json_size"))
            except HttpError as fault:
                answers[i] = {"status": fault.status, "error": fault.text}, b""
        for dtype in _DTYPES.values():
            places = [i for i, one in understood.items() if one.images.dtype == dtype]
            if places:
                rows = self._judge([understood[i].images for i in places])
                for i, probabilities in zip(places, rows, strict=True):
                    answers[i] = self._answer(understood[i].request, probabilities)
        return [answers[i] for i in range(len(messages))]

    def _judge(self, minibatches: list[Images]) -> list[NDArray[np.float64]]:
        """Return the probabilities (n, 10) for each minibatch."""
        ends = np.cumsum([len(images) for images in minibatches])
        judgement = self._recogniser.judge(np.concatenate(minibatches))
        return np.split(judgement.probabilities, ends[:-1])

    def _answer(self, request: InferRequest, probabilities: NDArray[np.float64]) -> Message:
        found = {
            PROBABILITIES: ("FP32", probabilities.astype("<f4")),  # (n, 10)
            LABELS: ("INT64", np.argmax(probabilities, axis=1).astype("<i8")),  # (n,)
        }
        outputs: list[dict[str, Any]] = []
        pieces: list[bytes] = []
        for name, binary in _wanted(request).items():
            datatype, values = found[name]
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
        head: Head = {"status": 200, "images": len(probabilities)}
        if pieces:
            head["json_size"] = len(content)
        return head, b"".join((content, *pieces))


def parse_minibatch(body: bytes, json_size: int | None) -> Minibatch:
    """Understand a request.

    Parameters
    ----------
    body : bytes
        JSON, perhaps followed by binary data.
    json_size : int or None
        Where the JSON ends; None where there is nothing after it.

    Raises
    ------
    HttpError
        400 if it is not JSON, 422 if something in it is not what it must be.
    """
    size = len(body) if json_size is None else json_size
    try:
        value = parse_json(body[:size], where="body", max_bytes=_MOST_JSON)
    except CheckpointError as error:
        raise HttpError(400, "expected JSON, at most 20 deep, without NaN and without a key twice") from error
    try:
        request = InferRequest.model_validate(value)
    except ValidationError as error:
        raise HttpError(422, _first(error)) from error
    [tensor] = request.inputs
    return Minibatch(request, _images(tensor, body[size:]))


def _first(error: ValidationError) -> str:
    """Say what is wrong without repeating it."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place or 'body'}: {fault['msg'][:200]}"


def _wanted(request: InferRequest) -> dict[str, bool]:
    """Return which outputs are wanted, and whether as binary data."""
    by_default = request.parameters.binary_data_output
    if not request.outputs:
        return {PROBABILITIES: by_default, LABELS: by_default}
    wanted = {output.name: output.parameters.binary_data for output in request.outputs}
    return {str(name): by_default if binary is None else binary for name, binary in wanted.items()}


def _images(tensor: Input, rest: bytes) -> Images:
    """Return the images of an input, checked.

    Raises
    ------
    HttpError
        422.
    """
    n, *each = tensor.shape
    if tuple(each) not in _SHAPES:
        raise HttpError(422, "shape: expected [n, 28, 28], [n, 28, 28, 1] or [n, 784]")
    dtype, count = _DTYPES[tensor.datatype], math.prod(tensor.shape)
    if tensor.parameters.binary_data_size is None:
        values = _from_list(tensor.data, dtype, count)
        expected = 0
    else:
        values, expected = None, count * dtype.itemsize
        if tensor.parameters.binary_data_size != expected or tensor.data is not None:
            raise HttpError(422, "binary_data_size: expected that of the shape, and no data besides")
    if len(rest) != expected:
        raise HttpError(422, "expected as many bytes after the JSON as binary_data_size says")
    if values is None:
        values = np.frombuffer(rest, dtype)
    if tensor.datatype == "FP32" and not np.all((values >= 0) & (values <= 1)):  # NaN is not either
        raise HttpError(422, "data: expected FP32 values in 0..1, ink high")
    return values.reshape(n, SIDE, SIDE)


def _from_list(data: list[Any] | None, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    """Return the numbers in a list, nested or not.

    Raises
    ------
    HttpError
        422 if they are too many or too few, or do not fit the datatype.
    """
    if data is None or _count(data, count) != count:
        raise HttpError(422, "data: expected as many numbers as the shape has")
    try:
        values = np.asarray(data)
    except (ValueError, OverflowError) as error:  # lists of unequal lengths
        raise HttpError(422, "data: expected lists of equal lengths") from error
    kinds = "iu" if dtype.kind == "u" else "iuf"
    if values.size and values.dtype.kind not in kinds:
        raise HttpError(422, _NUMBERS)
    if values.size and dtype.kind == "u" and not 0 <= values.min() <= values.max() <= 255:
        raise HttpError(422, "data: expected UINT8 values 0-255, ink high")
    with np.errstate(over="ignore"):  # what is too large for FP32 is outside 0..1, too
        return values.astype(dtype)


def _count(data: list[Any], most: int) -> int:
    """Return how many numbers are in a list; `most` + 1 stands for all that are more.

    To be asked before numpy is: of one long word in a list it makes room for as many that are as long.

    Raises
    ------
    HttpError
        422 if there is anything else.
    """
    count, lists = 0, [data]
    while lists and count <= most:
        items = lists.pop()
        kinds = set(map(type, items))
        if kinds == {list}:
            lists.extend(items)
        elif kinds <= {int, float}:  # True and False are not
            count += len(items)
        else:
            raise HttpError(422, _NUMBERS)
    return min(count, most + 1)
