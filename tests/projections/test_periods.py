"""WLT-13: the months as finance sees them."""

from typing import Any

from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from projections.ledger.entries import entry
from projections.ledger.periods import Standing, period, periods, standing
from projections.query import Connection
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log

JANUARY, FEBRUARY, MARCH = "2026-01", "2026-02", "2026-03"
READS = ("ledger_periods", "ledger_journal")


async def seen(
    database_url: str, log: Log, *, last: int | None = None
) -> tuple[Standing, dict[str, dict[str, Any]]]:
    log.store(database_url, last=last)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    reads = Reads(database_url)
    await reads.open()
    async with reads.tenant(log.tenant_id, projections=READS) as look:
        stands = await standing(look.connection, log.tenant_id)
        rows = {name: await period(look.connection, log.tenant_id, name) for name in NAMES}
        await check_pages(look.connection, log)
        lines = await entry(look.connection, log.tenant_id, "journal-jrn_0001.1")
        assert {line["adjusts"] for line in lines} <= {FEBRUARY}
    await reads.close()
    return stands, rows


NAMES = ("2025-12", JANUARY, FEBRUARY, MARCH)


async def check_pages(connection: Connection, log: Log) -> None:
    whole = await periods(connection, log.tenant_id, limit=50)
    names = [row["period"] for row in whole]
    assert names == sorted(names, reverse=True)
    paged: list[dict[str, Any]] = []
    while page := await periods(
        connection, log.tenant_id, limit=1, **({"before": paged[-1]["period"]} if paged else {})
    ):
        paged += page
    assert paged == whole


def position_of(log: Log, name: str, *, nth: int = 1) -> int:
    return [position for position, *_, event in log.events if name == event.NAME][nth - 1]


async def test_a_month_shows_what_was_decided_and_what_is_booked_in_it(database_url: str) -> None:
    log = lively()
    stands, rows = await seen(database_url, log)
    assert stands == Standing(sealed_until=FEBRUARY, sealed_from=JANUARY, closing=None)
    assert [rows[name]["state"] for name in NAMES] == ["sealed", "sealed", "sealed", "open"]
    february = rows[FEBRUARY]
    assert (february["entries"], february["adjustments"]) == (0, 1)
    assert (february["changed_by"], february["closing_id"]) == ("stf_a", "cls_0004")
    assert february["up_to"] == len(log.events) - 2
    assert len(february["digest"]) == 64
    assert not february["reopening_by"]
    entries = sum(hasattr(event, "entry") for *_, event in log.events)
    assert (rows[MARCH]["entries"], rows[MARCH]["adjustments"]) == (entries, 0)
    assert rows["2025-12"]["digest"] is None


async def test_what_is_closed_first_takes_all_months_before_it_along(database_url: str) -> None:
    log = lively()
    begun = position_of(log, "ledger.closing_started")
    stands, rows = await seen(database_url, log, last=begun)
    assert stands == Standing(None, None, JANUARY)
    assert [rows[name]["state"] for name in NAMES] == ["closing", "closing", "open", "open"]


async def test_a_cancelled_closing_leaves_the_month_open(database_url: str) -> None:
    log = lively()
    stands, rows = await seen(database_url, log, last=position_of(log, "ledger.closing_cancelled"))
    assert stands == Standing(None, None, None)
    assert rows[JANUARY]["state"] == "open"


async def test_a_reopened_month_is_open_and_the_one_before_it_sealed(database_url: str) -> None:
    log = lively()
    asked, reopened = (
        position_of(log, f"ledger.{name}") for name in ("reopening_requested", "period_reopened")
    )
    _, rows = await seen(database_url, log, last=asked)
    assert (rows[FEBRUARY]["state"], rows[FEBRUARY]["reopening_by"]) == ("sealed", "stf_a")
    other = lively()
    stands, rows = await seen(database_url, other, last=reopened)
    assert stands == Standing(JANUARY, JANUARY, None)
    assert (rows[FEBRUARY]["state"], rows[FEBRUARY]["changed_by"]) == ("open", "stf_b")
    assert not rows[FEBRUARY]["reopening_by"]
