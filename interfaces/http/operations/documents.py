"""The API's description for machines (OpenAPI 3.1), and as one page for people."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import msgspec

from interfaces.http.edge.exchange import HTML
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;text-transform:capitalize}summary{cursor:pointer;padding:.3rem 0}
code,pre{font:14px/1.4 ui-monospace,monospace;background:#8882;border-radius:4px}
code{padding:.1em .3em}pre{padding:.8rem;overflow:auto}td{padding:.1rem 1rem .1rem 0;
vertical-align:top}details{border-bottom:1px solid #8884}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}
"""

Describe = Callable[[], dict[str, Any]]


def page(described: dict[str, Any]) -> bytes:
    """Write the description as one page that needs no script and no other server."""
    groups: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(
                _operation(path, method, operation, described)
            )
    parts = [f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in groups.items()]
    info = described["info"]
    title = escape(f"{info['title']} {info['version']}")
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style>"
        f"<h1>{title}</h1><p>{escape(info['description'])}</p>"
        f"<p>For machines: <a href='/api/openapi.json'>openapi.json</a></p>{''.join(parts)}"
    ).encode()


def _operation(path: str, method: str, operation: dict[str, Any], described: dict[str, Any]) -> str:
    permission = operation.get("x-permission")
    needs = f"<p>Needs <code>{escape(permission)}</code>.</p>" if permission else "<p>Public.</p>"
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one['in'])}"
        f"<td>{escape(one.get('description', ''))}"
        for one in operation.get("parameters", [])
    )
    statuses = ", ".join(operation["responses"])
    return (
        f"<details id={escape(operation['operationId'])}><summary><code>{method.upper()} "
        f"{escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>{needs}<table>{rows}</table>"
        f"{_example(operation, described)}<p>Answers: {statuses}</p></details>"
    )


def _example(operation: dict[str, Any], described: dict[str, Any]) -> str:
    body = operation.get("requestBody")
    if body is None or "application/json" not in body["content"]:
        return ""
    schema = body["content"]["application/json"]["schema"]
    example = msgspec.json.format(msgspec.json.encode(example_of(schema, described)))
    return f"<pre>{escape(example.decode())}</pre>"


def example_of(schema: dict[str, Any], described: dict[str, Any]) -> object:
    """Make an example of a schema from the examples of its parts; optional parts stay out."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example_of(described["components"]["schemas"][name], described)
    given = [schema[key] for key in ("example", "default", "const") if key in schema]
    given += [schema[key][0] for key in ("examples", "enum") if key in schema]
    if given:
        return given[0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], described)
    return _EXAMPLES.get(schema.get("type", ""), _nothing)(schema, described)


def _object(schema: dict[str, Any], described: dict[str, Any]) -> object:
    properties = schema.get("properties", {})
    return {name: example_of(properties[name], described) for name in schema.get("required", [])}


def _array(schema: dict[str, Any], described: dict[str, Any]) -> object:
    return [example_of(schema["items"], described)] * schema.get("minItems", 1)


def _nothing(_schema: dict[str, Any], _described: dict[str, Any]) -> object:
    return None


_EXAMPLES: Mapping[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "object": _object,
    "array": _array,
    "string": lambda _schema, _described: "…",
    "integer": lambda _schema, _described: 1,
    "boolean": lambda _schema, _described: True,
}


def document_routes(describe: Describe) -> tuple[QueryRoute[Params], QueryRoute[Params]]:
    """Give the routes that serve a description, made when it is first asked for."""

    @lru_cache(maxsize=1)
    def written() -> tuple[bytes, bytes]:
        described = describe()
        return msgspec.json.encode(described), page(described)

    async def openapi(_question: Question[Params]) -> Answer:
        return Answer(written()[0])

    async def docs(_question: Question[Params]) -> Answer:
        return Answer(written()[1], media_type=HTML)

    return (
        QueryRoute(
            "/api/openapi.json",
            Params,
            openapi,
            permission=None,
            result=dict[str, Any],
            summary="This description, for machines",
            name="documents_openapi",
        ),
        QueryRoute(
            "/api/docs",
            Params,
            docs,
            permission=None,
            result=str,
            summary="This description, for people",
            name="documents_page",
            extra={"x-answers": "text/html"},
        ),
    )
