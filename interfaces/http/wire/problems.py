"""Errors as RFC 9457 problems; the only place where a refusal meets a status number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from pydantic import ValidationError

from application.sending import CommandFailed, IdempotencyKeyReused, NotDecided, Outcome
from domain.kernel.refusals import (
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Refusal,
    RuleBroken,
)
from infrastructure.postgres.reads import NotCaughtUp

MEDIA_TYPE = b"application/problem+json"
RETRY_AFTER_SECONDS = 1
ERRORS_MAX = 50

STATUS_OF_KIND: Mapping[str, int] = {
    "invalid": 422,
    "not_found": 404,
    "rule_broken": 409,
    "forbidden": 403,
    "precondition_failed": 412,
}
"""From what a refusal is to the status that says so."""

KIND_OF_REFUSAL: Mapping[type[Refusal], str] = {
    Invalid: "invalid",
    NotFound: "not_found",
    RuleBroken: "rule_broken",
    Forbidden: "forbidden",
    PreconditionFailed: "precondition_failed",
}

TITLES: Mapping[int, str] = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "The state does not allow it",
    412: "It has changed",
    413: "Too large",
    414: "Too long an address",
    415: "Unsupported media type",
    416: "No such part",
    422: "Invalid",
    429: "Too many requests",
    431: "Too large headers",
    500: "Internal error",
    503: "Unavailable for the moment",
}

DATABASE_AWAY: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    ConnectionError,
    TimeoutError,
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON pointer, a code, one sentence; never the value."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """An answer of "no", as an exception so that it can end a request anywhere."""

    def __init__(  # noqa: PLR0913 - the members of a problem
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        facts: Mapping[str, Any] | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.facts = facts or {}
        self.headers = headers

    def body(self, request_id: str) -> bytes:
        """Give the JSON of the problem."""
        return msgspec.json.encode(self.members(request_id))

    def members(self, request_id: str) -> dict[str, Any]:
        """Give the members of the problem."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            members["errors"] = [
                {"pointer": one.pointer, "code": one.code, "detail": one.detail}
                for one in self.errors
            ]
        if self.facts:
            members["facts"] = self.facts
        return members


def unavailable(code: str, detail: str, *, seconds: int = RETRY_AFTER_SECONDS) -> Problem:
    """Say that the same request may succeed later."""
    return Problem(503, code, detail, headers=((b"retry-after", str(seconds).encode()),))


def unauthenticated(code: str, detail: str) -> Problem:
    """Say that the caller is not known."""
    return Problem(401, code, detail, headers=((b"www-authenticate", b'ApiKey realm="defter"'),))


def of_refused(outcome: Outcome) -> Problem:
    """Tell a refusal that came back from the log."""
    refused = msgspec.json.decode(outcome.body)
    status = STATUS_OF_KIND[refused["kind"]]
    return Problem(status, refused["code"], refused["detail"], facts=refused.get("facts") or {})


def of_error(error: BaseException) -> Problem | None:
    """Tell an exception that has a meaning for the caller; None for a bug."""
    for kind, told in _MEANINGS:
        if isinstance(error, kind):
            return told(error)
    return None


def _of_refusal(refusal: Refusal) -> Problem:
    kind = next(word for type_, word in KIND_OF_REFUSAL.items() if isinstance(refusal, type_))
    return Problem(STATUS_OF_KIND[kind], refusal.code, refusal.detail, facts=refusal.facts)


def _of_not_decided(error: NotDecided) -> Problem:
    detail = (error.__doc__ or "").partition("\n")[0]
    return unavailable(error.code, detail, seconds=error.retry_after_seconds)


INTERNAL = Problem(
    500, "service.internal_error", "something broke on our side; nothing of this was written"
)


def of_validation(error: ValidationError, *, under: str = "") -> Problem:
    """Tell which fields are wrong."""
    found = error.errors(include_url=False, include_input=False)[:ERRORS_MAX]
    errors = tuple(
        FieldError(
            under + "".join(f"/{_escaped(part)}" for part in one["loc"]),
            *_said(one["type"], one["msg"]),
        )
        for one in found
    )
    return Problem(422, "request.invalid", "some fields are not as they should be", errors=errors)


_FIELD_CODES: Mapping[str, str] = {
    "missing": "field.required",
    "extra_forbidden": "field.unknown",
    "int_type": "field.not_an_integer",
    "int_from_float": "field.not_an_integer",
    "int_parsing": "field.not_an_integer",
    "int_parsing_size": "field.out_of_range",
    "greater_than_equal": "field.out_of_range",
    "less_than_equal": "field.out_of_range",
    "string_type": "field.not_a_string",
    "string_unicode": "field.not_a_string",
    "string_pattern_mismatch": "field.wrong_format",
    "string_too_long": "field.wrong_length",
    "string_too_short": "field.wrong_length",
    "too_long": "field.wrong_length",
    "too_short": "field.wrong_length",
    "enum": "field.unknown_choice",
    "literal_error": "field.unknown_choice",
    "model_type": "field.not_an_object",
    "model_attributes_type": "field.not_an_object",
    "dict_type": "field.not_an_object",
    "list_type": "field.not_a_list",
    "tuple_type": "field.not_a_list",
}


def _said(kind: str, message: str) -> tuple[str, str]:
    code = kind if "." in kind else _FIELD_CODES.get(kind, "field.invalid")
    return code, message[:1].lower() + message[1:]


def _escaped(part: int | str) -> str:
    # A name that the client made up is not repeated at length.
    return str(part)[:64].replace("~", "~0").replace("/", "~1")


def _of_reused_key(error: IdempotencyKeyReused) -> Problem:
    return Problem(422, error.code, "this Idempotency-Key was used for another request")


def _of_behind(error: NotCaughtUp) -> Problem:
    return unavailable(error.code, "the answer does not hold that position yet")


def _of_database(_error: Exception) -> Problem:
    return unavailable("service.database_unavailable", "the database can not be reached")


def _of_bug(_error: CommandFailed) -> Problem:
    return INTERNAL


def _itself(problem: Problem) -> Problem:
    return problem


Kinds = type[Exception] | tuple[type[Exception], ...]

_MEANINGS: Sequence[tuple[Kinds, Callable[[Any], Problem]]] = (
    (Problem, _itself),
    (Refusal, _of_refusal),
    (NotDecided, _of_not_decided),
    (IdempotencyKeyReused, _of_reused_key),
    (CommandFailed, _of_bug),
    (NotCaughtUp, _of_behind),
    (DATABASE_AWAY, _of_database),
)
"""What an exception means to the caller, the first that fits."""
