"""The balance of one account on a day, as it was known then or is known now."""

from datetime import date

from pydantic import BaseModel

from application.permissions import Permission
from interfaces.http.ledger.knowing import KnownView, at_known
from interfaces.http.ledger.reports import (
    CHART,
    JOURNAL,
    BalanceView,
    KnownParams,
    check_account,
    sums,
)
from interfaces.http.routing.query import Answer, QueryRoute, Question
from projections.ledger.balances import account_balances


class AccountBalanceView(BaseModel):
    """What stood on an account at the end of a day, by currency, and as of what knowledge."""

    account: str
    as_of: date | None
    known: KnownView
    balances: list[BalanceView]


async def _balance(question: Question[KnownParams]) -> Answer:
    """`as_of` says which day, `known_at` how much of the log counts: late facts came after it."""
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    account, as_of = question.path["account"], params.as_of or date.max
    async with at_known(question, params.known_at, JOURNAL, CHART) as (view, known, told):
        await check_account(view, tenant_id, account)
        found = await account_balances(
            view.connection, tenant_id, account, as_of=as_of, known=known
        )
    answer = {
        "account": account,
        "as_of": params.as_of,
        "known": told,
        "balances": [sums(one) for one in found],
    }
    return Answer(answer, view.position)


BALANCE = QueryRoute(
    "/api/ledger/accounts/{account}/balance",
    KnownParams,
    _balance,
    permission=Permission.LEDGER_READ,
    result=AccountBalanceView,
    summary="See an account's balance on a day, as it was known then",
    name="ledger_account_balance",
    staff_only=True,
)
