"""AUD-03: the log is told event by event and narrowed to what an auditor looks for."""

import pytest

from tests.http.audit.fraud import Fraud, audited, fraud, shop
from tests.http.test_whole import LIRA

__all__ = ["audited", "fraud", "shop"]
pytestmark = pytest.mark.row("AUD-03")


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
