"""Routes that answer a question: parse, ask, answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from inspect import Parameter
from typing import Annotated, Any, Generic, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import Query as QueryParameter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from application.permissions import Permission
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.command import JSON
from interfaces.http.routing.route import DefterRoute, to_nobody
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.problems import FieldError, Problem, of_validation
from projections.query import Asked, Rows

PARAMETERS_MAX = 50
POSITION_MAX = 2**53 - 1
"""The largest whole number that every reader of JSON keeps as it is (RFC 7493, section 2.2)."""

POSITION_DIGITS_MAX = 18
"""More could be larger than what the database counts with."""

MIN_POSITION_HEADER = b"defter-min-position"
WHICH_PART = frozenset({"cursor", "limit", "min_position"})
"""Parameters that do not say what is asked for, only which part of it is answered."""


class Params(BaseModel):
    """What a query string may hold; an unknown name is refused, for it may be a filter mistyped."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Standing(Params):
    """A question to read models, which can be asked to have seen a position."""

    min_position: Annotated[
        int | None,
        Field(ge=0, le=POSITION_MAX, description="Wait until the answer holds this position"),
    ] = None


P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer: `body` as JSON, or another media type's bytes, at once or part by part."""

    body: object
    position: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status: int = 200
    media_type: bytes = JSON


@dataclass(frozen=True, slots=True)
class Question(Generic[P]):
    """A question whose parameters are as they should be."""

    params: P
    path: Mapping[str, str]
    exchange: Exchange

    def view(
        self, *read_models: str, asked: Sequence[Asked] = ()
    ) -> AbstractAsyncContextManager[View]:
        """Look at read models of the caller's tenant, as fresh as the caller asks for.

        What is `asked` comes with the beginning of the look.
        """
        services, min_position = self.exchange.services, self.min_position()
        return services.reads.tenant(
            self.exchange.principal.tenant_id,
            projections=read_models,
            min_position=min_position if read_models else None,
            deadline_seconds=services.settings.read_deadline_seconds,
            asked=asked,
        )

    async def ask(self, *asked: Asked, read_models: Sequence[str]) -> tuple[int, list[Rows]]:
        """Ask several questions of one moment at once; the position, and the rows of each."""
        services = self.exchange.services
        return await services.reads.ask(
            self.exchange.principal.tenant_id,
            *asked,
            projections=read_models,
            min_position=self.min_position(),
            deadline_seconds=services.settings.read_deadline_seconds,
        )

    def min_position(self) -> int | None:
        """Give the position that the caller asks the answer to hold."""
        asked: int | None = getattr(self.params, "min_position", None)
        header = self.exchange.headers.get(MIN_POSITION_HEADER)
        if header is None:
            return asked
        if not header.isdigit() or len(header) > POSITION_DIGITS_MAX:
            raise Problem(400, "request.min_position_invalid", "Defter-Min-Position is a number")
        return int(header) if asked is None else asked


class QueryRoute(DefterRoute, Generic[P]):
    """`ask` gives the answer to a question.

    `also` are the problems that it may answer with beside those of every question.
    """

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        params: type[P],
        ask: Callable[[Question[P]], Awaitable[Answer]],
        *,
        permission: Permission | None,
        result: Any,  # noqa: ANN401 - a model
        summary: str,
        name: str,
        keyed: bool = False,
        staff_only: bool = False,
        open_to: Callable[[Exchange], bool] | None = None,
        extra: dict[str, Any] | None = None,
        also: Collection[int] = (),
    ) -> None:
        self._validate = params.__pydantic_validator__.validate_strings
        self._ask = ask
        self._reads = reads = issubclass(params, Standing)
        context = name.partition("_")[0]
        problems = {400, 414, 422, 500, 503, *also}
        if permission is not None or keyed:
            problems |= {404, *EVERY_ROUTE}
        super().__init__(
            path,
            method="GET",
            permission=permission,
            summary=summary,
            name=name,
            tag=context,
            status=200,
            answer=result,
            problems=sorted(problems),
            parameters=[
                Parameter(
                    "params", Parameter.KEYWORD_ONLY, annotation=Annotated[params, QueryParameter()]
                )
            ]
            if params.model_fields
            else [],
            headers={
                "Defter-Min-Position": "The Defter-Position of your last command: the answer"
                " holds it, or comes as a 503.",
                "Defter-Act-For": "The customer that staff act for.",
            }
            if reads
            else {},
            keyed=keyed,
            staff_only=staff_only,
            open_to=open_to or to_nobody,
            description=ask.__doc__,
            extra=extra,
        )

    async def respond(self, exchange: Exchange) -> None:
        """Parse, ask, answer."""
        question = Question(self._params(exchange), exchange.path_params, exchange)
        if self._reads:
            question.min_position()  # is looked at by every route that has it, used or not
        answer = await self._ask(question)
        if self._is_noted(exchange):
            exchange.audited = _address(exchange)
        headers = list(answer.headers)
        if answer.position is not None:
            headers.append((b"defter-position", b"%d" % answer.position))
        body = answer.body
        if isinstance(body, AsyncGenerator):
            parts = cast("AsyncGenerator[bytes]", body)
            await exchange.stream(parts, answer.media_type, headers)
            return
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body, enc_hook=_plain)
        await exchange.answer(answer.status, raw, answer.media_type, headers)

    def _is_noted(self, exchange: Exchange) -> bool:
        """Whether the look is an event: at the audit, and whatever else an auditor looks at."""
        if self.permission is Permission.AUDIT_READ:
            return True
        guarded = self.permission is not None and self.permission is not Permission.IDENTITY_SELF
        return guarded and exchange.known and exchange.principal.audits

    def _params(self, exchange: Exchange) -> P:
        try:
            pairs = parse_qsl(
                exchange.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=PARAMETERS_MAX,
            )
        except ValueError as wrong:
            raise Problem(400, "request.malformed", "the query string can not be read") from wrong
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise Problem(400, "request.malformed", "a name appears twice in the query string")
        for name, value in fields.items():
            if "\0" in value:
                # PostgreSQL's text has no such character, whatever a parameter lets pass.
                wrong = FieldError(f"/{name}", "field.not_printable", "the text has a NUL")
                raise Problem(422, "request.invalid", "a field can not be read", errors=[wrong])
        try:
            return self._validate(fields)
        except ValidationError as wrong:
            raise of_validation(wrong) from None


def _address(exchange: Exchange) -> str:
    """Give what was asked for, whichever page of it."""
    query = parse_qsl(exchange.scope["query_string"].decode("ascii"), keep_blank_values=True)
    kept = urlencode([pair for pair in sorted(query) if pair[0] not in WHICH_PART])
    return f"{exchange.path}?{kept}" if kept else exchange.path


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)  # type: ignore[type-var] - sets of text only
    raise NotImplementedError(type(value))
