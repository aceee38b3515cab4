"""All about a customer at one look (USR-05)."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.identity.account import Account
from domain.wallet.requests.stages import Stage
from infrastructure.users.timeline import READ_MODELS, read_timeline
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.users import consents, customers
from interfaces.http.wallet.balances import WalletView
from interfaces.http.wallet.balances import told as wallet_told
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from projections.users.consents import consents_of
from projections.wallet.balances import wallets_of
from projections.wallet.requests import requests_of_owner

SHOWN_MAX = 100
"""So many wallets and open requests are shown; each has a list of its own."""


class AccountView(BaseModel):
    """How a customer logs in."""

    roles: list[str]
    verified: bool
    suspended: bool
    sessions: int = Field(description="Sessions under way")


class OpenRequestView(BaseModel):
    """A request that is not decided."""

    request_id: str
    kind: str = Field(examples=["withdrawal"])
    wallet_id: str
    amount: MoneyView
    requested_at: datetime


class OverviewView(BaseModel):
    """A customer with all that is theirs."""

    profile: customers.CustomerView
    account: AccountView | None
    wallets: list[WalletView]
    open_requests: list[OpenRequestView]
    consents: list[consents.ConsentView]
    last_activity_at: datetime | None


async def _overview(question: Question[Standing]) -> Answer:
    """All of it stands at one position; the account is told as of now."""
    exchange, customer_id = question.exchange, question.path["customer_id"]
    tenant_id = exchange.principal.tenant_id
    async with question.view(customers.READ_MODEL, consents.READ_MODEL, *READ_MODELS) as view:
        row = await customers.reached(view, exchange, customer_id)
        connection = view.connection
        texts = await opened(exchange, view, customers.sealed(row))
        wallets = await wallets_of(connection, tenant_id, customer_id, limit=SHOWN_MAX)
        requests = await requests_of_owner(
            connection, tenant_id, customer_id, state=Stage.PENDING, limit=SHOWN_MAX
        )
        given = await consents_of(connection, tenant_id, customer_id)
        last = await read_timeline(
            connection, tenant_id, customer_id, until_position=view.position, latest=True, limit=1
        )
    account = (await exchange.services.accounts.rights(tenant_id, customer_id)).account
    overview = {
        "profile": customers.told(row, texts),
        "account": _account(account),
        "wallets": [wallet_told(wallet) for wallet in wallets],
        "open_requests": [_request(request) for request in requests],
        "consents": [consents.told(one) for one in given],
        "last_activity_at": last[0].recorded_at if last else None,
    }
    return Answer(overview, view.position)


def _account(account: Account | None) -> dict[str, Any] | None:
    if account is None or account.closed:
        return None
    now = datetime.now(UTC)
    return {
        "roles": list(account.roles),
        "verified": account.verified,
        "suspended": account.suspended,
        "sessions": sum(session.live(now) for session in account.sessions.values()),
    }


def _request(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "request_id": row["request_id"],
        "kind": row["kind"],
        "wallet_id": row["wallet_id"],
        "amount": money(row["amount"], row["currency"]),
        "requested_at": row["requested_at"],
    }


OVERVIEW = QueryRoute(
    "/api/customers/{customer_id}/overview",
    Standing,
    _overview,
    permission=Permission.USERS_READ,
    result=OverviewView,
    summary="See all about a customer at one look",
    name="users_overview",
    staff_only=True,
)
