"""AUD-01…03: the history answers what an auditor asks after a fraud, and says on what it rests."""

import pytest

from tests.http.audit.audited import NAME
from tests.http.audit.fraud import Fraud, audited, fraud, shop
from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller

__all__ = ["audited", "fraud", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-02"), pytest.mark.row("AUD-03")]

LIMITS = "wallet_limits-main"
DAY_LIMIT = "most.standard.transfer/TRY.per_day"
POINTER = "/most/standard/transfer~1TRY/per_day"


async def test_one_event_tells_what_it_posted_and_is_found_by_its_id(fraud: Fraud) -> None:
    [sent] = await fraud.log(type="wallet.transfer_sent")
    shown = await fraud.asked(str(sent[0]))
    assert shown["changes"] == [
        {"pointer": "/available/minor", "before": 900_000, "after": 150_000},
        {"pointer": "/version", "before": 2, "after": 3},
    ]
    assert shown["postings"] == [
        {"account": f"wallet.cash:{fraud.ada}", "amount": LIRA | {"minor": 750_000}},
        {"account": f"wallet.cash:{fraud.bora}", "amount": LIRA | {"minor": -750_000}},
    ]
    assert shown["rests_on"] is None
    assert await fraud.asked(shown["event_id"]) == shown
    nowhere = "0198c1de-0000-5000-8000-000000000000"
    assert await fraud.code(nowhere) == (404, "audit.event_not_found")


async def test_a_stream_is_told_as_it_stood(fraud: Fraud) -> None:
    stream = f"wallet-{fraud.ada}"
    before = await fraud.asked("at", where=fraud.raised, stream=stream)
    assert before["state"]["available"] == LIRA | {"minor": 900_000}
    assert (before["position"], before["version"], before["rests_on"]) == (fraud.raised, 2, None)
    moment = {"where": f"@{before['recorded_at']}", "stream": stream}
    assert await fraud.asked("at", **moment) == before
    now = await fraud.asked("at", stream=stream, from_scratch="true")
    assert now["state"]["available"] == LIRA | {"minor": 150_000}
    assert (await fraud.asked("at", where="@2199-12-31", stream=stream))["state"] == now["state"]


async def test_a_place_that_is_none_is_refused_with_words(fraud: Fraud) -> None:
    stream = f"wallet-{fraud.ada}"
    early = (404, "audit.stream_not_found")
    assert await fraud.code("at", where=1, stream=stream) == early
    assert await fraud.code("at", where="@2020-01-01", stream=stream) == early
    assert await fraud.code("at", stream="nothing-like_it") == early
    ahead = (422, "audit.place_ahead")
    assert await fraud.code("at", where=10**9, stream=stream) == ahead
    for none in ("@2026-02-30", "@2026-10-31T25:00", "@9999-12-31"):
        told = await fraud.code("at", where=none, stream=stream)
        assert told == (422, "audit.place_invalid"), none
    for unread in ("yesterday", "@", "-1", "@2026-10-31 12:00"):
        told = await fraud.code("at", where=unread, stream=stream)
        assert told == (422, "request.invalid"), unread


async def test_what_changed_is_told_in_states_and_in_balances(fraud: Fraud) -> None:
    span = {"from": fraud.raised, "to": fraud.stolen}
    told = await fraud.asked("diff", **span)
    assert [place["position"] for place in (told["from"], told["to"])] == [*span.values()]
    streams = {one["stream"]: one for one in told["items"]}
    assert list(streams) == sorted(
        [f"wallet-{fraud.ada}", f"wallet-{fraud.bora}", "limit_usage-cus_ada1"]
    )
    of_ada = streams[f"wallet-{fraud.ada}"]
    assert (of_ada["from_version"], of_ada["to_version"]) == (2, 3)
    assert of_ada["changes"][0] == {
        "pointer": "/available/minor",
        "before": 900_000,
        "after": 150_000,
    }
    assert streams["limit_usage-cus_ada1"]["from_version"] == 0
    balances = (await fraud.asked("diff/balances", **span))["items"]
    assert balances == [
        {
            "account": f"wallet.cash:{wallet}",
            "before": LIRA | {"minor": before},
            "after": LIRA | {"minor": after},
        }
        for wallet, before, after in sorted(
            [(fraud.ada, -900_000, -150_000), (fraud.bora, 0, -750_000)]
        )
    ]
    one = {**span, "stream": f"wallet-{fraud.bora}"}
    assert [item["stream"] for item in (await fraud.asked("diff", **one))["items"]] == [
        f"wallet-{fraud.bora}"
    ]
    [of_bora] = (await fraud.asked("diff/balances", **one))["items"]
    assert of_bora["account"] == f"wallet.cash:{fraud.bora}"
    same = {"from": fraud.stolen, "to": fraud.stolen}
    assert (await fraud.asked("diff", **same))["items"] == []
    assert (await fraud.asked("diff", **same, stream=f"wallet-{fraud.bora}"))["items"] == []
    back = {"from": fraud.stolen, "to": fraud.raised}
    assert await fraud.code("diff", **back) == (422, "audit.span_backwards")


async def test_changes_go_on_over_pages(fraud: Fraud) -> None:
    span = {"from": 0, "to": fraud.lowered}
    for path, name in (("diff", "stream"), ("diff/balances", "account")):
        whole = [one[name] for one in (await fraud.asked(path, **span))["items"]]
        assert len(whole) > 2
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await fraud.asked(path, limit=1, **span, **cursor)
            seen += [one[name] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == whole


async def test_blame_names_who_last_set_each_field(fraud: Fraud) -> None:
    [now] = (await fraud.asked("blame", stream=LIMITS, field=DAY_LIMIT))["items"]
    assert (now["actor"], now["command"]) == ("stf_mallory", "wallet.set_limits")
    assert (now["pointer"], now["before"], now["after"]) == (POINTER, 800_000, 50_001)
    assert now["position"] == fraud.lowered
    at_the_theft = {"stream": LIMITS, "field": POINTER, "where": fraud.stolen}
    [then] = (await fraud.asked("blame", **at_the_theft))["items"]
    assert (then["before"], then["after"], then["position"]) == (50_000, 800_000, fraud.raised)
    whole = (await fraud.asked("blame", stream=f"wallet-{fraud.ada}"))["items"]
    assert {one["pointer"]: one["type"] for one in whole} == {
        "/wallet_id": "wallet.opened",
        "/owner": "wallet.opened",
        "/available/minor": "wallet.transfer_sent",
        "/available/currency": "wallet.opened",
        "/held/minor": "wallet.opened",
        "/held/currency": "wallet.opened",
        "/version": "wallet.transfer_sent",
        "/bonus/minor": "wallet.opened",
        "/bonus/currency": "wallet.opened",
        "/status": "wallet.opened",
    }
    assert (await fraud.asked("blame", stream=LIMITS, field="nowhere"))["items"] == []
    assert await fraud.code("blame", stream="wallet-wal_none1") == (404, "audit.stream_not_found")


async def test_a_read_model_is_told_as_it_stood(fraud: Fraud) -> None:
    path = "read-models/wallet_balances"
    before = await fraud.asked(path, where=fraud.raised)
    told = {row["wallet_id"]: row["available"] for row in before["items"]}
    assert told == {fraud.ada: 900_000, fraud.bora: 0}
    assert before["table"] == before["tables"][0]["name"]
    [row] = (await fraud.asked(path, key=fraud.ada))["items"]
    assert row["available"] == 150_000
    first = await fraud.asked(path, limit=1)
    rest = await fraud.asked(path, limit=1, cursor=first["next_cursor"])
    assert [one["wallet_id"] for one in (*first["items"], *rest["items"])] == sorted(told)
    assert rest["next_cursor"] is None
    days = await fraud.asked("read-models/ledger_journal", table="ledger_code_days_v2")
    assert {row["code"] for row in days["items"]} == {"bank", "wallet.cash"}
    assert await fraud.code("read-models/nothing") == (404, "audit.read_model_not_found")
    assert await fraud.code(path, table="nothing") == (422, "audit.table_unknown")


async def test_a_read_model_shows_no_personal_text_and_no_secrets(audited: Api) -> None:
    caller = Caller(audited)
    body = {"name": NAME, "email": "ada@mail.example", "locale": "tr"}
    await caller.post("/api/customers", {**body, "customer_id": "cus_ada1"})
    answer = await caller.get("/api/audit/read-models/users_customers?key=cus_ada1")
    [row] = answer.json()["items"]
    assert (row["name"], row["email"], row["phone"]) == ("[sealed]", "[sealed]", None)
    assert "sealed" not in str([*row])


async def test_every_look_at_the_history_is_staffs_alone(fraud: Fraud) -> None:
    poor = {"X-API-Key": fraud.auditor.api.key(scopes=("wallet.read",))}
    stream = f"stream=wallet-{fraud.ada}"
    for path in (
        "log",
        f"at?{stream}",
        f"blame?{stream}",
        "diff?from=1",
        "diff/balances?from=1",
        "read-models/wallet_balances",
    ):
        seen = await fraud.auditor.get(f"/api/audit/{path}")
        assert seen.status_code == 200, seen.text
        refused = await fraud.auditor.get(f"/api/audit/{path}", **poor)
        assert refused.status_code == 403, path
        acting = await fraud.auditor.get(f"/api/audit/{path}", **{"Defter-Act-For": "cus_ada1"})
        assert (acting.status_code, acting.json()["code"]) == (403, "auth.staff_only")
