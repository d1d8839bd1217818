"""The forms of requests and answers, as the documentation shows them and as they are checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

INPUT, PROBABILITIES, LABELS = "images", "probabilities", "labels"

_ID = r"^[ -~]*$"  # nothing that could end a line or colour a terminal


class Form(BaseModel):
    """Strict: a string is no number."""

    model_config = ConfigDict(strict=True)


class Error(Form):
    """Every answer but 200."""

    error: str = Field(description="What was expected.")
    request_id: str = Field(description="To be found in the server's log.")


class Map(Form):
    """What a layer makes of a digit."""

    name: str
    maps: list[list[list[float]]] = Field(description="Up to 8 maps of rows of values in 0..1.")


class Digit(Form):
    """One digit, or a place where there may be one."""

    digit: int | None = Field(description="0 to 9; null where it is not sure.")
    probability: float = Field(description="Of the likeliest digit, given that it is one.")
    box: tuple[int, int, int, int] = Field(description="Left, top, width, height in pixels.")
    reason: str | None = Field(description="Why there is no digit.")
    probabilities: list[float] | None = Field(default=None, description="Of all ten; with details.")
    image: list[list[int]] | None = Field(default=None, description="28 x 28, 0-255, ink high; with details.")
    features: list[Map] | None = Field(default=None, description="Of the first layers; with details.")


class Reading(Form):
    """What was read in a picture."""

    text: str = Field(description="The digits, lines separated by a newline; ? where it is not sure.")
    reason: str | None = Field(description="Why there is none.")
    digits: list[Digit]
    width: int | None = Field(default=None, description="Of the picture, upright; with details.")
    height: int | None = None


class TensorMetadata(Form):
    """Name, datatype and shape; -1 is any number."""

    name: str
    datatype: str
    shape: list[int]


class ServerMetadata(Form):
    """Who answers."""

    name: str
    version: str
    extensions: list[str]


class ModelMetadata(Form):
    """What it takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(Form):
    """Whether the server runs."""

    live: bool


class Ready(Form):
    """Whether it can read."""

    ready: bool


class ModelReady(Form):
    """Whether the model can be asked."""

    name: str
    ready: bool


class InputParameters(Form):
    """How an input comes."""

    binary_data_size: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Bytes of this input after the JSON; instead of data."
    )


class Input(Form):
    """The images, ink high: 0-255 as UINT8, 0..1 as FP32."""

    name: Literal["images"]
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=4)] = Field(
        description="[n, 28, 28], [n, 28, 28, 1] or [n, 784]."
    )
    datatype: Literal["UINT8", "FP32"]
    parameters: InputParameters = InputParameters()
    data: list[Any] | None = Field(default=None, description="Numbers in row-major order, nested or not.")


class OutputParameters(Form):
    """How an output is wanted."""

    binary_data: bool | None = Field(default=None, description="After the JSON, instead of in it.")


class WantedOutput(Form):
    """An output that is wanted."""

    name: Literal["probabilities", "labels"]
    parameters: OutputParameters = OutputParameters()


class RequestParameters(Form):
    """How outputs are wanted."""

    binary_data_output: bool = Field(default=False, description="All outputs after the JSON.")


class InferRequest(Form):
    """A minibatch of images."""

    id: Annotated[str, Field(max_length=128, pattern=_ID)] | None = Field(
        default=None, description="Comes back with the answer."
    )
    parameters: RequestParameters = RequestParameters()
    inputs: Annotated[list[Input], Field(min_length=1, max_length=1)]
    outputs: Annotated[list[WantedOutput], Field(max_length=2)] | None = Field(
        default=None, description="By default both."
    )


class Output(Form):
    """An output."""

    name: str
    datatype: str
    shape: list[int]
    data: list[float] | None = None
    parameters: dict[str, int] | None = None


class InferResponse(Form):
    """Probabilities of the ten digits, FP32 [n, 10], and the likeliest, INT64 [n]."""

    model_name: str
    id: str | None = None
    outputs: list[Output]
