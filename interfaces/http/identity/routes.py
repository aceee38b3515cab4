"""Routes around secrets: what they are sent is no command as it stands, and is kept by nobody.

A command's id comes from no Idempotency-Key here, for the hash that is kept beside one is quick to
make, and would be of something that holds a password. Repeating is harmless without it.
"""

from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from uuid import uuid4

import msgspec
from fastapi import Body as BodyParameter
from pydantic import ValidationError

from application.envelope import Actor, Envelope
from application.permissions import Permission
from application.sending import Outcome
from domain.identity.account import Account
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import JSON, Asked, NamedCommand
from interfaces.http.routing.idempotency import request_hash
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.bodies import check_content_type, parse_object, read_body
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.fields import Body, is_customer_id
from interfaces.http.wire.problems import Problem, of_refused, of_validation, unauthenticated

IDENTITY_BODY_BYTES_MAX = 16 * 1024

B = TypeVar("B", bound=Body)


class NoBody(Body):
    """Nothing to say."""


class Reply(NamedTuple):
    """What to answer; `position` is left away where it would tell who has an account."""

    body: object
    position: int | None = None


class IdentityRoute(DefterRoute, Generic[B]):
    """`act` does what is asked and gives the answer. It needs any key, or a permission."""

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        act: Callable[[Asked[B]], Awaitable[Reply]],
        body: type[B],
        *,
        method: str = "POST",
        permission: Permission | None = None,
        result: Any,  # noqa: ANN401 - a model or a dataclass
        summary: str,
        name: str,
        status: int = 200,
        tries_password: bool = False,
    ) -> None:
        self._act = act
        self._validate = body.__pydantic_validator__.validate_python
        self._reads_body = method != "DELETE"
        self._status = status
        given = Parameter(
            "body", Parameter.KEYWORD_ONLY, annotation=Annotated[body, BodyParameter()]
        )
        super().__init__(
            path,
            method=method,
            permission=permission,
            summary=summary,
            name=name,
            tag="identity",
            status=status,
            answer=result,
            problems=sorted({400, 404, 409, 413, 415, 422, *EVERY_ROUTE}),
            parameters=[given] if self._reads_body else [],
            keyed=permission is None,
            login_traffic=permission is None or tries_password,
            description=act.__doc__,
        )

    async def respond(self, exchange: Exchange) -> None:
        """Parse, act, answer."""
        fields = await _fields(exchange) if self._reads_body else {}
        try:
            body: B = self._validate(fields)
        except ValidationError as wrong:
            raise of_validation(wrong) from None
        reply = await self._act(Asked(body, exchange.path_params, exchange))
        headers = () if reply.position is None else ((b"defter-position", b"%d" % reply.position),)
        await exchange.answer(self._status, msgspec.json.encode(reply.body), JSON, headers)


class OwnSession(NamedTuple):
    """Whose session a request belongs to."""

    person_id: str
    session_id: str


def own_session(exchange: Exchange) -> OwnSession:
    """Give the session of whoever asks; a key alone has none."""
    principal = exchange.principal
    if principal.session_id is None:
        raise Problem(
            403, "auth.session_needed", "this is for somebody who has logged in, not for a key"
        )
    return OwnSession(principal.actor_id, principal.session_id)


async def own_account(exchange: Exchange) -> Account:
    """Give the account of whoever asks by a session, as it is now."""
    own = own_session(exchange)
    rights = await exchange.services.accounts.rights(exchange.principal.tenant_id, own.person_id)
    if rights.account is None:  # forgotten in this very moment
        raise session_ended()
    return rights.account


def as_person(exchange: Exchange, person_id: str) -> Actor:
    """Let a person be the one who acts: a secret that they alone have was just shown.

    Whoever's session the request came by besides does not count.
    """
    own = person_id if is_customer_id(person_id) else None
    return exchange.actor()._replace(actor_id=person_id, on_behalf_of=own, session_id=None)


def session_ended() -> Problem:
    """Say that a session is over, whatever ended it."""
    return unauthenticated("auth.session_ended", "the session is over; log in again")


async def send(exchange: Exchange, command: NamedCommand, actor: Actor | None = None) -> Outcome:
    """Send a command under an id of its own; raises the problem of a refusal."""
    outcome = await exchange.services.sender.send(
        Envelope(
            exchange.principal.tenant_id,
            uuid4(),
            request_hash(command.NAME, {}, {}),
            command,
            actor or exchange.actor(),
            exchange.correlation_id,
        )
    )
    if outcome.refused:
        raise of_refused(outcome)
    return outcome


async def _fields(exchange: Exchange) -> dict[str, Any]:
    headers = exchange.headers
    check_content_type(headers.get(b"content-type"))
    length = headers.get(b"content-length")
    return parse_object(await read_body(exchange.receive, length, IDENTITY_BODY_BYTES_MAX))
