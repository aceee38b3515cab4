"""AUD-03: what changed between two places is told in pages that nobody waits long for."""

import pytest

from infrastructure.audit.changed import SPAN_EVENTS_MAX, SpanTooWide, changed_streams
from infrastructure.audit.rebuilt import LOG_EVENTS_MAX, LogTooLong, check_short
from tests.event_log.history.test_milestones import looking
from tests.event_log.shop import Shop

pytestmark = pytest.mark.row("AUD-03")


async def test_a_page_ends_early_where_its_streams_are_long(shop: Shop) -> None:
    await shop.wallets(3, 5)
    (last,) = shop.ask(
        "SELECT max(position) FROM defter.events WHERE tenant_id = %s", shop.tenant_id
    )[0]
    async with looking(shop) as connection:
        whole, more = await changed_streams(
            connection, shop.tenant_id, first=0, last=last, limit=100
        )
        assert not more
        names = [one.stream for one in whole]
        assert names == sorted(names)
        assert len(names) > 3
        seen: list[str] = []
        more = True
        while more:
            after = seen[-1] if seen else ""
            page, more = await changed_streams(
                connection,
                shop.tenant_id,
                first=0,
                last=last,
                after=after,
                limit=100,
                events_max=1,
            )
            assert len(page) == 1, "one stream at least, however long"
            seen += [one.stream for one in page]
        assert seen == names


async def test_too_wide_a_span_and_too_long_a_log_are_refused(shop: Shop) -> None:
    async with looking(shop) as connection:
        with pytest.raises(SpanTooWide):
            await changed_streams(
                connection, shop.tenant_id, first=0, last=SPAN_EVENTS_MAX + 1, limit=1
            )
        await changed_streams(
            connection, shop.tenant_id, first=7, last=SPAN_EVENTS_MAX + 7, limit=1
        )
        check_short(LOG_EVENTS_MAX)
        with pytest.raises(LogTooLong) as refused:
            check_short(LOG_EVENTS_MAX + 1)
    assert "defter audit rows" in refused.value.detail
