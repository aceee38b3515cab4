"""OBS-03: business events are asked for by type, stream, actor and time, with a permission."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("OBS-03")

shop = test_whole.shop
Event = dict[str, Any]


async def told(caller: Caller, **asked: object) -> list[Event]:
    answer = await caller.get(f"/api/events?{urlencode(asked)}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def busy(caller: Caller) -> tuple[str, list[Event]]:
    """Let things happen at many moments; give a wallet and everything that happened."""
    ada, bora = await caller.wallet("cus_ada1", 10_000), await caller.wallet("cus_bora")
    for minor in (100, 200, 300):
        body = {"source": ada, "target": bora, "amount": LIRA | {"minor": minor}}
        await caller.post("/api/wallet/transfers", body)
    return ada, await told(caller)


async def test_since_takes_its_moment_along_and_until_does_not(shop: Api) -> None:
    caller = Caller(shop)
    ada, everything = await busy(caller)
    moments = sorted({event["time"] for event in everything})
    assert len(moments) > 5
    streams: list[tuple[dict[str, str], Callable[[Event], bool]]] = [
        ({}, lambda _event: True),
        ({"stream": f"wallet-{ada}"}, lambda event: event["subject"] == f"wallet-{ada}"),
    ]
    for asked, concerns in streams:
        these = [event for event in everything if concerns(event)]
        for at in moments:
            since = [event for event in these if event["time"] >= at]
            assert await told(caller, since=at, **asked) == since
            assert await told(caller, until=at, **asked) == [
                event for event in these if event["time"] < at
            ]
    first, last = moments[2], moments[-2]
    between = [event for event in everything if first <= event["time"] < last]
    assert await told(caller, since=first, until=last) == between


async def test_moments_before_and_after_all_and_without_a_zone(shop: Api) -> None:
    caller = Caller(shop)
    _, everything = await busy(caller)
    assert (
        await told(caller, since="2000-01-01T00:00:00", until="2100-01-01T00:00:00") == everything
    )
    assert await told(caller, since="2100-01-01T00:00:00Z") == []
    assert await told(caller, until="2000-01-01T00:00:00+03:00") == []
    assert await told(caller, stream="wallet-wal_none", since="2000-01-01T00:00:00Z") == []
    for wrong in ("since=yesterday", "until=12", "actor=%22"):
        answer = await caller.get(f"/api/events?{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


async def test_pages_go_on_within_a_span(shop: Api) -> None:
    caller = Caller(shop)
    _, everything = await busy(caller)
    asked = {"since": everything[3]["time"], "until": everything[-1]["time"], "limit": 2}
    whole = await told(caller, **asked | {"limit": 1_000})
    found: list[Event] = []
    after = 0
    while page := await told(caller, after=after, **asked):
        found += page
        after = page[-1]["position"]
    assert found == whole


async def test_an_actor_is_who_did_it_and_nobody_whose_name_begins_so(shop: Api) -> None:
    caller = Caller(shop)
    _, everything = await busy(caller)
    by_system = await told(caller, actor="system")
    assert {event["type"] for event in by_system} >= {"ledger.books_opened"}
    (staff_id,) = {record.staff_id for record in shop.directory.records.values()}
    by_staff = await told(caller, actor=staff_id)
    assert [*by_system, *by_staff] == everything
    assert await told(caller, actor="syste") == []
    opened = await told(caller, actor=staff_id, type="wallet.opened", since=by_staff[0]["time"])
    assert [event["type"] for event in opened] == ["wallet.opened"] * 2


async def test_events_are_for_those_who_may_read_them(shop: Api) -> None:
    poor = shop.key(scopes=("wallet.read",))
    answer = await Caller(shop).get("/api/events?actor=system", **{"X-API-Key": poor})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.permission_missing")
