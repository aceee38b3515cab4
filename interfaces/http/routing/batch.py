"""Routes that send many commands of one kind: each for itself, or all of them or none."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from inspect import Parameter
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Body as BodyParameter
from pydantic import BaseModel, Field, ValidationError

from application.bulk import COMMANDS_PER_BULK_MAX, Atomically
from application.envelope import Envelope, command_id_for
from application.permissions import Permission
from application.sending import Outcome
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import JSON, REPLAYED, NamedCommand
from interfaces.http.routing.idempotency import idempotency_key, request_hash
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.bodies import (
    BULK_BODY_BYTES_MAX,
    check_content_type,
    parse_object,
    read_body,
)
from interfaces.http.wire.documented import EVERY_ROUTE, ProblemView
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import (
    INTERNAL,
    of_error,
    of_refused,
    of_validation,
)

KEY_FIELD = "key"


class Mode(StrEnum):
    """Whether one refusal refuses all."""

    ATOMIC = "atomic"
    INDEPENDENT = "independent"


I = TypeVar("I", bound=Body)  # noqa: E741 - an item
R = TypeVar("R")


class Batch(Body, Generic[I]):
    """Commands of one kind, carried out in order."""

    mode: Annotated[Mode, Field(strict=False)]
    commands: Annotated[list[I], Field(min_length=1, max_length=COMMANDS_PER_BULK_MAX)]


class BatchResult(BaseModel, Generic[R]):
    """What became of one command: a body or a problem."""

    status: Annotated[int, Field(examples=[201])]
    body: R | None = None
    problem: ProblemView | None = None


class BatchAnswer(BaseModel, Generic[R]):
    """One result for each command, in their order."""

    results: list[BatchResult[R]]


class BatchRoute(DefterRoute, Generic[I]):
    """`make` turns an item into the command named by `command`."""

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        command: type[NamedCommand],
        body: type[Batch[I]],
        make: Callable[[I, Exchange], Any],
        *,
        permission: Permission,
        result: Any,  # noqa: ANN401 - the model of the answer
        summary: str,
        staff_only: bool = False,
    ) -> None:
        self._command = command
        self.command_name = f"{command.NAME}.batch"
        self._make = make
        self._validate = body.__pydantic_validator__.validate_python
        context, _, rest = command.NAME.partition(".")
        super().__init__(
            path,
            method="POST",
            permission=permission,
            summary=summary,
            name=f"{context}_{rest}_batch",
            tag=context,
            status=200,
            answer=result,
            problems=sorted({400, 404, 409, 413, 415, 422, *EVERY_ROUTE}),
            parameters=[
                Parameter(
                    "body", Parameter.KEYWORD_ONLY, annotation=Annotated[body, BodyParameter()]
                )
            ],
            headers={
                "Idempotency-Key": "Required. Items without a key of their own take it with"
                " their index.",
                "Defter-Act-For": "The customer that staff act for.",
            },
            description=(
                "`independent`: each command stands for itself, and the answer has one result for"
                " each, in order. `atomic`: one refusal refuses all and names the index."
            ),
            staff_only=staff_only,
        )

    async def respond(self, exchange: Exchange) -> None:
        """Parse, build the commands, send them, answer."""
        headers = exchange.headers
        check_content_type(headers.get(b"content-type"))
        length = headers.get(b"content-length")
        fields = parse_object(await read_body(exchange.receive, length, BULK_BODY_BYTES_MAX))
        try:
            batch: Batch[I] = self._validate(fields)
        except ValidationError as wrong:
            raise of_validation(wrong) from None
        commands = [self._make(item, exchange) for item in batch.commands]
        key = idempotency_key(exchange, required=True)
        if batch.mode is Mode.ATOMIC:
            await self._send_atomically(exchange, commands, fields, key)
        else:
            await self._send_each(exchange, commands, fields, key)

    async def _send_atomically(
        self, exchange: Exchange, commands: list[Any], fields: Mapping[str, Any], key: str
    ) -> None:
        tenant, actor = exchange.principal.tenant_id, exchange.actor()
        outcome = await exchange.services.sender.send(
            Envelope(
                tenant,
                command_id_for(tenant, actor, key),
                request_hash(f"{Atomically.NAME}/{self._command.NAME}", fields, {}),
                Atomically(tuple(commands)),
                actor,
                exchange.correlation_id,
            )
        )
        headers = _headers_of(outcome.position, replayed=outcome.replayed)
        if outcome.refused:
            problem = of_refused(outcome)
            problem.headers = (*problem.headers, *headers)
            raise problem
        bodies: list[msgspec.Raw] = msgspec.json.decode(outcome.body, type=list[msgspec.Raw])
        results = [_result(bytes(body)) for body in bodies]
        await exchange.answer(200, _joined(results), JSON, headers)

    async def _send_each(
        self, exchange: Exchange, commands: list[Any], fields: Mapping[str, Any], key: str
    ) -> None:
        tenant, actor = exchange.principal.tenant_id, exchange.actor()
        name, correlation_id = self._command.NAME, exchange.correlation_id
        envelopes: list[Envelope] = []
        for index, (command, given) in enumerate(zip(commands, fields["commands"], strict=True)):
            own = given.pop(KEY_FIELD, None) or f"{key}/{index}"
            envelopes.append(
                Envelope(
                    tenant,
                    command_id_for(tenant, actor, own),
                    request_hash(name, given, {}),
                    command,
                    actor,
                    correlation_id,
                )
            )
        outcomes = await exchange.services.sender.send_many(envelopes)
        decided = [one for one in outcomes if isinstance(one, Outcome)]
        position = max((one.position for one in decided), default=0)
        replayed = bool(decided) and all(one.replayed for one in decided)
        results = [_told(one, exchange.request_id) for one in outcomes]
        await exchange.answer(200, _joined(results), JSON, _headers_of(position, replayed=replayed))


def _headers_of(position: int, *, replayed: bool) -> list[tuple[bytes, bytes]]:
    headers = [(b"defter-position", b"%d" % position)]
    return [*headers, REPLAYED] if replayed else headers


def _joined(results: Sequence[bytes]) -> bytes:
    return b'{"results":[' + b",".join(results) + b"]}"


def _result(body: bytes) -> bytes:
    return b'{"status":201,"body":' + body + b"}"


def _told(outcome: Outcome | BaseException, request_id: str) -> bytes:
    if isinstance(outcome, Outcome):
        if not outcome.refused:
            return _result(outcome.body)
        problem = of_refused(outcome)
    else:
        problem = of_error(outcome) or INTERNAL
    return b'{"status":%d,"problem":%b}' % (problem.status, problem.body(request_id))
