"""See wallets and what they have."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.ledger.accounts import owned
from domain.wallet.wallet import BONUS, CASH, HELD, WalletNotFound
from interfaces.http.edge.exchange import Exchange
from interfaces.http.ledger.knowing import KnownView, at_known
from interfaces.http.ledger.reports import CHART, JOURNAL, KnownParams
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.etags import tag_of, unchanged
from interfaces.http.wire.fields import CUSTOMER_PATTERN
from interfaces.http.wire.money import MoneyView, money
from projections.ledger.balances import account_balances
from projections.ledger.known import Known
from projections.wallet import balances

READ_MODEL = "wallet_balances"
ACCOUNTS = {"available": CASH, "held": HELD, "bonus": BONUS}


class LotView(BaseModel):
    """Bonus of one grant, and when what remains of it is lost."""

    lot_id: str = Field(examples=["bon_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    campaign: str
    granted: MoneyView
    remaining: MoneyView
    granted_at: datetime
    expires_at: datetime | None


class WalletView(BaseModel):
    """A wallet and what it has. `bonus` pays the shop only; `version` is the ETag."""

    wallet_id: str = Field(examples=["wal_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    owner: str
    currency: str = Field(examples=["TRY"])
    available: MoneyView
    held: MoneyView
    bonus: MoneyView
    status: str = Field(examples=["open"], description="open, frozen or closed")
    opened_at: datetime
    version: int


class WalletDetailView(WalletView):
    """A wallet with its bonus, lot by lot in the order in which they are spent."""

    bonus_lots: list[LotView]


class WalletBalanceView(BaseModel):
    """What a wallet had at the end of a day by its accounts in the books, and as known when."""

    wallet_id: str = Field(examples=["wal_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    as_of: date | None
    known: KnownView
    available: MoneyView
    held: MoneyView
    bonus: MoneyView


class WalletsView(BaseModel):
    """A page of wallets."""

    items: list[WalletView]
    next_cursor: str | None


class WalletsParams(Page):
    """Which wallets."""

    owner: Annotated[str | None, Field(pattern=f"^{CUSTOMER_PATTERN}$")] = None


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a wallet."""
    currency = row["currency"]
    return {
        "wallet_id": row["wallet_id"],
        "owner": row["owner"],
        "currency": currency,
        "available": money(row["available"], currency),
        "held": money(row["held"], currency),
        "bonus": money(row["bonus"], currency),
        "status": row["status"],
        "opened_at": row["opened_at"],
        "version": row["version"],
    }


def _lot(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lot_id": row["lot_id"],
        "campaign": row["campaign"],
        "granted": money(row["granted"], row["currency"]),
        "remaining": money(row["remaining"], row["currency"]),
        "granted_at": row["granted_at"],
        "expires_at": row["expires_at"],
    }


async def reached(view: View, exchange: Exchange, wallet_id: str) -> dict[str, Any]:
    """Find a wallet that the caller may see; another person's is as absent as none."""
    row = await balances.wallet(view.connection, exchange.principal.tenant_id, wallet_id)
    customer = exchange.on_behalf_of
    if row is None or (customer is not None and row["owner"] != customer):
        raise WalletNotFound("there is no such wallet")
    return row


async def _wallet(question: Question[Standing]) -> Answer:
    """Send the ETag back as If-Match to act only on what you saw."""
    exchange, wallet_id = question.exchange, question.path["wallet_id"]
    async with question.view(READ_MODEL) as view:
        row = await reached(view, exchange, wallet_id)
        # Most wallets have none, and are not asked for them.
        lots = (
            await balances.bonus_lots(view.connection, exchange.principal.tenant_id, wallet_id)
            if row["bonus"]
            else []
        )
    tag = tag_of(row["version"])
    headers = ((b"etag", tag),)
    if unchanged(exchange.headers.get(b"if-none-match"), tag):
        return Answer(b"", view.position, headers, status=304)
    return Answer({**told(row), "bonus_lots": [_lot(lot) for lot in lots]}, view.position, headers)


async def _wallets(question: Question[WalletsParams]) -> Answer:
    """All of the tenant, of one owner, or under Defter-Act-For the customer's own."""
    params, exchange = question.params, question.exchange
    tenant_id = exchange.principal.tenant_id
    owner = exchange.on_behalf_of or params.owner
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    async with question.view(READ_MODEL) as view:
        if owner is None:
            rows = await balances.wallets(
                view.connection, tenant_id, after=after, limit=params.limit + 1
            )
        elif params.owner not in {None, owner}:
            rows = []
        else:
            rows = await balances.wallets_of(
                view.connection, tenant_id, owner, after=after, limit=params.limit + 1
            )
    page = page_of(rows, params.limit, item=told, place=lambda row: cursor_of(row["wallet_id"]))
    return Answer(page, view.position)


async def _balance(question: Question[KnownParams]) -> Answer:
    """`as_of` says which day, `known_at` how much of the log counts: late facts came after it."""
    exchange, params = question.exchange, question.params
    models = (READ_MODEL, JOURNAL, CHART)
    async with at_known(question, params.known_at, *models) as (view, known, told):
        wallet = await reached(view, exchange, question.path["wallet_id"])
        parts = {
            name: await _stood(view, exchange, owned(code, wallet["wallet_id"]), params, known)
            for name, code in ACCOUNTS.items()
        }
    currency = wallet["currency"]
    answer = {
        "wallet_id": wallet["wallet_id"],
        "as_of": params.as_of,
        "known": told,
        **{name: money(parts[name].get(currency, 0), currency) for name in ACCOUNTS},
    }
    return Answer(answer, view.position)


async def _stood(
    view: View, exchange: Exchange, account: str, params: KnownParams, known: Known | None
) -> dict[str, int]:
    # To the shop a customer's money is a liability: what the books credit is theirs.
    found = await account_balances(
        view.connection,
        exchange.principal.tenant_id,
        account,
        as_of=params.as_of or date.max,
        known=known,
    )
    return {one.currency: -one.balance for one in found}


WALLET = QueryRoute(
    "/api/wallet/{wallet_id}",
    Standing,
    _wallet,
    permission=Permission.WALLET_READ,
    result=WalletDetailView,
    summary="See a wallet",
    name="wallet_get",
)

BALANCE = QueryRoute(
    "/api/wallet/{wallet_id}/balance",
    KnownParams,
    _balance,
    permission=Permission.WALLET_READ,
    result=WalletBalanceView,
    summary="See what a wallet had on a day, as it was known then",
    name="wallet_balance",
)

WALLETS = QueryRoute(
    "/api/wallet",
    WalletsParams,
    _wallets,
    permission=Permission.WALLET_READ,
    result=WalletsView,
    summary="List wallets",
    name="wallet_list",
)
