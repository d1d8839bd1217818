"""The schemas of requests and responses, for the documentation and for validation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

INPUT, PROBABILITIES, LABELS = "images", "probabilities", "labels"
WITH_NONE, DOUBT = "probabilities_with_none", "doubt"

_ID = r"^[ -~]*$"  # printable ASCII: no line breaks, no terminal colours


class Form(BaseModel):
    """Strict types: a string is not accepted as a number."""

    model_config = ConfigDict(strict=True)


class Error(Form):
    """An error response (every status but 200)."""

    error: str = Field(description="What was expected.")
    request_id: str = Field(description="The same id is in the server's log.")


class Picture(Form):
    """A picture in JSON."""

    image: str = Field(description="The file as base64, or as a data: URL.", examples=["iVBORw0KGgo="])


class Map(Form):
    """Feature maps of a layer for one digit."""

    name: str
    maps: list[list[list[float]]] = Field(
        description="The 8 most active, each with rows of values in 0..1, its least to its greatest."
    )
    channels: list[int] = Field(description="Which of the layer's maps these are, from 0.")
    count: int = Field(description="How many maps the layer has.")
    filters: list[list[list[float]]] | None = Field(
        default=None, description="The weights of these maps' filters as -1..1; of the first layer."
    )


class Digit(Form):
    """One digit, or a mark that may be a digit."""

    digit: int | None = Field(description="0 to 9; null if the network is not sure.")
    probability: float = Field(description="Probability of the most likely digit, if the mark is a digit.")
    box: tuple[int, int, int, int] = Field(description="Left, top, width, height in pixels.")
    reason: str | None = Field(description="Why digit is null.")
    probabilities: list[float] | None = Field(default=None, description="Of the ten digits; with details.")
    none: float | None = Field(default=None, description="Probability that it is not a digit; with details.")
    doubt: float | None = Field(
        default=None, description="Probability that the likeliest digit is wrong, or none; with details."
    )
    image: list[list[int]] | None = Field(
        default=None, description="28 x 28, 0-255, 255 for ink; with details."
    )
    features: list[Map] | None = Field(default=None, description="Of the first layers; with details.")
    evidence: list[list[float]] | None = Field(
        default=None,
        description="28 x 28, -1..1: how much the ink speaks for the likeliest digit; with details.",
    )


class Mark(Form):
    """Something in a picture, whether it was read or not."""

    box: tuple[int, int, int, int] = Field(description="Left, top, width, height in pixels.")
    kind: Literal["digit", "sign", "unknown", "line", "speck", "struck out"]
    text: str = Field(description="What it adds to the text of the reading; often nothing.")


class Reading(Form):
    """The digits that were read in a picture."""

    text: str = Field(description="Digits and signs, one line for each written line; ? if not sure.")
    reason: str | None = Field(description="Why text is empty.")
    digits: list[Digit]
    marks: list[Mark] = Field(description="Everything in the picture; what was read comes first, in order.")
    turned: int = Field(description="By how many degrees the picture was turned first: 0, 90, 180 or 270.")
    remarks: list[str] | None = Field(
        default=None, description="What of the picture was left out, as other frames of an animation."
    )
    pages: list[Reading] | None = Field(
        default=None, description="The reading of each page, of a TIFF or PDF with several pages."
    )
    width: int | None = Field(default=None, description="Of the upright picture, in pixels; with details.")
    height: int | None = Field(default=None, description="As width.")


class Class(Form):
    """The class of a picture."""

    text: str = Field(description="The name of the class; ? if not sure.")
    reason: str | None = Field(description="Why text is ?.")
    class_: str = Field(alias="class", description="The name of the likeliest class.")
    label: int = Field(description="Its number, from 0.")
    probability: float
    sure: bool
    probabilities: dict[str, float] = Field(description="Of each class, by name.")


class TensorMetadata(Form):
    """Name, datatype and shape; -1 stands for any size."""

    name: str
    datatype: str
    shape: list[int]


class ServerMetadata(Form):
    """Name, version and extensions of the server."""

    name: str
    version: str
    extensions: list[str]


class ModelMetadata(Form):
    """Inputs and outputs of a model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]
    parameters: dict[str, list[str]] | None = Field(
        default=None, description="The names of the classes, if they are not digits."
    )


class Live(Form):
    """Whether the server runs."""

    live: bool


class Ready(Form):
    """Whether the server accepts requests."""

    ready: bool


class Models(Form):
    """The models of this server."""

    models: list[str] = Field(description="Their names; there is one.")


class ModelReady(Form):
    """Whether the model is ready."""

    name: str
    ready: bool


class InputParameters(Form):
    """How an input is encoded."""

    binary_data_size: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Size in bytes of this input after the JSON, instead of data."
    )


class Input(Form):
    """Images: UINT8 0-255 or FP32 0..1, with the largest value for ink."""

    name: Literal["images"]
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=4)] = Field(
        description="For digits [n, 28, 28], [n, 28, 28, 1] or [n, 784]; as the model's metadata say."
    )
    datatype: Literal["UINT8", "FP32"]
    parameters: InputParameters = InputParameters()
    data: list[Any] | None = Field(default=None, description="Numbers in row-major order, flat or nested.")


class OutputParameters(Form):
    """How an output is encoded."""

    binary_data: bool | None = Field(default=None, description="Send this output as bytes after the JSON.")


class WantedOutput(Form):
    """A requested output."""

    name: Literal["probabilities", "labels", "probabilities_with_none", "doubt"]
    parameters: OutputParameters = OutputParameters()


class RequestParameters(Form):
    """How all outputs are encoded."""

    binary_data_output: bool = Field(default=False, description="Send all outputs as bytes after the JSON.")


class InferRequest(Form):
    """A minibatch of images."""

    id: Annotated[str, Field(max_length=128, pattern=_ID)] | None = Field(
        default=None, description="Repeated in the response."
    )
    parameters: RequestParameters = RequestParameters()
    inputs: Annotated[list[Input], Field(min_length=1, max_length=1)]
    outputs: Annotated[list[WantedOutput], Field(max_length=4)] | None = Field(
        default=None, description="By default probabilities and labels."
    )


class Output(Form):
    """An output."""

    name: str
    datatype: str
    shape: list[int]
    data: list[float] | None = None
    parameters: dict[str, int] | None = None


class InferResponse(Form):
    """The outputs, see the model's metadata: probabilities FP32 [n, k] and labels INT64 [n] by default.

    On request `probabilities_with_none` FP32 [n, k + 1], whose last column is the probability that an image
    shows none of the classes, and `doubt` FP32 [n], the probability that the label is wrong or none.
    """

    model_name: str
    id: str | None = None
    outputs: list[Output]
