"""How problems stand in the API's documentation."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from interfaces.http.wire.problems import TITLES


class FieldErrorView(BaseModel):
    """What is wrong with one field."""

    pointer: str = Field(description="JSON pointer (RFC 6901)", examples=["/amount/minor"])
    code: str = Field(examples=["field.out_of_range"])
    detail: str


class ProblemView(BaseModel):
    """RFC 9457 problem details. Machines read `code`, people read `detail`."""

    type: str = Field(examples=["/problems/wallet.insufficient_funds"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["wallet.insufficient_funds"])
    request_id: str
    errors: list[FieldErrorView] | None = None
    facts: dict[str, Any] | None = None


_CODES: Mapping[int, str] = {
    400: "request.malformed",
    401: "auth.key_unknown",
    403: "auth.permission_missing",
    404: "wallet.not_found",
    409: "wallet.insufficient_funds",
    412: "request.version_changed",
    413: "request.too_large",
    414: "request.target_too_long",
    415: "request.not_json",
    422: "request.invalid",
    429: "request.quota_exceeded",
    500: "service.internal_error",
    503: "service.overloaded",
}

_CODE_SCHEMA = {"$ref": "#/components/schemas/ProblemView"}


def _response(status: int, code: str) -> dict[str, Any]:
    example = {
        "type": f"/problems/{code}",
        "title": TITLES[status],
        "status": status,
        "detail": "…",
        "code": code,
        "request_id": "req_5f0c9a31b2d40000000001",
    }
    content = {"schema": _CODE_SCHEMA, "example": example}
    return {"description": TITLES[status], "content": {"application/problem+json": content}}


PROBLEM_RESPONSES: Mapping[int, dict[str, Any]] = {
    status: _response(status, code) for status, code in _CODES.items()
}
EVERY_ROUTE = (401, 403, 429, 500, 503)
"""What any route with a permission may answer."""
