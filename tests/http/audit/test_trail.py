"""AUD-01…03: who did what, when and from where, with before and after, filtered and taken along."""

from typing import Any

import psycopg
import pytest

from application.audit.reads import NoteAuditRead, NotePersonalDataRead
from infrastructure.audit.states import EVENTS_FOLDED_MAX
from tests.http.audit.audited import EMAIL, NAME, audited, log_in, shop
from tests.http.conftest import PEER, Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import LIRA, Caller

__all__ = ["audited", "shop"]
pytestmark = [pytest.mark.row("AUD-01"), pytest.mark.row("AUD-02"), pytest.mark.row("AUD-03")]


NOTES = {NotePersonalDataRead.NAME, NoteAuditRead.NAME}
"""Looking at the trail is noted in it, and may be seen there by the next look or not yet."""


class Auditor(Caller):
    async def changes(self, **asked: object) -> list[dict[str, Any]]:
        words = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = await self.get(f"/api/audit?{words}")
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["items"] if one["command"] not in NOTES]


async def busy(api: Api) -> tuple[Auditor, str, str]:
    caller = Auditor(api)
    ada, bora = await caller.wallet("cus_ada1", 10_000), await caller.wallet("cus_bora")
    body = {"source": ada, "target": bora, "amount": LIRA | {"minor": 2_500}}
    await caller.post("/api/wallet/transfers", body, **{"Defter-Act-For": "cus_ada1"})
    return caller, ada, bora


async def test_the_trail_tells_who_did_what_to_what_and_what_it_moved(audited: Api) -> None:
    caller, ada, bora = await busy(audited)
    newest, *_, oldest = changes = await caller.changes()
    assert newest["command"] == "wallet.transfer_funds"
    assert (newest["actor_kind"], newest["on_behalf_of"]) == ("staff", "cus_ada1")
    assert newest["streams"] == sorted([f"wallet-{ada}", f"wallet-{bora}"])
    assert newest["moved"] == [LIRA | {"minor": 2_500}]
    assert (newest["events"], newest["ip"]) == (2, PEER)
    assert newest["last_position"] == newest["position"] + 1 == int(caller.position)
    assert newest["device"].startswith("python-httpx")
    assert (oldest["actor"], oldest["actor_kind"], oldest["ip"]) == ("system", "system", None)
    positions = [(one["position"], one["last_position"]) for one in changes]
    assert [last + 1 for _, last in positions[1:]] == [first for first, _ in positions[:-1]]


async def test_the_trail_is_filtered_and_paged(audited: Api) -> None:
    caller, ada, bora = await busy(audited)
    everything = await caller.changes()
    transfer = everything[0]
    staff = transfer["actor"]

    async def positions(**asked: object) -> list[int]:
        return [one["position"] for one in await caller.changes(**asked)]

    every = [one["position"] for one in everything]
    assert await positions(command="wallet.transfer_funds") == [transfer["position"]]
    assert await positions(on_behalf_of="cus_ada1") == [transfer["position"]]
    assert await positions(actor=staff) == [
        one["position"] for one in everything if one["actor"] == staff
    ]
    assert await positions(context="ledger") == [
        one["position"] for one in everything if one["command"].startswith("ledger.")
    ]
    of_ada = [one["position"] for one in everything if f"wallet-{ada}" in one["streams"]]
    assert len(of_ada) == 3
    assert await positions(object_id=ada) == await positions(stream=f"wallet-{ada}") == of_ada
    assert await positions(object_id=bora, stream=f"wallet-{ada}") == []
    moved = [one["position"] for one in everything if one["moved"]]
    assert await positions(currency="TRY") == moved
    assert await positions(moved_minor_min=10_000) == moved[1:]
    assert await positions(moved_minor_min=2_501, currency="EUR") == []
    assert await positions(moved_minor_min=2_500, currency="TRY", object_id=bora) == moved[:1]
    at = transfer["recorded_at"].replace("+", "%2B")
    assert await positions(since=at) == every[: every.index(transfer["position"]) + 1]
    assert await positions(until=at) == every[1:]
    assert await positions(since="2020-01-01T00:00:00Z", until="2099-01-01T00:00:00Z") == every
    assert await positions(until="2020-01-01T00:00:00Z") == []
    assert await positions(since="2099-01-01T00:00:00Z") == []
    paged: list[int] = []
    path = "/api/audit?limit=2"
    while path:
        page = (await caller.get(path)).json()
        paged += [one["position"] for one in page["items"] if one["command"] not in NOTES]
        cursor = page["next_cursor"]
        path = f"/api/audit?limit=2&cursor={cursor}" if cursor else ""
    assert paged == every


async def test_one_event_is_shown_with_the_state_before_and_after_it(audited: Api) -> None:
    caller, ada, _ = await busy(audited)
    transfer = (await caller.changes(command="wallet.transfer_funds"))[0]
    seen = (await caller.get(f"/api/audit/{transfer['position']}")).json()
    assert (seen["type"], seen["stream"]) == ("wallet.transfer_sent", f"wallet-{ada}")
    assert seen["before"]["available"] == LIRA | {"minor": 10_000}
    assert seen["after"]["available"] == LIRA | {"minor": 7_500}
    change = {"pointer": "/available/minor", "before": 10_000, "after": 7_500}
    assert change in seen["changes"]
    assert seen["command_id"] == transfer["command_id"]
    missing = await caller.get("/api/audit/999999")
    assert (missing.status_code, missing.json()["code"]) == (404, "audit.event_not_found")


async def test_personal_text_is_sealed_for_who_may_not_read_it(audited: Api) -> None:
    caller = Auditor(audited)
    body = {"name": NAME, "email": EMAIL, "locale": "tr"}
    await caller.post("/api/customers", body)
    [registered] = await caller.changes(command="users.register_customer")
    path = f"/api/audit/{registered['position']}"
    opened = await caller.get(path)
    assert opened.json()["data"]["name"] == NAME
    assert "email_key" not in opened.text
    poor = {"X-API-Key": audited.key(scopes=("audit.read",), staff_id="stf_umut")}
    for asked in (path, "/api/audit"):
        closed = await caller.get(asked, **poor)
        assert closed.status_code == 200
        assert not any(word in closed.text for word in (NAME, EMAIL, PEER, "python-httpx"))
    assert (await caller.get(path, **poor)).json()["data"]["name"] == "[sealed]"


async def test_only_staff_who_may_see_the_trail_and_only_their_own_tenants(audited: Api) -> None:
    caller, *_ = await busy(audited)
    for path in ("/api/audit", "/api/audit/1", "/api/audit/refusals"):
        customer = await log_in(audited, "cus_ada1", "customer")
        refused = await audited.client.get(path, headers=customer)
        assert refused.status_code == 403, path
        auditor = await log_in(audited, "stf_0007", "auditor")
        assert (await audited.client.get(path, headers=auditor)).status_code == 200, path
        acting = await caller.get(path, **{"Defter-Act-For": "cus_ada1"})
        assert (acting.status_code, acting.json()["code"]) == (403, "auth.staff_only")
    other = {"X-API-Key": audited.key(tenant_id=OTHER, slug="other")}
    seen = await audited.client.get("/api/audit", headers=other)
    assert {one["actor"] for one in seen.json()["items"]} <= {"system"}


MANY = """
INSERT INTO defter.events
SELECT %s, %s + n, gen_random_uuid(), 'mailing-main', n, 'notifications.receipts_chosen', 1,
    '{"mailed":true}', convert_to('{"actor":"stf_many","command_id":"'
    || gen_random_uuid() || '"}', 'UTF8'), now() FROM generate_series(1, %s) n
"""


async def test_a_stream_that_is_too_long_is_shown_without_its_states(
    audited: Api, database_url: str
) -> None:
    caller = Auditor(audited)
    await caller.wallet("cus_ada1")
    last = int(caller.position)
    with psycopg.connect(database_url) as connection:
        connection.execute(MANY.encode(), (TENANT, last, EVENTS_FOLDED_MAX + 1))
    caller.position = str(last + EVENTS_FOLDED_MAX + 1)
    seen = (await caller.get(f"/api/audit/{caller.position}")).json()
    assert (seen["states_left_out"], seen["rests_on"]) == (False, None)


async def test_the_states_of_a_stream_that_is_too_long_are_left_out(
    audited: Api, database_url: str
) -> None:
    caller = Auditor(audited)
    await caller.wallet("cus_ada1")
    first, count = int(caller.position), EVENTS_FOLDED_MAX + 2
    with psycopg.connect(database_url) as connection:
        connection.execute(MANY.encode(), (TENANT, first, count))
    seen = (await caller.get(f"/api/audit/{first + count}")).json()
    assert (seen["states_left_out"], seen["before"], seen["changes"]) == (True, None, [])
    refused = await caller.get("/api/audit/at?stream=mailing-main")
    assert (refused.status_code, refused.json()["code"]) == (422, "audit.stream_too_long")


ALTERED = """
UPDATE defter.events SET data = convert_to(replace(convert_from(data, 'UTF8'), %s, %s), 'UTF8')
WHERE tenant_id = %s AND position = %s
"""


async def test_an_event_that_can_not_be_is_shown_with_what_is_wrong(
    audited: Api, database_url: str
) -> None:
    """Whoever was told by verify where the log was altered looks at that place next."""
    caller = Auditor(audited)
    wallet = await caller.wallet("cus_ada1")
    body = {"amount": {"minor": 2_500, "currency": "TRY"}}
    await caller.post(f"/api/wallet/{wallet}/top-ups", body)
    position = int(caller.position)
    with psycopg.connect(database_url) as connection:
        connection.execute(b"ALTER TABLE defter.events DISABLE TRIGGER append_only")
        given = '"minor":-2500', '"minor":-2600', TENANT, position
        assert connection.execute(ALTERED.encode(), given).rowcount == 1
    answer = await caller.get(f"/api/audit/{position}")
    seen = answer.json()
    assert answer.status_code == 200, answer.text
    assert (seen["position"], seen["states_left_out"], seen["postings"]) == (position, True, [])
    assert "can not have been written: postings do not sum to zero" in seen["impossible"]
    assert "2600" in str(seen["data"])
    refused = await caller.get(f"/api/audit/at?stream=wallet-{wallet}")
    assert (refused.status_code, refused.json()["code"]) == (409, "audit.event_impossible")
    sound = (await caller.get(f"/api/audit/{position - 1}")).json()
    assert sound["impossible"] is None


async def test_nonsense_is_refused_with_words(audited: Api) -> None:
    caller = Caller(audited)
    for asked in ("actor=%00", "context=Wallet", "since=yesterday", "moved_minor_min=0", "who=me"):
        answer = await caller.get(f"/api/audit?{asked}")
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid"), asked
    for path in ("/api/audit/0", "/api/audit/-1", "/api/audit/1234567890123456789"):
        assert (await caller.get(path)).status_code == 404
