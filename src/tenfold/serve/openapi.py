"""The OpenAPI description: the framework's own, and the two routes that do without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tenfold.serve import v1, v2
from tenfold.serve.schemas import Error, InferRequest, InferResponse, Reading

MEANINGS = {
    400: "not understood: HTTP, JSON, Host or Origin",
    401: "the token is missing or wrong",
    404: "there is nothing here",
    405: "not by this method",
    408: "the request took too long to come",
    413: "the body is too large",
    415: "the body is of another type, or compressed",
    422: "something in the request is not what it must be",
    431: "the head is too large",
    503: "too much to do, or not ready; come back after Retry-After seconds",
}
ALWAYS = (400, 401, 405, 408, 413, 415, 431)
"""What any route may answer."""

_REFERENCE = "#/components/schemas/{model}"
_BYTES = {"type": "string", "format": "binary"}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return descriptions of what a route may answer besides 200."""
    return {
        status: {"model": Error, "description": MEANINGS[status]} for status in sorted({*ALWAYS, *statuses})
    }


def describe(app: FastAPI, model: str) -> dict[str, Any]:
    """Return the description of all routes, with the name of the model that is served."""
    described = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    forms = [(form, "validation") for form in (Error, InferRequest, InferResponse, Reading)]
    _, found = models_json_schema(forms, ref_template=_REFERENCE)  # type: ignore[arg-type]
    described.setdefault("components", {}).setdefault("schemas", {}).update(found["$defs"])
    described["paths"] |= {v1.PATH: {"post": _digits()}, v2.infer_path("{name}"): {"post": _infer()}}
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": [model]}
    return described


def _digits() -> dict[str, Any]:
    details = {
        "name": "details",
        "in": "query",
        "description": "Whether to add probabilities, the image that was judged, and what layers make of it.",
        "schema": {"type": "boolean", "default": False},
    }
    return {
        "summary": "Read the digits in a picture",
        "operationId": "digits",
        "parameters": [details],
        "requestBody": {"required": True, "content": {name: {"schema": _BYTES} for name in v1.TYPES}},
        "responses": _responses({v2.JSON: Reading}, 422, 503),
    }


def _infer() -> dict[str, Any]:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    size = {
        "name": "Inference-Header-Content-Length",
        "in": "header",
        "description": "Bytes of JSON before the binary data, if there is any.",
        "schema": {"type": "integer", "minimum": 0},
    }
    content = {v2.JSON: {"schema": _reference(InferRequest)}, v2.BINARY: {"schema": _BYTES}}
    return {
        "summary": "Judge a minibatch of images",
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
    return {"200": {"description": "done", "content": good}} | refused


def _reference(form: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=form.__name__)}
