"""See the books: accounts, registers, the trial balance."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.ledger.accounts import OWNER_MARK, Account, UnknownAccount, code_of
from interfaces.http.ledger.knowing import KnownAt, KnownView, at_known
from interfaces.http.ledger.spans import SpanParams, cursor_at
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import CurrencyCode, WrittenOut
from interfaces.http.wire.money import MoneyView, money
from projections.ledger import balances
from projections.ledger.balances import AccountBalance
from projections.ledger.chart import books, chart
from projections.ledger.register import register

JOURNAL, CHART = "ledger_journal", "ledger_chart"


class BalanceView(BaseModel):
    """Sums in one currency, in minor units; `balance` is debit minus credit."""

    currency: str
    debit: int
    credit: int
    balance: int


class AccountView(BaseModel):
    """A line of the chart. `owner` says whose sub-accounts it has, if any."""

    code: str = Field(examples=["sales"])
    type: str = Field(examples=["income"])
    name: str
    owner: str | None
    balances: list[BalanceView]


class AccountsView(BaseModel):
    """The whole chart."""

    as_of: date | None
    known: KnownView
    items: list[AccountView]
    next_cursor: str | None


class RowView(BalanceView):
    """One account of a trial balance."""

    code: str
    type: str
    name: str


class TrialBalanceView(BaseModel):
    """All accounts; in `totals` debits equal credits, or the books are wrong."""

    as_of: date | None
    known: KnownView
    items: list[RowView]
    totals: list[BalanceView]
    balanced: bool


class LineView(BaseModel):
    """One posting; a debit is positive. `adjusts` is the shut month a late fact belongs to."""

    effective_on: date
    recorded_at: datetime
    position: int
    entry_id: str
    type: str
    rule: str
    adjusts: str | None
    amount: MoneyView
    balance: MoneyView


class RegisterView(BaseModel):
    """One account over a span of days, in one currency; a debit is positive."""

    account: str
    currency: str
    known: KnownView
    opening: MoneyView
    closing: MoneyView
    items: list[LineView]
    next_cursor: str | None


class RegisterParams(SpanParams):
    """Which part, and in which currency; the books' base currency if not said."""

    currency: CurrencyCode | None = None


class KnownParams(Standing):
    """On which day, and as it was known when."""

    as_of: Annotated[
        date | None,
        WrittenOut,
        Field(description="Count nothing after this day", examples=["2026-01-31"]),
    ] = None
    known_at: KnownAt = None


async def _accounts(question: Question[KnownParams]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    as_of = params.as_of or date.max
    async with at_known(question, params.known_at, JOURNAL, CHART) as (view, known, told):
        found = await balances.accounts(view.connection, tenant_id, as_of=as_of, known=known)
    items = [
        {**_line(account), "owner": account.owner, "balances": [sums(one) for one in amounts]}
        for account, amounts in found
    ]
    answer = {"as_of": params.as_of, "known": told, "items": items, "next_cursor": None}
    return Answer(answer, view.position)


async def _trial_balance(question: Question[KnownParams]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    as_of = params.as_of or date.max
    async with at_known(question, params.known_at, JOURNAL, CHART) as (view, known, told):
        found = await balances.trial_balance(view.connection, tenant_id, as_of=as_of, known=known)
        lines = await chart(view.connection, tenant_id)
    off = balances.imbalances(found)
    answer = {
        "as_of": params.as_of,
        "known": told,
        "items": [{**_line(lines[one.code]), **sums(one)} for one in found],
        "totals": [_total(currency, found) for currency in sorted(off)],
        "balanced": not any(off.values()),
    }
    return Answer(answer, view.position)


async def _register(question: Question[RegisterParams]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    account = question.path["account"]
    async with at_known(question, params.known_at, JOURNAL, CHART) as (view, known, told):
        await check_account(view, tenant_id, account)
        kept = await books(view.connection, tenant_id)
        currency = params.currency or (kept["base_currency"] if kept else "XXX")
        page = await register(
            view.connection,
            tenant_id,
            account=account,
            currency=currency,
            span=params.span(known),
            after=params.after(),
            limit=params.limit,
        )
    answer = {
        "account": account,
        "currency": currency,
        "known": told,
        "opening": money(page.opening, currency),
        "closing": money(page.closing, currency),
        "items": [posted(line) for line in page.lines],
        "next_cursor": cursor_at(page.next),
    }
    return Answer(answer, view.position)


def posted(line: dict[str, Any]) -> dict[str, Any]:
    """Tell a line of a register."""
    currency = line["currency"]
    kept = ("effective_on", "recorded_at", "position", "entry_id", "type", "rule", "adjusts")
    return {
        **{name: line[name] for name in kept},
        "amount": money(line["minor"], currency),
        "balance": money(line["running"], currency),
    }


async def check_account(view: View, tenant_id: object, account: str) -> None:
    """Refuse what has no register: what is in no chart, or is the sum of sub-accounts."""
    found = (await chart(view.connection, tenant_id)).get(code_of(account))
    if found is None or (OWNER_MARK in account) != (found.owner is not None):
        raise UnknownAccount("the chart has no such account with a register", account=account)


def _line(account: Account) -> dict[str, Any]:
    return {"code": account.code, "type": account.type, "name": account.name}


def sums(one: AccountBalance) -> dict[str, Any]:
    """Tell the sums of an account."""
    return {
        "currency": one.currency,
        "debit": one.debit,
        "credit": one.credit,
        "balance": one.balance,
    }


def _total(currency: str, found: list[AccountBalance]) -> dict[str, Any]:
    mine = [one for one in found if one.currency == currency]
    debit, credit = sum(one.debit for one in mine), sum(one.credit for one in mine)
    return {"currency": currency, "debit": debit, "credit": credit, "balance": debit - credit}


ACCOUNTS = QueryRoute(
    "/api/ledger/accounts",
    KnownParams,
    _accounts,
    permission=Permission.LEDGER_READ,
    result=AccountsView,
    summary="See the chart of accounts with balances",
    name="ledger_accounts",
    staff_only=True,
)

TRIAL_BALANCE = QueryRoute(
    "/api/ledger/trial-balance",
    KnownParams,
    _trial_balance,
    permission=Permission.LEDGER_READ,
    result=TrialBalanceView,
    summary="See the trial balance",
    name="ledger_trial_balance",
    staff_only=True,
)

REGISTER = QueryRoute(
    "/api/ledger/accounts/{account}/register",
    RegisterParams,
    _register,
    permission=Permission.LEDGER_READ,
    result=RegisterView,
    summary="See an account's register with running balance",
    name="ledger_register",
    staff_only=True,
)
