"""Agree, agree no longer, and see what was agreed to (USR-11)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.users.consents import ConsentResult, GiveConsent, WithdrawConsent
from domain.kernel.events import Personal
from domain.users.consents import Channel, Purpose
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.users import customers
from interfaces.http.users.consent_texts import PurposeCode, TextVersion
from interfaces.http.users.contact import LocaleCode
from interfaces.http.users.own import own_customer
from interfaces.http.wire.fields import Body, Text
from interfaces.http.wire.personal import opened
from projections.users import consents

READ_MODEL = "users_consents"

ChannelCode = Annotated[
    Channel, Field(strict=False, description="On paper and by call: noted by staff alone")
]


class GiveBody(Body):
    """To which text one agrees, and on which way."""

    purpose: PurposeCode
    version: TextVersion
    locale: LocaleCode
    channel: ChannelCode
    proof: Text | None = None


class WithdrawBody(Body):
    """On which way one agrees no longer."""

    channel: ChannelCode = Channel.WEB


class ConsentView(BaseModel):
    """A consent that holds."""

    purpose: str = Field(examples=["marketing_email"])
    version: str
    locale: str
    channel: str
    given_at: datetime


class ConsentsView(BaseModel):
    """All consents that hold."""

    items: list[ConsentView]


class HappenedView(BaseModel):
    """A consent that was given or withdrawn. `proof` is told to keys with pii.read alone."""

    happened: str = Field(examples=["given"])
    purpose: str
    version: str
    locale: str | None
    channel: str
    proof: str | None
    at: datetime
    position: int


class ConsentHistoryView(BaseModel):
    """What holds, and a page of how it came about, oldest first."""

    given: list[ConsentView]
    items: list[HappenedView]
    next_cursor: str | None


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Tell a consent that holds."""
    return {
        "purpose": row["purpose"],
        "version": row["text_version"],
        "locale": row["locale"],
        "channel": row["channel"],
        "given_at": row["given_at"],
    }


def _give(asked: Asked[GiveBody]) -> GiveConsent:
    body = asked.body
    return GiveConsent(
        own_customer(asked.exchange),
        body.purpose,
        body.version,
        body.locale,
        body.channel,
        body.proof,
    )


def _withdraw(asked: Asked[WithdrawBody]) -> WithdrawConsent:
    purpose = Purpose(asked.path["purpose"])
    return WithdrawConsent(own_customer(asked.exchange), purpose, asked.body.channel)


async def _own(question: Question[Standing]) -> Answer:
    exchange = question.exchange
    async with question.view(READ_MODEL) as view:
        rows = await consents.consents_of(
            view.connection, exchange.principal.tenant_id, own_customer(exchange)
        )
    return Answer({"items": [told(row) for row in rows]}, view.position)


async def _of_customer(question: Question[Page]) -> Answer:
    exchange, params, customer_id = question.exchange, question.params, question.path["customer_id"]
    tenant_id = exchange.principal.tenant_id
    after = 0 if params.cursor is None else place_of(params.cursor, int)[0]
    async with question.view(READ_MODEL, customers.READ_MODEL) as view:
        await customers.reached(view, exchange, customer_id)
        given = await consents.consents_of(view.connection, tenant_id, customer_id)
        rows = await consents.history_of(
            view.connection, tenant_id, customer_id, after=after, limit=params.limit + 1
        )
        proofs = {
            row["position"]: Personal(customer_id, sealed=row["proof_sealed"])
            for row in rows
            if row["proof_sealed"]
        }
        texts = await opened(exchange, view, proofs.values())
    page = page_of(
        rows,
        params.limit,
        item=lambda row: {
            "happened": row["happened"],
            "purpose": row["purpose"],
            "version": row["text_version"],
            "locale": row["locale"],
            "channel": row["channel"],
            "proof": texts.get(proofs[row["position"]]) if row["position"] in proofs else None,
            "at": row["at"],
            "position": row["position"],
        },
        place=lambda row: cursor_of(row["position"]),
    )
    return Answer({"given": [told(row) for row in given], **page}, view.position)


OWN = QueryRoute(
    "/api/users/me/consents",
    Standing,
    _own,
    permission=Permission.IDENTITY_SELF,
    result=ConsentsView,
    summary="See what one agrees to",
    name="users_consents",
)

GIVE = CommandRoute(
    "/api/users/me/consents",
    GiveConsent,
    GiveBody,
    _give,
    permission=Permission.IDENTITY_SELF,
    result=ConsentResult,
    summary="Agree to a published text",
    moves_money=False,
)

WITHDRAW = CommandRoute(
    "/api/users/me/consents/{purpose}",
    WithdrawConsent,
    WithdrawBody,
    _withdraw,
    permission=Permission.IDENTITY_SELF,
    result=ConsentResult,
    summary="Agree no longer, as of now",
    method="DELETE",
    status=200,
    moves_money=False,
)

WITHDRAW_ON = CommandRoute(
    "/api/users/me/consents/{purpose}/withdrawal",
    WithdrawConsent,
    WithdrawBody,
    _withdraw,
    permission=Permission.IDENTITY_SELF,
    result=ConsentResult,
    summary="Agree no longer, and say on which way",
    name="users_withdraw_consent_on",
    moves_money=False,
)

OF_CUSTOMER = QueryRoute(
    "/api/customers/{customer_id}/consents",
    Page,
    _of_customer,
    permission=Permission.USERS_READ,
    result=ConsentHistoryView,
    summary="See what a customer agrees to, and how that came about",
    name="users_customer_consents",
)
