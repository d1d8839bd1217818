"""The API's description as a page for people: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tenfold.pages import render

EXAMPLES = {
    "digits": "curl -H 'Content-Type: image/png' --data-binary @number.png http://127.0.0.1:8000{path}",
    "classify": "curl -H 'Content-Type: image/png' --data-binary @picture.png http://127.0.0.1:8000{path}",
    "infer": "curl -H 'Content-Type: application/json' --data-binary @images.json http://127.0.0.1:8000{path}",
}
"""What to type for an operation, by its ``operationId``."""


def docs_page(described: Mapping[str, Any]) -> bytes:
    """Return the page: first what reads digits, then the rest; what every operation may refuse once.

    Parameters
    ----------
    described : mapping
        OpenAPI.
    """
    operations = sorted(_operations(described["paths"]), key=lambda one: one["method"] != "POST")
    refusals = {status: meaning for one in operations for status, meaning in one["refusals"].items()}
    values = {
        "title": f"{described['info']['title']}: the API",
        "info": described["info"],
        "operations": operations,
        "refusals": dict(sorted(refusals.items())),
        "schemas": dict(sorted(described["components"]["schemas"].items())),
    }
    return render("serve/docs.html.jinja", values).encode()


def _operations(paths: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            answers = operation["responses"]
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "parameters": operation.get("parameters", []),
                "body": operation.get("requestBody", {}).get("content", {}),
                "answers": {status: one for status, one in answers.items() if status < "400"},
                "refusals": {
                    status: one["description"] for status, one in answers.items() if status >= "400"
                },
                "example": EXAMPLES.get(operation["operationId"], "").format(path=_named(path, operation)),
            }


def _named(path: str, operation: Mapping[str, Any]) -> str:
    """Return a path with the name of the model that is served."""
    for one in operation.get("parameters", []):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["schema"].get("enum", ["NAME"])[0]))
    return path
