"""OBS-01: one line for each request, and never a secret or personal data in one."""

import json

import pytest

from tests.http.conftest import PEER, Api

CANARY = "canary-8f2c"
CARD, IBAN, PASSWORD = "4111111111111111", "TR330006100519786457841326", "Correct-Horse-9!"

pytestmark = pytest.mark.row("OBS-01")


async def test_each_request_has_its_line(api: Api) -> None:
    answer = await api.transfer({"Defter-Act-For": "cus_0001"})
    line = json.loads(api.lines())
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"]) == ("POST", "/api/wallet/transfers")
    assert (line["status"], line["bytes"]) == (201, len(answer.content))
    assert (line["tenant"], line["actor_id"]) == ("shop", "stf_0001")
    assert line["on_behalf_of"] == "cus_0001"
    assert line["key_id"].startswith("key_")
    assert line["latency_ms"] >= 0


async def test_lines_keep_the_order_of_answers(api: Api) -> None:
    given = [(await api.transfer()).headers["x-request-id"] for _ in range(20)]
    assert [json.loads(line)["request_id"] for line in api.lines().splitlines()] == given


async def test_no_secret_and_nothing_personal_is_logged(api: Api) -> None:
    body = {"amount": {"minor": 1, "currency": "TRY"}, "note": f"for {CANARY}"}
    headers = {"Idempotency-Key": f"key-{CANARY}", "User-Agent": f"agent-{CANARY}"}
    await api.post("/api/wallet/wal_0001/top-ups", body, **headers)
    await api.post("/api/wallet/wal_0001/top-ups", body | {"x": CANARY}, **headers)
    await api.client.get(f"/{CANARY}?q={CANARY}", headers={"X-API-Key": api.secret})
    await api.client.get("/api/wallet", headers={"X-API-Key": f"dsk_test_{CANARY}"})
    api.sender.error = ValueError(f"bug {CANARY}")
    await api.post("/api/wallet/wal_0001/top-ups", body, **headers)
    logged = api.lines().decode()
    assert logged.count("\n") == 6
    for kept_out in (CANARY, api.secret, PEER, "dsk_test_"):
        assert kept_out not in logged


async def test_no_card_key_password_or_iban_is_logged_wherever_it_came(api: Api) -> None:
    key = api.key()
    told = (CARD, IBAN, PASSWORD, key)
    for secret in told:
        plain = {"X-API-Key": api.secret, "Idempotency-Key": f"once-{secret}"}
        await api.transfer({"Idempotency-Key": secret}, note=secret)
        await api.transfer(plain | {"Defter-Act-For": secret}, source=secret)
        await api.raw(f'{{"{secret}": "{secret}"'.encode(), **{"Content-Type": secret})
        await api.client.get(f"/api/wallet/{secret}?{secret}={secret}", headers=plain)
        await api.client.get("/api/wallet", headers={"X-API-Key": f"{secret}x"})
        for header in ("X-Request-Id", "Defter-Correlation-Id", "User-Agent", "Cookie", "Host"):
            await api.client.get("/api/wallet", headers=plain | {header: secret})
        basic = {"Authorization": f"Basic {secret}", "traceparent": secret}
        await api.client.get("/api/health", headers=basic)
        api.sender.error = ValueError(secret)
        await api.transfer(note=None)
        await api.transfer()
        api.sender.error = None
    logged = api.lines().decode()
    assert logged.count('"event":"request"') == 13 * len(told)
    for secret in told:
        assert secret not in logged


async def test_an_id_that_looks_like_no_secret_is_the_caller_s_own(api: Api) -> None:
    for given in ("order-4111111111111111", "1700000000000", "0198c1de000050008000000000000000"):
        answer = await api.client.get("/api/health/live", headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] == given
