"""AUD-03: an auditor takes events along with their proof, and what is in it was asked for."""

import json
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from infrastructure.sealing.bundle import choosing
from tests.http.audit.audited import EMAIL, NAME, audited, log_in, shop
from tests.http.conftest import PEER, Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import LIRA, Caller
from tests.sealing.bundles import SOUND, said, unpacked
from tests.sealing.logs import seal

__all__ = ["audited", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-03"), pytest.mark.row("WLT-13")]

PATH = "/api/audit/bundle"


async def busy(api: Api) -> tuple[Caller, str, str]:
    caller = Caller(api)
    await caller.post("/api/customers", {"name": NAME, "email": EMAIL, "locale": "tr"})
    ada, bora = await caller.wallet("cus_ada1", 10_000), await caller.wallet("cus_bora")
    body = {"source": ada, "target": bora, "amount": LIRA | {"minor": 2_500}}
    await caller.post("/api/wallet/transfers", body, **{"Defter-Act-For": "cus_ada1"})
    return caller, ada, bora


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in unpacked(answer.content)["events.jsonl"].splitlines()]


async def test_a_bundle_over_rest_verifies_and_tells_nobodys_name(
    audited: Api, database_url: str, tmp_path: Path
) -> None:
    caller, *_ = await busy(audited)
    await (await seal(database_url, TENANT)).close()
    auditor = await log_in(audited, "stf_0007", "auditor")
    answer = await caller.get(PATH, **auditor)
    assert answer.headers["content-type"] == "application/zip"
    assert "content-length" not in answer.headers
    found = said(tmp_path, answer.content)
    assert found.code == SOUND, found.text
    told = lines(answer)
    assert [one["position"] for one in told] == list(range(1, len(told) + 1))
    assert answer.headers["defter-events"] == str(len(told))
    written = b"".join(unpacked(answer.content).values()).decode(errors="replace")
    assert not any(word in written for word in (NAME, EMAIL, PEER, "python-httpx"))
    head = await audited.client.head(PATH, headers=auditor)
    assert (head.status_code, head.content) == (200, b"")


async def test_what_was_asked_for_is_in_it_and_nothing_else(
    audited: Api, database_url: str, tmp_path: Path
) -> None:
    caller, ada, bora = await busy(audited)
    await (await seal(database_url, TENANT)).close()
    every = lines(await caller.get(PATH))
    size = len(every)

    async def positions(**asked: object) -> list[int]:
        words = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = await caller.get(f"{PATH}?checkpoint={size}&{words}")
        assert said(tmp_path, answer.content).code == SOUND
        return [one["position"] for one in lines(answer)]

    def of(*streams: str) -> list[int]:
        return [one["position"] for one in every if one["stream"] in streams]

    assert await positions(**{"from": 2, "to": 4}) == [2, 3, 4]
    assert await positions(**{"from": size}) == [size]
    assert await positions(stream=f"wallet-{ada}") == of(f"wallet-{ada}")
    both = f"wallet-{ada},wallet-{bora}"
    assert await positions(stream=both) == of(*both.split(","))
    assert await positions(stream=both, object_id=bora) == of(f"wallet-{bora}")
    assert await positions(object_id=ada, to=of(f"wallet-{ada}")[0]) == of(f"wallet-{ada}")[:1]
    transfer = [one for one in every if one["meta"]["command"] == "wallet.transfer_funds"]
    transferred = [one["position"] for one in transfer]
    assert len(transferred) == 2
    assert await positions(command="wallet.transfer_funds") == transferred
    assert await positions(on_behalf_of="cus_ada1", to=transferred[0]) == transferred[:1]
    assert await positions(moved_minor_min=2_501, currency="TRY") == [
        one["position"] for one in every if one["type"] == "wallet.funds_topped_up"
    ]
    at = transfer[0]["recorded_at"]
    assert await positions(since=at) == list(range(transferred[0], size + 1))
    assert await positions(until=at) == list(range(1, transferred[0]))
    month = at[:7]
    assert await positions(month=month) == list(range(1, size + 1))


async def test_what_can_not_be_packed_is_refused_with_words(
    audited: Api, database_url: str
) -> None:
    caller, *_ = await busy(audited)
    unsealed = await caller.get(PATH)
    assert (unsealed.status_code, unsealed.json()["code"]) == (503, "audit.not_sealed_yet")
    await (await seal(database_url, TENANT)).close()
    for asked, status, code in (
        ("to=999999", 503, "audit.not_sealed_yet"),
        ("checkpoint=999999", 503, "audit.not_sealed_yet"),
        ("checkpoint=1", 422, "audit.no_such_checkpoint"),
        ("against=1", 422, "audit.no_such_checkpoint"),
        ("actor=stf_nobody", 422, "audit.nothing_found"),
        ("stream=wallet-wal_nothing", 422, "audit.nothing_found"),
        ("month=2001-02", 422, "audit.nothing_found"),
        ("from=5&to=4", 422, "audit.nothing_found"),
        ("until=1999-01-01T00:00:00Z", 422, "audit.nothing_found"),
        ("month=2026-13", 422, "request.invalid"),
        ("from=0", 422, "request.invalid"),
        ("stream=wallet-a,", 422, "request.invalid"),
        ("nonsense=1", 422, "request.invalid"),
    ):
        answer = await caller.get(f"{PATH}?{asked}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), asked


MANY = """
INSERT INTO defter.events
SELECT %s, %s + n, gen_random_uuid(), 'mailing-' || n %% 2, n, 'notifications.receipts_chosen', 1,
    '{"mailed":true}', '{}', now() FROM generate_series(1, %s) n
"""


async def test_events_in_too_many_places_are_refused(audited: Api, database_url: str) -> None:
    caller = Caller(audited)
    await caller.wallet("cus_ada1")
    last, most = int(caller.position), choosing.SPANS_MAX
    with psycopg.connect(database_url) as connection:
        connection.execute(MANY.encode(), (TENANT, last, 2 * most + 2))
    await (await seal(database_url, TENANT)).close()
    answer = await caller.get(f"{PATH}?stream=mailing-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "audit.bundle_too_large")
    assert answer.json()["facts"]["spans_max"] == most
    answer = await caller.get(f"{PATH}?stream=mailing-1&to={last + 60}")
    assert len(lines(answer)) == 30


async def test_only_staff_who_may_get_a_bundle_and_only_of_their_own_tenant(
    audited: Api, database_url: str
) -> None:
    caller, *_ = await busy(audited)
    await (await seal(database_url, TENANT)).close()
    customer = await log_in(audited, "cus_ada1", "customer")
    assert (await audited.client.get(PATH, headers=customer)).status_code == 403
    poor = {"X-API-Key": audited.key(scopes=("ledger.read",), staff_id="stf_umut")}
    assert (await audited.client.get(PATH, headers=poor)).status_code == 403
    acting = await caller.get(PATH, **{"Defter-Act-For": "cus_ada1"})
    assert (acting.status_code, acting.json()["code"]) == (403, "auth.staff_only")
    await (await seal(database_url, OTHER)).close()
    other = {"X-API-Key": audited.key(tenant_id=OTHER, slug="other")}
    files = unpacked((await audited.client.get(PATH, headers=other)).content)
    assert str(TENANT) not in files["README.txt"].decode() + files["events.jsonl"].decode()


async def test_an_answer_that_can_not_be_finished_is_broken_off(
    audited: Api, database_url: str
) -> None:
    """What the hashes beside the events are made of is gone, while the events are still there."""
    caller, *_ = await busy(audited)
    await (await seal(database_url, TENANT)).close()
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        owner.execute("DELETE FROM defter.events WHERE tenant_id = %s AND position = 1", [TENANT])
        owner.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")
    with pytest.raises(Exception, match="are not all there"):
        await caller.get(f"{PATH}?from=3")
