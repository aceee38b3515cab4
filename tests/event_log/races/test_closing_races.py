"""WLT-13: whoever posts while a month is closed and sealed, what was sealed is what got in."""

import asyncio
from datetime import date

import msgspec
import pytest

from application.ledger.closing import SealPeriod, StartClosing
from application.ledger.journal import PostEntry
from domain.ledger.periods import Total, last_day
from domain.ledger.postings import Posting
from infrastructure.ledger_check.check import check_tenant
from infrastructure.postgres.connections import connect
from projections.ledger.balances import trial_balance
from tests.event_log.shop import Shop, lira
from tests.projections.stepping import catch_up

pytestmark = pytest.mark.row("WLT-13")

CLIENTS = 64
JANUARY = "2026-01"
SHUT = {"ledger.period_closing", "ledger.period_sealed"}


async def totals(shop: Shop) -> tuple[Total, ...]:
    """Take the trial balance as of the month's end, from read models that are at the log's end."""
    async with await connect(shop.database_url) as connection:
        await catch_up(connection, shop.tenant_id)
        async with connection.transaction():
            await connection.execute(
                "SELECT set_config('app.tenants', %s, true)", (f"{{{shop.tenant_id}}}",)
            )
            found = await trial_balance(connection, shop.tenant_id, as_of=last_day(JANUARY))
    return tuple(Total(one.code, one.currency, one.debit, one.credit) for one in found)


async def test_a_sealed_month_holds_exactly_what_was_accepted(shop: Shop) -> None:
    accepted: list[int] = []
    codes: set[str] = set()
    begun = asyncio.Event()

    async def posts_until_refused(place: Shop, minor: int) -> None:
        lines = (Posting("bank", lira(minor)), Posting("sales", lira(-minor)))
        while True:
            outcome = await place.send(PostEntry(lines, date(2026, 1, 31)))
            begun.set()
            if outcome.refused:
                codes.add(msgspec.json.decode(outcome.body)["code"])
                return
            accepted.append(minor)

    async def closes(place: Shop) -> None:
        await begun.wait()
        closing = await place.tell(StartClosing(JANUARY))
        found = await totals(place)
        position = place.rows().events[-1].position
        await place.tell(SealPeriod(JANUARY, closing["closing_id"], found, position))

    async with shop.beside() as second:
        await asyncio.gather(
            *(posts_until_refused((shop, second)[n % 2], n + 1) for n in range(CLIENTS)),
            closes(second),
        )
        lines = (Posting("bank", lira(1)), Posting("sales", lira(-1)))
        refused = await shop.refusal(PostEntry(lines, date(2026, 1, 31)))
    assert refused == "ledger.period_sealed"
    assert codes <= SHUT
    assert len(accepted) >= 1, "nothing was at stake"
    [(stored,)] = shop.ask(
        "SELECT data FROM defter.events WHERE tenant_id = %s AND type = 'ledger.period_sealed'",
        shop.tenant_id,
    )
    booked = sum(accepted)
    assert msgspec.json.decode(stored)["totals"] == [
        {"code": "bank", "currency": "TRY", "debit": booked, "credit": 0},
        {"code": "sales", "currency": "TRY", "debit": 0, "credit": booked},
    ]
    async with await connect(shop.database_url) as connection:
        checked = await check_tenant(connection, shop.tenant_id)
    assert checked.damage is None
    assert checked.entries == len(accepted)


async def test_a_month_is_closed_once_whoever_asks(shop: Shop) -> None:
    async with shop.beside() as second:
        outcomes = await asyncio.gather(
            *(place.send(StartClosing(JANUARY)) for place in (shop, second) for _ in range(4))
        )
    assert sum(not outcome.refused for outcome in outcomes) == 1
