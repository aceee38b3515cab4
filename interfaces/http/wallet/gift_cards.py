"""Gift cards as staff have them: issue, look at, void."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from application.wallet.gift_cards import GiftCardResult, IssueGiftCard, VoidGiftCard
from domain.wallet.gifts.cards import GiftCardNotFound
from infrastructure.wallet.gift_codes import hashes_of, hint_of, new_code, written
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import AccountCode, Amount, Body, Day, Moment, Text
from interfaces.http.wire.money import MoneyView, money
from projections.wallet import gift_cards

GIFT_CARDS = "wallet_gift_cards"
REDEMPTIONS_SHOWN_MAX = 500


class IssueBody(Body):
    """What to put on the card, and from which account; without `expires_at` it never expires."""

    amount: Amount
    source: AccountCode = "bank"
    expires_at: Moment | None = None
    effective_on: Day | None = None


class VoidBody(Body):
    """Why, and when it counts."""

    reason: Text | None = None
    effective_on: Day | None = None


class NewGiftCardView(BaseModel):
    """A new card. `code` is shown once; when the request is repeated it is null."""

    card_id: str
    entry_id: str
    code: str | None = Field(examples=["7Q2K-…"])
    hint: str | None = Field(examples=["…K7Q2"])


class GiftCardView(BaseModel):
    """A gift card; its code can not be seen again."""

    card_id: str
    hint: str
    status: str = Field(examples=["open"], description="open, redeemed, expired or voided")
    amount: MoneyView
    redeemed: MoneyView
    remaining: MoneyView
    source: str
    issued_at: datetime
    expires_at: datetime | None


class RedemptionView(BaseModel):
    """What went into a wallet."""

    redemption_id: str
    wallet_id: str
    amount: MoneyView
    redeemed_at: datetime


class GiftCardDetailView(GiftCardView):
    """A gift card with its latest redemptions, newest first."""

    redemptions: list[RedemptionView]


class GiftCardsView(BaseModel):
    """A page of gift cards."""

    items: list[GiftCardView]
    next_cursor: str | None


class GiftCardsParams(Page):
    """Which cards."""

    only_open: Annotated[bool, Field(description="Leave ended cards out")] = False


class IssueRoute(CommandRoute[IssueBody]):
    """A route whose answer holds a code that nothing else ever does."""

    async def respond(self, exchange: Exchange) -> None:
        """Make a code, let its hash be recorded, and show it."""
        asked, fields = await self.parse(exchange)
        body, code = asked.body, new_code()
        master_keys = exchange.services.settings.master_key_bytes
        command = IssueGiftCard(
            body.amount.money(),
            hashes_of(master_keys, exchange.principal.tenant_id, code)[0],
            hint_of(code),
            body.source,
            body.expires_at,
            body.effective_on,
        )
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        # A repeated request meets the card of the first one, whose code nobody has any more.
        shown = None if outcome.replayed else code
        await self.answer(asked, outcome, lambda _, told: _with_code(told, shown))


def _with_code(told: bytes, code: str | None) -> bytes:
    shown = {"code": code and written(code), "hint": code and hint_of(code)}
    return msgspec.json.encode({**msgspec.json.decode(told), **shown})


def _void(asked: Asked[VoidBody]) -> VoidGiftCard:
    return VoidGiftCard(asked.path["card_id"], asked.body.effective_on, asked.body.reason)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("card_id", "hint", "status", "source", "issued_at", "expires_at")
    amounts = ("amount", "redeemed", "remaining")
    return {name: row[name] for name in names} | {
        name: money(row[name], row["currency"]) for name in amounts
    }


def _redemption(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "redemption_id": row["redemption_id"],
        "wallet_id": row["wallet_id"],
        "amount": money(row["amount"], currency),
        "redeemed_at": row["redeemed_at"],
    }


async def _gift_card(question: Question[Standing]) -> Answer:
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(GIFT_CARDS) as view:
        row = await gift_cards.gift_card(
            view.connection, tenant_id, question.path["card_id"], limit=REDEMPTIONS_SHOWN_MAX
        )
    if row is None:
        raise GiftCardNotFound("there is no such gift card")
    redemptions = [_redemption(one, row["currency"]) for one in row["redemptions"]]
    return Answer({**_told(row), "redemptions": redemptions}, view.position)


async def _gift_cards(question: Question[GiftCardsParams]) -> Answer:
    return await listed(
        question,
        GIFT_CARDS,
        gift_cards.gift_cards,
        by="card_id",
        item=_told,
        only_open=question.params.only_open,
    )


ISSUE = IssueRoute(
    "/api/wallet/gift-cards",
    IssueGiftCard,
    IssueBody,
    permission=Permission.WALLET_GIFT_ISSUE,
    result=NewGiftCardView,
    summary="Issue a gift card; its code is shown once",
    staff_only=True,
)

VOID = CommandRoute(
    "/api/wallet/gift-cards/{card_id}/void",
    VoidGiftCard,
    VoidBody,
    _void,
    permission=Permission.WALLET_GIFT_ISSUE,
    result=GiftCardResult,
    summary="End a gift card; what is left goes back to where it came from",
    staff_only=True,
)

LIST = QueryRoute(
    "/api/wallet/gift-cards",
    GiftCardsParams,
    _gift_cards,
    permission=Permission.WALLET_READ,
    result=GiftCardsView,
    summary="List gift cards",
    name="wallet_gift_cards",
    staff_only=True,
)

ONE = QueryRoute(
    "/api/wallet/gift-cards/{card_id}",
    Standing,
    _gift_card,
    permission=Permission.WALLET_READ,
    result=GiftCardDetailView,
    summary="See a gift card and its redemptions",
    name="wallet_gift_card",
    staff_only=True,
)
