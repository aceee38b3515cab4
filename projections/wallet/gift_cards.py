"""Gift cards and their redemptions: what was sold, spent, and is still owed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, select, text

from domain.kernel.events import Recorded
from domain.wallet.gifts.events import (
    GiftCardExpired,
    GiftCardIssued,
    GiftCardRedeemed,
    GiftCardVoided,
)
from projections.query import Connection, Query
from projections.read_model import Fold, Increment, Insert, Operation, ReadModel, ReadTable

OPEN, REDEEMED, EXPIRED, VOIDED = "open", "redeemed", "expired", "voided"

CARDS = ReadTable(
    "wallet_gift_cards_v1",
    Column("card_id", Text(collation="C"), primary_key=True),
    Column("hint", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("redeemed", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Index(
        "wallet_gift_cards_v1_open",
        "tenant_id",
        "card_id",
        postgresql_where=text("status = 'open'"),
    ),
    latest=("status", "version"),
    counters=("redeemed", "remaining"),
)
"""`hint` is the end of the code, by which people tell cards apart; the code is nowhere."""

REDEMPTIONS = ReadTable(
    "wallet_gift_redemptions_v1",
    Column("card_id", Text(collation="C"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("redemption_id", Text(collation="C"), nullable=False),
    Column("wallet_id", Text(collation="C"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("redeemed_at", DateTime(timezone=True), nullable=False),
    append_only=True,
)


def _issued(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        event.card_id,
        event.hint,
        event.amount.currency,
        event.amount.minor,
        event.source,
        recorded.recorded_at,
        event.expires_at,
        OPEN,
        recorded.version,
        0,
        event.amount.minor,
    )
    return (Insert(CARDS, row),)


def _redeemed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    minor = event.amount.minor
    status = OPEN if event.remaining.minor else REDEEMED
    redemption = (
        event.card_id,
        recorded.position,
        event.redemption_id,
        event.wallet_id,
        minor,
        recorded.recorded_at,
    )
    return (
        Increment(CARDS, (event.card_id,), (minor, -minor), (status, recorded.version)),
        Insert(REDEMPTIONS, redemption),
    )


def _ended(status: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        amounts = (0, -event.amount.minor)
        return (Increment(CARDS, (event.card_id,), amounts, (status, recorded.version)),)

    return fold


WALLET_GIFT_CARDS = ReadModel(
    "wallet_gift_cards",
    1,
    (CARDS, REDEMPTIONS),
    {
        GiftCardIssued: _issued,
        GiftCardRedeemed: _redeemed,
        GiftCardExpired: _ended(EXPIRED),
        GiftCardVoided: _ended(VOIDED),
    },
)

_CARD, _REDEMPTION = CARDS.table.c, REDEMPTIONS.table.c
_ONE = Query(
    select(CARDS.table).where(
        _CARD.tenant_id == bindparam("tenant_id"), _CARD.card_id == bindparam("card_id")
    )
)
_REDEMPTIONS_OF = Query(
    select(REDEMPTIONS.table)
    .where(
        _REDEMPTION.tenant_id == bindparam("tenant_id"),
        _REDEMPTION.card_id == bindparam("card_id"),
    )
    .order_by(_REDEMPTION.position.desc())
    .limit(bindparam("limit"))
)
_PAGE = select(CARDS.table).where(
    _CARD.tenant_id == bindparam("tenant_id"), _CARD.card_id > bindparam("after")
)
_PAGE_OF_ALL = Query(_PAGE.order_by(_CARD.card_id).limit(bindparam("limit")))
_PAGE_OF_OPEN = Query(
    _PAGE.where(text("status = 'open'")).order_by(_CARD.card_id).limit(bindparam("limit"))
)


async def gift_card(
    connection: Connection, tenant_id: object, card_id: str, *, limit: int
) -> dict[str, Any] | None:
    """Give one card with its latest `redemptions`, newest first, or None."""
    row = await _ONE.one(connection, tenant_id=tenant_id, card_id=card_id)
    if row is not None:
        of = {"tenant_id": tenant_id, "card_id": card_id, "limit": limit}
        row["redemptions"] = await _REDEMPTIONS_OF.all(connection, **of)
    return row


async def gift_cards(
    connection: Connection, tenant_id: object, *, only_open: bool, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of cards by id, all of them or only the open ones."""
    page = _PAGE_OF_OPEN if only_open else _PAGE_OF_ALL
    return await page.all(connection, tenant_id=tenant_id, after=after, limit=limit)
