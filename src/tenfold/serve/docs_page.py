"""The API's description as a page for people: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any


def docs_page(described: Mapping[str, Any]) -> bytes:
    """Return the page.

    Parameters
    ----------
    described : mapping
        OpenAPI.
    """
    info = described["info"]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])}: the API</title>",
            '<link rel="stylesheet" href="/docs.css"></head><body><main>',
            f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
            f"<p>{escape(info['description'])}</p>",
            '<p><a href="/">Draw a digit</a>, or read this <a href="/openapi.json">as OpenAPI</a>.</p>',
            *_operations(described["paths"]),
            "<h2>Forms</h2>",
            *_forms(described["components"]["schemas"]),
            "</main></body></html>",
        ]
    ).encode()


def _operations(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield f"<section><h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation['summary'])}.</p>"
            yield from _parameters(operation.get("parameters", []))
            body = operation.get("requestBody", {}).get("content", {})
            if body:
                yield f"<p>Body: {_contents(body)}.</p>"
            yield "<table><tr><th>Answer</th><th>Meaning</th><th>Form</th></tr>"
            for status, answer in operation["responses"].items():
                meaning, form = escape(answer["description"]), _contents(answer.get("content", {}))
                yield f"<tr><td>{escape(status)}</td><td>{meaning}</td><td>{form}</td></tr>"
            yield "</table></section>"


def _parameters(parameters: list[Mapping[str, Any]]) -> Iterator[str]:
    if parameters:
        yield "<ul>"
        for one in parameters:
            text = f": {escape(one['description'])}" if "description" in one else ""
            yield f"<li><code>{escape(one['name'])}</code> ({escape(one['in'])}){text}</li>"
        yield "</ul>"


def _contents(content: Mapping[str, Any]) -> str:
    """Return media types, each with a link to the form of what it carries."""
    return ", ".join(
        f"{escape(name)} {_type(one.get('schema', {}))}".strip() for name, one in content.items()
    )


def _forms(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        yield f'<section id="{escape(name)}"><h3>{escape(name)}</h3>'
        yield f"<p>{escape(schema.get('description', ''))}</p>"
        if properties := schema.get("properties"):
            yield "<table><tr><th>Field</th><th>Type</th><th></th></tr>"
            for field, one in properties.items():
                text = escape(one.get("description", ""))
                yield f"<tr><td><code>{escape(field)}</code></td><td>{_type(one)}</td><td>{text}</td></tr>"
            yield "</table>"
        yield "</section>"


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in a word or two."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(escape(repr(value)) for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(schema.get("format") or schema.get("type", "any"))
