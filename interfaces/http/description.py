"""What the OpenAPI document says beyond its routes."""

from collections.abc import Sequence
from typing import Any, cast

from fastapi.openapi.utils import get_openapi

from infrastructure.release import RELEASE
from interfaces.http.operations.documents import example_of
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.documented import ProblemView

ABOUT = (
    "Wallets and books on an event log. Send commands with an Idempotency-Key, read answers that"
    " hold at least Defter-Min-Position. Amounts are whole minor units. Errors are RFC 9457"
    " problems whose code is stable."
)
TAGS = (
    ("wallet", "Wallets, holds, transfers"),
    ("ledger", "Chart of accounts, journal, trial balance"),
    ("events", "The event log as a pull feed"),
    ("identity", "Registration, login, sessions, passwords"),
    ("users", "Customers"),
    ("identity", "Accounts, staff and roles"),
    ("tenants", "Tenants, their settings and API keys"),
    ("catalog", "Products, and what sorts and finds them"),
    ("notifications", "What is mailed to customers"),
    ("jobs", "What is done outside, attempt by attempt"),
    ("health", "Whether the service is well"),
    ("operations", "Metrics and settings"),
    ("documents", "This description"),
)


def describe(routes: Sequence[DefterRoute]) -> dict[str, Any]:
    """Describe the routes as OpenAPI 3.1."""
    described = get_openapi(
        title="Defter",
        version=RELEASE,
        description=ABOUT,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
    )
    components = described["components"]
    problem = ProblemView.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"].update(problem.pop("$defs", {}))
    components["schemas"]["ProblemView"] = problem
    components["securitySchemes"] = {
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A secret key, dsk_…, acts as a staff member; a publishable one, dpk_…,"
            " only names the tenant",
        },
        "Session": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of somebody who has logged in",
        },
    }
    for operations in described["paths"].values():
        for operation in operations.values():
            _complete(operation, described)
    _close(described)
    return described


def _close(schema: Any) -> None:  # noqa: ANN401 - any part of the document
    """Say of objects whose names follow a pattern that there are no other names."""
    if isinstance(schema, dict):
        parts = cast("dict[str, Any]", schema)
        if "patternProperties" in parts:
            parts.setdefault("additionalProperties", False)
        for part in parts.values():
            _close(part)
    elif isinstance(schema, list):
        for part in cast("list[Any]", schema):
            _close(part)


def _complete(operation: dict[str, Any], described: dict[str, Any]) -> None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        body["example"] = example_of(body["schema"], described)
    for parameter in operation.get("parameters", ()):
        # What is left away is not sent as null, which a query or a header can not say.
        parameter["schema"] = _without_null(parameter["schema"])
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status == "422":
            # FastAPI's own shape of validation errors is not what is answered here.
            content.pop("application/json", None)
    answered = operation.get("x-answers")
    if answered is not None:
        success = operation["responses"]["200"]["content"]
        success[answered] = success.pop("application/json")
        del operation["x-answers"]
    for media in operation.pop("x-answers-also", ()):
        operation["responses"]["200"]["content"][media] = {"schema": {"type": "string"}}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: value for name, value in schema.items() if name != "anyOf"}}
