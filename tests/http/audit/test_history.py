"""AUD-01…03: the history answers what an auditor asks after a fraud, and says on what it rests.

Mallory of the staff raises the limit on transfers, sends what Ada has to Bora, who is in with her,
and puts the limit back.
"""

from typing import Any, NamedTuple

import pytest

from tests.http.audit.audited import NAME, audited, shop
from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller

__all__ = ["audited", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-02"), pytest.mark.row("AUD-03")]

LIMITS = "wallet_limits-main"
DAY_LIMIT = "most.standard.transfer/TRY.per_day"
POINTER = "/most/standard/transfer~1TRY/per_day"


class Fraud(NamedTuple):
    """Who asks, and what there is to be found."""

    auditor: Caller
    ada: str
    bora: str
    before: int
    raised: int
    stolen: int
    lowered: int

    async def asked(self, path: str, **params: object) -> dict[str, Any]:
        answer = await self.ask(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, path: str, **params: object) -> Any:  # noqa: ANN401 - httpx's own
        given = {"X-API-Key": self.auditor.api.secret}
        given["Defter-Min-Position"] = self.auditor.position
        words = {name.rstrip("_"): str(value) for name, value in params.items()}
        return await self.auditor.api.client.get(f"/api/audit/{path}", params=words, headers=given)

    async def code(self, path: str, **params: object) -> tuple[int, str]:
        answer = await self.ask(path, **params)
        return answer.status_code, answer.json()["code"]

    async def log(self, **params: object) -> list[tuple[int, str]]:
        items = (await self.asked("log", **params))["items"]
        return [(one["position"], one["type"]) for one in items]


async def limit(caller: Caller, minor: int, **headers: str) -> int:
    body = {"kind": "transfer", "currency": "TRY", "per_day_minor": minor}
    await caller.post("/api/wallet/limits", body, **headers)
    return int(caller.position)


@pytest.fixture
async def fraud(audited: Api) -> Fraud:
    caller = Caller(audited)
    ada, bora = await caller.wallet("cus_ada1", 900_000), await caller.wallet("cus_bora")
    before = await limit(caller, 50_000)
    mallory = {"X-API-Key": audited.key(staff_id="stf_mallory")}
    raised = await limit(caller, 800_000, **mallory)
    body = {"source": ada, "target": bora, "amount": LIRA | {"minor": 750_000}}
    acting = mallory | {"Defter-Act-For": "cus_ada1"}
    await caller.post("/api/wallet/transfers", body, **acting)
    stolen = int(caller.position)
    lowered = await limit(caller, 50_001, **mallory)
    caller.position = str(lowered)
    return Fraud(caller, ada, bora, before, raised, stolen, lowered)


async def test_the_log_is_narrowed_to_what_somebody_did_and_what_it_moved(fraud: Fraud) -> None:
    sent = next(one for one in await fraud.log() if one[1] == "wallet.transfer_sent")
    by_mallory = await fraud.log(actor="stf_mallory")
    assert [kind for _, kind in by_mallory] == [
        "wallet.limits_set",
        "wallet.usage_counted",
        "wallet.transfer_received",
        "wallet.transfer_sent",
        "wallet.limits_set",
    ]
    assert await fraud.log(actor="stf_mallory", moved="true") == [sent]
    assert await fraud.log(on_behalf_of="cus_ada1", type="wallet.transfer_sent") == [sent]
    assert await fraud.log(moved_minor_min=750_000, currency="TRY", from_position=fraud.raised) == [
        sent
    ]
    assert await fraud.log(moved_minor_min=750_000, currency="EUR") == []
    assert [kind for _, kind in await fraud.log(stream=f"wallet-{fraud.ada}")] == [
        "wallet.transfer_sent",
        "wallet.funds_topped_up",
        "wallet.opened",
    ]
    [(_, received)] = await fraud.log(object_id=fraud.bora, command="wallet.transfer_funds")
    assert received == "wallet.transfer_received"
    whole = await fraud.log(to_position=fraud.lowered)
    assert [position for position, _ in whole] == list(range(fraud.lowered, 0, -1))
    [one] = (await fraud.asked("log", from_position=sent[0], to_position=sent[0]))["items"]
    assert (one["actor"], one["on_behalf_of"]) == ("stf_mallory", "cus_ada1")
    assert (one["command"], one["moved"]) == (
        "wallet.transfer_funds",
        [LIRA | {"minor": 750_000}],
    )
    since = {"since": one["recorded_at"], "to_position": fraud.lowered}
    assert (await fraud.log(**since))[0] == (fraud.lowered, "wallet.limits_set")
    assert sent in await fraud.log(**since)
    assert await fraud.log(until=one["recorded_at"], actor="stf_mallory") == [
        (fraud.raised, "wallet.limits_set")
    ]


async def test_the_log_goes_on_over_pages_without_a_gap(fraud: Fraud) -> None:
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = await fraud.asked("log", limit=4, to_position=fraud.lowered, **cursor)
        seen += [one["position"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == list(range(fraud.lowered, 0, -1))


async def test_the_trail_of_commands_is_narrowed_alike(fraud: Fraud) -> None:
    async def commands(**asked: object) -> list[tuple[int, str]]:
        answer = await fraud.auditor.get(
            "/api/audit?" + "&".join(f"{name}={value}" for name, value in asked.items())
        )
        return [(one["position"], one["command"]) for one in answer.json()["items"]]

    [transfer] = await commands(type="wallet.transfer_sent")
    assert transfer[1] == "wallet.transfer_funds"
    assert await commands(moved="true", from_position=fraud.raised) == [transfer]
    assert await commands(from_position=fraud.raised, to_position=fraud.raised) == [
        (fraud.raised, "wallet.set_limits")
    ]


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
