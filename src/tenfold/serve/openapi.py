"""The OpenAPI description: FastAPI's own, with the two routes that bypass the framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tenfold.serve import v1, v2
from tenfold.serve.picture_body import FORM
from tenfold.serve.schemas import Class, Error, InferRequest, InferResponse, Picture, Reading

MEANINGS = {
    400: "invalid HTTP, JSON, Host or Origin",
    401: "the token is missing or wrong",
    404: "not found",
    405: "method not allowed",
    408: "the request arrived too slowly",
    413: "the body is too large",
    415: "the body has another media type, or is compressed",
    422: "the content of the request is invalid",
    431: "the headers are too large",
    503: "overloaded or not ready; retry after Retry-After seconds",
}
ALWAYS = (400, 401, 405, 408, 413, 415, 431)
"""Statuses that any route may return."""

_REFERENCE = "#/components/schemas/{model}"
_BYTES = {"type": "string", "format": "binary"}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of a route's error responses."""
    return {
        status: {"model": Error, "description": MEANINGS[status]} for status in sorted({*ALWAYS, *statuses})
    }


def describe(app: FastAPI, model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of all routes; ``model`` is what the workers say of the served model."""
    described = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    reads_digits = model["reads_digits"]
    answer = Reading if reads_digits else Class
    forms = [(form, "validation") for form in (Error, InferRequest, InferResponse, Picture, answer)]
    _, found = models_json_schema(forms, ref_template=_REFERENCE)  # type: ignore[arg-type]
    described.setdefault("components", {}).setdefault("schemas", {}).update(found["$defs"])
    picture = _digits() if reads_digits else _classify()
    described["paths"] |= {v1.path(model): {"post": picture}, v2.infer_path("{name}"): {"post": _infer()}}
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": [model["name"]]}
    return described


def _picture() -> dict[str, Any]:
    """Describe the body of a request with a picture: the file, a form with it, or its base64 in JSON."""
    content: dict[str, Any] = {name: {"schema": _BYTES} for name in v1.TYPES}
    content[FORM] = {
        "schema": {"type": "object", "properties": {"picture": _BYTES}, "required": ["picture"]},
    }
    content[v2.JSON] = {"schema": _reference(Picture)}
    return {"required": True, "content": content}


def _digits() -> dict[str, Any]:
    details = {
        "name": "details",
        "in": "query",
        "description": "Whether to add probabilities, the 28 x 28 image and feature maps for each digit.",
        "schema": {"type": "boolean", "default": False},
    }
    single = {
        "name": "single",
        "in": "query",
        "description": "Whether the picture holds one digit: the likeliest one is the answer.",
        "schema": {"type": "boolean", "default": False},
    }
    return {
        "summary": "Read the digits in a picture",
        "operationId": "digits",
        "parameters": [details, single],
        "requestBody": _picture(),
        "responses": _responses({v2.JSON: Reading}, 422, 503),
    }


def _classify() -> dict[str, Any]:
    return {
        "summary": "Classify a picture",
        "operationId": "classify",
        "requestBody": _picture(),
        "responses": _responses({v2.JSON: Class}, 422, 503),
    }


def _infer() -> dict[str, Any]:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    size = {
        "name": "Inference-Header-Content-Length",
        "in": "header",
        "description": "Size in bytes of the JSON before the binary data, if there is any.",
        "schema": {"type": "integer", "minimum": 0},
    }
    content = {v2.JSON: {"schema": _reference(InferRequest)}, v2.BINARY: {"schema": _BYTES}}
    return {
        "summary": "Evaluate a minibatch of images",
        "operationId": "infer",
        "parameters": [name, size],
        "requestBody": {"required": True, "content": content},
        "responses": _responses({v2.JSON: InferResponse, v2.BINARY: None}, 404, 422, 503),
    }


def _responses(content: Mapping[str, type[BaseModel] | None], *statuses: int) -> dict[str, Any]:
    good = {name: {"schema": _BYTES if form is None else _reference(form)} for name, form in content.items()}
    refused = {
        str(status): {"description": MEANINGS[status], "content": {v2.JSON: {"schema": _reference(Error)}}}
        for status in sorted({*ALWAYS, *statuses})
    }
    return {"200": {"description": "success", "content": good}} | refused


def _reference(form: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=form.__name__)}
