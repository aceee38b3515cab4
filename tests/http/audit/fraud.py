"""A fraud that an auditor looks into.

Mallory of the staff raises the limit on transfers, sends what Ada has to Bora, who is in with her,
and puts the limit back.
"""

from typing import Any, NamedTuple

import pytest

from tests.http.audit.audited import audited, shop
from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller

__all__ = ["audited", "fraud", "shop"]


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
