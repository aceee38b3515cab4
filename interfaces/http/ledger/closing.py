"""Close months, seal them, and reopen the last one."""

from application.ledger.closing import (
    ApproveReopening,
    CancelClosing,
    ClosingResult,
    PeriodResult,
    RequestReopening,
    SealPeriod,
    SealResult,
    StartClosing,
)
from application.permissions import Permission
from domain.ledger.periods import Total, last_day
from interfaces.http.edge.exchange import Exchange
from interfaces.http.ledger.periods import PERIODS, at_log_end
from interfaces.http.ledger.reports import JOURNAL
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, Text
from projections.ledger.balances import trial_balance
from projections.ledger.periods import CLOSING, period


class ClosingBody(Body):
    """Nothing more to say."""


class ReopeningBody(Body):
    """Why the month should be open again."""

    reason: Text


class SealRoute(CommandRoute[ClosingBody]):
    """Seals a month with the trial balance that the read models give as of its end."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, take the trial balance, send, answer."""
        asked, fields = await self.parse(exchange)
        command = await _sealing(exchange, asked.path["period"])
        envelope = self.envelope(asked, fields, command)
        await self.answer(asked, await exchange.services.sender.send(envelope))


async def _sealing(exchange: Exchange, name: str) -> SealPeriod:
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with at_log_end(exchange, PERIODS) as (view, _):
        row = await period(view.connection, tenant_id, name)
        known = view.position
    # The totals are taken at a position at which the closing is known, so nothing can follow that
    # would change them. If it was begun anew since, that one has another id and the rule refuses.
    closing_id = row["closing_id"] if row["state"] == CLOSING else None
    async with services.reads.tenant(
        tenant_id,
        projections=(JOURNAL,),
        min_position=known,
        deadline_seconds=services.settings.read_deadline_seconds,
    ) as view:
        found = await trial_balance(view.connection, tenant_id, as_of=last_day(name))
    totals = tuple(Total(one.code, one.currency, one.debit, one.credit) for one in found)
    return SealPeriod(name, closing_id or "", totals, view.position)


def _start(asked: Asked[ClosingBody]) -> StartClosing:
    return StartClosing(asked.path["period"])


def _cancel(asked: Asked[ClosingBody]) -> CancelClosing:
    return CancelClosing(asked.path["period"])


def _request(asked: Asked[ReopeningBody]) -> RequestReopening:
    return RequestReopening(asked.path["period"], asked.body.reason)


def _approve(asked: Asked[ClosingBody]) -> ApproveReopening:
    return ApproveReopening(asked.path["period"])


START = CommandRoute(
    "/api/ledger/periods/{period}/closing",
    StartClosing,
    ClosingBody,
    _start,
    permission=Permission.LEDGER_CLOSE,
    result=ClosingResult,
    summary="Begin to close a month: nothing gets into it any more",
    moves_money=False,
    staff_only=True,
)

CANCEL = CommandRoute(
    "/api/ledger/periods/{period}/cancel",
    CancelClosing,
    ClosingBody,
    _cancel,
    permission=Permission.LEDGER_CLOSE,
    result=PeriodResult,
    summary="Leave a closing month open after all",
    moves_money=False,
    staff_only=True,
)

SEAL = SealRoute(
    "/api/ledger/periods/{period}/seal",
    SealPeriod,
    ClosingBody,
    permission=Permission.LEDGER_CLOSE,
    result=SealResult,
    summary="Seal a closing month with its trial balance",
    moves_money=False,
    staff_only=True,
)

REQUEST = CommandRoute(
    "/api/ledger/periods/{period}/reopen-request",
    RequestReopening,
    ReopeningBody,
    _request,
    permission=Permission.LEDGER_CLOSE,
    result=PeriodResult,
    summary="Ask to reopen the last sealed month",
    moves_money=False,
    staff_only=True,
)

REOPEN = CommandRoute(
    "/api/ledger/periods/{period}/reopen",
    ApproveReopening,
    ClosingBody,
    _approve,
    permission=Permission.LEDGER_CLOSE,
    result=PeriodResult,
    summary="Reopen a month that someone else asked for",
    moves_money=False,
    staff_only=True,
)
