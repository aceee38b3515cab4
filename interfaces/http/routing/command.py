"""Routes that send one command: parse, build, send, answer."""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from fastapi import Body as BodyParameter
from pydantic import ValidationError

from application.envelope import Envelope, command_id_for
from application.permissions import Permission
from application.sending import Outcome, RightsChanged
from domain.kernel.refusals import Refusal
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.idempotency import idempotency_key, request_hash
from interfaces.http.routing.route import REQUIRED, DefterRoute
from interfaces.http.wire.bodies import (
    BODY_BYTES_MAX,
    check_content_type,
    parse_object,
    read_body,
)
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.etags import expected_version
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem, of_refused, of_validation, unavailable

JSON = b"application/json"
REPLAYED = (b"idempotent-replay", b"true")
BODILESS = frozenset({"DELETE"})
"""Methods whose requests say everything in their path; a body means nothing (RFC 9110, 9.3.5)."""

SENDINGS_MAX = 4
"""So often a command is sent at most whose caller's rights change before it is decided."""

B = TypeVar("B", bound=Body)


class NamedCommand(Protocol):
    """A command of the application."""

    NAME: ClassVar[str]


class Asked(NamedTuple, Generic[B]):
    """A request whose body is as it should be."""

    body: B
    path: Mapping[str, str]
    exchange: Exchange


class CommandRoute(DefterRoute, Generic[B]):
    """`make` turns what was asked into the command named by `command`.

    `guards` names the stream whose version a caller may say with If-Match.
    """

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        command: type[NamedCommand],
        body: type[B],
        make: Callable[[Asked[B]], Any] | None = None,
        *,
        permission: Permission | None,
        result: Any,  # noqa: ANN401 - a dataclass of the application, or a model
        summary: str,
        method: str = "POST",
        name: str | None = None,
        status: int = 201,
        moves_money: bool = True,
        staff_only: bool = False,
        keyed: bool = False,
        tenant: UUID | None = None,
        answer: Callable[[Asked[B], bytes], bytes] | None = None,
        guards: Callable[[Asked[B]], str] | None = None,
    ) -> None:
        self._command = command
        self.command_name = command.NAME
        self._validate = body.__pydantic_validator__.validate_python
        self._make = make
        self._moves_money = moves_money
        self._guards = guards or (_wallet_of if "{wallet_id}" in path else None)
        self._tenant = tenant
        # The rights stand in the tenant's own log, and another way to answer may ask elsewhere.
        self.decided_by_log = tenant is None and type(self).respond is CommandRoute[Any].respond
        self._body_of = answer
        self._status = status
        context, _, does = command.NAME.partition(".")
        super().__init__(
            path,
            method=method,
            permission=permission,
            summary=summary,
            name=name or f"{context}_{does}",
            tag=context,
            status=status,
            answer=result,
            problems=_problems(guarded=self._guards is not None),
            parameters=[]
            if method in BODILESS
            else [
                Parameter(
                    "body", Parameter.KEYWORD_ONLY, annotation=Annotated[body, BodyParameter()]
                )
            ],
            headers=_headers(moves_money=moves_money, guarded=self._guards is not None),
            staff_only=staff_only,
            keyed=keyed,
            description=command.__doc__,
        )

    async def respond(self, exchange: Exchange) -> None:
        """Parse, build the command, send it, answer."""
        asked, fields = await self.parse(exchange)
        for _ in range(SENDINGS_MAX):
            try:
                outcome = await self._send(asked, fields)
            except (RightsChanged, Problem, Refusal) as no:
                # Nothing was decided: what says no here stands before the log, and may be so only
                # by the rights that were assumed.
                assumed = exchange.assumed
                if assumed is None or (assumed.looked and not isinstance(no, RightsChanged)):
                    raise
                await assumed.confirm()
            else:
                exchange.assumed = None
                await self.answer(asked, outcome, self._body_of)
                return
        raise unavailable("auth.rights_changing", "your rights change all the time; send it again")

    async def _send(self, asked: Asked[B], fields: Mapping[str, Any]) -> Outcome:
        if self._make is None:
            raise NotImplementedError
        envelope = self.envelope(asked, fields, self._make(asked))
        return await asked.exchange.services.sender.send(envelope)

    async def parse(self, exchange: Exchange) -> tuple[Asked[B], dict[str, Any]]:
        """Read the body; raises a problem for what is not as it should be."""
        if exchange.method in BODILESS:
            return Asked(self._validate({}), exchange.path_params, exchange), {}
        headers = exchange.headers
        check_content_type(headers.get(b"content-type"))
        raw = await read_body(exchange.receive, headers.get(b"content-length"), BODY_BYTES_MAX)
        fields = parse_object(raw)
        try:
            body: B = self._validate(fields)
        except ValidationError as wrong:
            raise of_validation(wrong) from None
        return Asked(body, exchange.path_params, exchange), fields

    def envelope(self, asked: Asked[B], fields: Mapping[str, Any], command: object) -> Envelope:
        """Put a command on its way under the id that its sender chose."""
        exchange = asked.exchange
        tenant = self._tenant or exchange.principal.tenant_id
        actor = exchange.actor()
        key = idempotency_key(exchange, required=self._moves_money)
        return Envelope(
            tenant,
            command_id_for(tenant, actor, key),
            request_hash(self._command.NAME, fields, asked.path),
            command,
            actor,
            exchange.correlation_id,
            expects=self._expects(asked),
            rights_at=_NOTHING if exchange.assumed is None else exchange.assumed.rights_at,
        )

    async def answer(
        self,
        asked: Asked[B],
        outcome: Outcome,
        body_of: Callable[[Asked[B], bytes], bytes] | None = None,
    ) -> None:
        """Answer with what became of the command."""
        headers: list[tuple[bytes, bytes]] = []
        if self._tenant is None:
            # The position of another log would mean nothing to who reads this tenant's.
            headers.append((b"defter-position", b"%d" % outcome.position))
        if outcome.replayed:
            headers.append(REPLAYED)
        if outcome.refused:
            problem = of_refused(outcome)
            problem.headers = (*problem.headers, *headers)
            raise problem
        body = outcome.body if body_of is None else body_of(asked, outcome.body)
        await asked.exchange.answer(self._status, body, JSON, headers)

    def _expects(self, asked: Asked[B]) -> Mapping[str, int]:
        given = asked.exchange.headers.get(b"if-match")
        if given is None or self._guards is None:
            return _NOTHING
        return {self._guards(asked): expected_version(given)}


_NOTHING: Mapping[str, int] = {}


def _wallet_of(asked: Asked[Any]) -> str:
    return f"wallet-{asked.path['wallet_id']}"


def _problems(*, guarded: bool) -> Sequence[int]:
    mine = (400, 404, 409, 413, 415, 422, *((412,) if guarded else ()))
    return sorted({*mine, *EVERY_ROUTE})


def _headers(*, moves_money: bool, guarded: bool) -> Mapping[str, str]:
    need = f"{REQUIRED} " if moves_money else ""
    return {
        "Idempotency-Key": f"{need}The same key and body give the first outcome again.",
        "Defter-Act-For": "The customer that staff act for, such as cus_01k3xq8m5w.",
        **({"If-Match": 'The ETag of what you read, such as "7".'} if guarded else {}),
    }
