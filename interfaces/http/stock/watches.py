"""Hear of a variant when it is there again: who is logged in at once, guests by a mailed link."""

from typing import Annotated, Any

from pydantic import Field

from application.stock.watching import (
    AskToWatch,
    ConfirmWatch,
    EndWatch,
    WatchResult,
    WatchVariant,
)
from domain.stock.watches import WatchNotFound
from domain.users.customer import Locale
from infrastructure.identity import attempts
from infrastructure.stock.watch_links import TOKEN_LENGTH_MAX, Does, Watched, read_token
from interfaces.http.edge.exchange import Exchange
from interfaces.http.identity.proving import too_many_attempts
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.stock.shapes import NoBody
from interfaces.http.wire.contacts import EmailText, email_address
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import FieldError, Problem, unauthenticated

PATH = "/api/products/{product_id}/variants/{variant_id}/watch"


class WatchBody(Body):
    """Where to write to and in which language; who is logged in says neither."""

    email: EmailText | None = None
    locale: Annotated[Locale, Field(strict=False)] = Locale.TURKISH


class TokenBody(Body):
    """The secret of a mailed link."""

    token: Annotated[
        str,
        Field(
            min_length=1,
            max_length=TOKEN_LENGTH_MAX,
            description="What stands after #token= in the link",
            examples=["var_0001.eml_0001.proof"],
        ),
    ]


class WatchRoute(CommandRoute[WatchBody]):
    """A route for who is logged in, and for guests, who get a link first."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, see who asks, send, answer."""
        asked, fields = await self.parse(exchange)
        customer = exchange.on_behalf_of
        if customer is not None:
            command: Any = WatchVariant(
                asked.path["product_id"], asked.path["variant_id"], customer
            )
        else:
            command = await _asked_by_guest(asked)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


async def _asked_by_guest(asked: Asked[WatchBody]) -> AskToWatch:
    exchange, body = asked.exchange, asked.body
    if body.email is None:
        raise Problem(
            422,
            "request.invalid",
            "say where to write to, or log in",
            errors=[FieldError("/email", "field.missing", "a guest gives an e-mail address")],
        )
    email = await email_address(exchange, body.email)
    tenant_id = exchange.principal.tenant_id
    async with exchange.services.vault.tenant(tenant_id) as connection:
        seconds = await attempts.spend(connection, tenant_id, attempts.of_mail(email.key))
    if seconds:
        raise too_many_attempts(seconds)
    path = asked.path
    return AskToWatch(path["product_id"], path["variant_id"], email, body.locale.value)


def _end_own(asked: Asked[NoBody]) -> EndWatch:
    customer = asked.exchange.on_behalf_of
    if customer is None:
        raise unauthenticated("auth.login_required", "log in, or use the link that was mailed")
    return EndWatch(asked.path["variant_id"], customer)


def _confirm(asked: Asked[TokenBody]) -> ConfirmWatch:
    return ConfirmWatch(*_watched(asked, Does.CONFIRM))


def _unsubscribe(asked: Asked[TokenBody]) -> EndWatch:
    return EndWatch(*_watched(asked, Does.UNSUBSCRIBE))


def _watched(asked: Asked[TokenBody], does: Does) -> Watched:
    exchange = asked.exchange
    keys = exchange.services.settings.master_key_bytes
    found = read_token(keys, exchange.principal.tenant_id, does, asked.body.token)
    if found is None:
        raise WatchNotFound("the link is not good; was it copied whole?")
    return found


WATCH = WatchRoute(
    PATH,
    WatchVariant,
    WatchBody,
    permission=None,
    keyed=True,
    result=WatchResult,
    summary="Hear once when a variant is there again",
    status=202,
    moves_money=False,
)

END = CommandRoute(
    PATH,
    EndWatch,
    NoBody,
    _end_own,
    permission=None,
    keyed=True,
    result=WatchResult,
    summary="Wait no more",
    method="DELETE",
    status=200,
    moves_money=False,
)

CONFIRM = CommandRoute(
    "/api/products/watches/confirm",
    ConfirmWatch,
    TokenBody,
    _confirm,
    permission=None,
    keyed=True,
    result=WatchResult,
    summary="Confirm by the mailed link that one waits",
    status=200,
    moves_money=False,
)

UNSUBSCRIBE = CommandRoute(
    "/api/products/watches/unsubscribe",
    EndWatch,
    TokenBody,
    _unsubscribe,
    permission=None,
    keyed=True,
    result=WatchResult,
    summary="Wait no more, by the mailed link",
    name="stock_unsubscribe",
    status=200,
    moves_money=False,
)
