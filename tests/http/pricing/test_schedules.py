"""INV-06 over HTTP: a week of sales runs on the clock of a test tenant, and its history is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.http.conftest import Api
from tests.http.pricing.shop import MUG, OF_MUG, PRICES, Merchant, lira, price
from tests.http.test_whole import shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("INV-06")

SCHEDULES = f"{OF_MUG}/price-schedules"
DAY = timedelta(days=1)


class Calendar(Merchant):
    """Knows which day it is."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.start = datetime.now(UTC)

    def day(self, n: float) -> str:
        return (self.start + n * DAY).isoformat()

    async def advance(self, n: float) -> int:
        """Go on to a day; give how many timers fired on the way."""
        return (await self.post("/api/test/clock", {"to": self.day(n)}))["fired"]

    async def plan(self, minor: int, begins: float, ends: float | None) -> str:
        body = {"amount": lira(minor), "begins_at": self.day(begins)}
        ending = {} if ends is None else {"ends_at": self.day(ends)}
        return (await self.post(SCHEDULES, body | ending))["schedule_id"]

    async def costs(self) -> int:
        """Give what one mug costs in the standard list."""
        return (await self.now())["standard", 1][0]


async def test_prices_begin_and_end_by_themselves_and_the_past_stays_known(shop: Api) -> None:
    merchant = Calendar(shop)
    await merchant.sells_mugs()
    await merchant.post(PRICES, price(1_000))
    sale = await merchant.plan(800, 40, 47)
    last = await merchant.plan(700, 47, 49)
    dearer = await merchant.plan(1_100, 60, None)
    seen = (await merchant.get(f"{PRICES}?variant_id={MUG}")).json()
    assert [one["schedule_id"] for one in seen["scheduled"]] == [sale, last, dearer]
    assert not any(one["begun"] for one in seen["scheduled"])

    assert await merchant.advance(39) == 0
    await merchant.post(PRICES, price(980))
    assert await merchant.advance(41) == 1
    seen = (await merchant.get(f"{PRICES}?variant_id={MUG}")).json()
    (now,) = seen["items"]
    assert (now["amount"]["minor"], now["schedule_id"]) == (800, sale)
    assert datetime.fromisoformat(now["ends_at"]) == merchant.start + 47 * DAY
    assert [one["begun"] for one in seen["scheduled"]] == [True, False, False]
    reduction = (await merchant.history())["reduction"]
    assert reduction["lowest_30_days"] == lira(980)
    assert datetime.fromisoformat(reduction["since"]) >= merchant.start + 40 * DAY

    # One sale follows the other: what was lower meanwhile is what was lowest.
    await merchant.advance(48)
    assert await merchant.costs() == 700
    assert (await merchant.history())["reduction"]["lowest_30_days"] == lira(800)

    assert await merchant.advance(50) == 1
    assert await merchant.costs() == 980
    assert (await merchant.history())["reduction"] is None
    assert await merchant.advance(61) == 1
    assert await merchant.costs() == 1_100
    assert (await merchant.get(f"{PRICES}?variant_id={MUG}")).json()["scheduled"] == []

    past = (await merchant.history())["items"]
    happened = [(one["happened"], one["amount"] and one["amount"]["minor"]) for one in past[::-1]]
    assert happened == [
        ("set", 1_000),
        ("scheduled", 800),
        ("scheduled", 700),
        ("scheduled", 1_100),
        ("set", 980),
        ("began", 800),
        ("ended", 980),
        ("began", 700),
        ("ended", 980),
        ("began", 1_100),
    ]
    moments = [one["at"] for one in past]
    assert moments == sorted(moments, reverse=True)
    first = await merchant.history("?limit=4")
    rest = await merchant.history(f"?cursor={first['next_cursor']}")
    assert first["items"] + rest["items"] == past
    assert rest["next_cursor"] is None
    assert (await merchant.history("?price_list_id=plt_none"))["items"] == []


async def test_what_is_set_meanwhile_holds_after_a_sale(shop: Api) -> None:
    merchant = Calendar(shop)
    await merchant.sells_mugs()
    await merchant.post(PRICES, price(1_000))
    await merchant.plan(800, 1, 3)
    await merchant.advance(2)
    await merchant.post(PRICES, price(900))
    assert await merchant.costs() == 900
    assert await merchant.advance(4) == 1
    assert await merchant.costs() == 900


async def test_a_schedule_is_taken_back_and_a_sale_is_ended(shop: Api) -> None:
    merchant = Calendar(shop)
    await merchant.sells_mugs()
    await merchant.post(PRICES, price(1_000))
    never, sale = await merchant.plan(500, 10, 11), await merchant.plan(800, 1, 3)
    assert (await merchant.send("DELETE", f"{SCHEDULES}/{never}"))[0] == 200
    await merchant.advance(2)
    assert await merchant.costs() == 800
    assert (await merchant.send("DELETE", f"{SCHEDULES}/{sale}"))[0] == 200
    assert await merchant.costs() == 1_000
    assert await merchant.advance(20) == 0
    gone = await merchant.refused("DELETE", f"{SCHEDULES}/{sale}")
    assert gone == (404, "pricing.schedule_not_found")


async def test_refuses_a_schedule_that_overlaps_or_begins_in_the_past(shop: Api) -> None:
    merchant = Calendar(shop)
    await merchant.sells_mugs()
    sale = await merchant.plan(800, 1, 3)
    body = {"amount": lira(700), "begins_at": merchant.day(2), "ends_at": merchant.day(4)}
    status, problem = await merchant.send("POST", SCHEDULES, body)
    assert (status, problem["code"]) == (409, "pricing.schedule_overlaps")
    assert problem["facts"] == {"schedule_id": sale}
    past = body | {"begins_at": merchant.day(-1)}
    assert await merchant.refused("POST", SCHEDULES, past) == (422, "pricing.schedule_invalid")
    no_offset = body | {"begins_at": "2030-01-01T00:00:00"}
    assert await merchant.refused("POST", SCHEDULES, no_offset) == (422, "request.invalid")


async def test_a_price_that_is_crossed_out_shows_what_was_lowest(shop: Api) -> None:
    merchant = Calendar(shop)
    await merchant.sells_mugs()
    await merchant.post(PRICES, price(1_000))
    await merchant.advance(40)
    await merchant.post(PRICES, price(1_500))
    await merchant.advance(41)
    await merchant.post(PRICES, price(1_000, 1_500))
    assert (await merchant.history())["reduction"]["lowest_30_days"] == lira(1_000)
