"""Diagram 20 as Appendix B of the inventory reads it, from registration to bonus, over HTTP.

Each request is an aggregate of its own: nothing is credited before approval, money is held at the
withdrawal request, and a pending request never keeps a wallet from paying.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.conftest import Api
from tests.http.test_whole import LIRA, shop
from tests.http.wallet.test_requests import IBAN, Shop

__all__ = ["shop"]

pytestmark = [
    pytest.mark.row(code)
    for code in ("WLT-01", "WLT-06", "WLT-07", "WLT-08", "WLT-09", "WLT-14", "WLT-15")
]


def lira(minor: int) -> dict[str, Any]:
    return {"amount": LIRA | {"minor": minor}}


async def registered(staff: Shop, customer: str, moment: datetime) -> str:
    """Register a customer, and give the wallet that followed by itself (t1)."""
    body = {
        "customer_id": customer,
        "locale": "tr",
        "name": "Ali",
        "email": f"{customer}@x.example",
    }
    await staff.post("/api/customers", body)
    await staff.post("/api/test/clock", {"to": moment.isoformat()})
    wallets = (await staff.get(f"/api/wallet?owner={customer}")).json()["items"]
    assert [one["currency"] for one in wallets] == ["TRY"]
    return wallets[0]["wallet_id"]


async def test_the_wallet_of_diagram_20(shop: Api) -> None:
    staff, now = Shop(shop), datetime.now(UTC)
    ali = await registered(staff, "cus_ada1", now + timedelta(minutes=1))
    veli = await registered(staff, "cus_veli", now + timedelta(minutes=2))
    assert await staff.money(ali) == (0, 0)

    # t2, t3: money in is asked for; nothing is credited while it waits.
    pending = await staff.ask(ali, "topup-requests", 5_000)
    unwanted = await staff.ask(ali, "topup-requests", 900)
    assert await staff.money(ali) == (0, 0)

    # t14, t15: the wallet pays while requests are pending.
    await staff.post(f"/api/wallet/{ali}/top-ups", lira(2_000))
    hold = await staff.post(f"/api/wallet/{ali}/holds", lira(1_500) | {"hold_id": "ord_0001"})
    assert await staff.money(ali) == (500, 1_500)
    await staff.post(f"/api/wallet/{ali}/holds/{hold['hold_id']}/captures", {})
    assert await staff.money(ali) == (500, 0)

    # t4, t6 and t5, t7: approved by another pair of eyes, or rejected.
    await staff.decide(pending, "approve")
    await staff.decide(unwanted, "reject", reason="the slip is of another shop")
    assert await staff.money(ali) == (5_500, 0)
    assert await staff.refused(pending, "reject", **staff.checker) == "wallet.request_not_pending"

    # t8, t9: money out is held at the request. t10, t12: approved and paid. t11, t13: rejected.
    out = await staff.ask(ali, "withdrawals", 2_000, iban=IBAN)
    back = await staff.ask(ali, "withdrawals", 1_000, iban=IBAN)
    assert await staff.money(ali) == (2_500, 3_000)
    await staff.decide(out, "approve")
    assert await staff.money(ali) == (2_500, 3_000)
    await staff.decide(out, "paid", bank_reference="EFT 7")
    await staff.decide(back, "reject", reason="not the owner's account")
    assert await staff.money(ali) == (3_500, 0)

    # t16, t17: to another customer's wallet. t18, t19: bonus is earned beside the cash.
    await staff.post("/api/wallet/transfers", lira(700) | {"source": ali, "target": veli})
    await staff.post(f"/api/wallet/{ali}/bonus", lira(250) | {"campaign": "spring"})
    seen = (await staff.get(f"/api/wallet/{ali}")).json()
    assert (seen["available"]["minor"], seen["bonus"]["minor"]) == (2_800, 250)
    assert await staff.money(veli) == (700, 0)

    states = await staff.states(ali)
    assert sorted(states) == [
        ("top_up", "approved"),
        ("top_up", "rejected"),
        ("withdrawal", "paid"),
        ("withdrawal", "rejected"),
    ]
    balance = (await staff.get("/api/ledger/trial-balance")).json()["items"]
    assert sum(line["balance"] for line in balance) == 0
    of = {line["code"]: line["balance"] for line in balance}
    assert of["bank"] == 2_000 + 5_000 - 2_000
    assert (of["sales"], of["wallet.cash"], of["wallet.bonus"]) == (-1_500, -3_500, -250)
