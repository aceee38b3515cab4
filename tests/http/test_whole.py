"""Commands and queries through the real writer, the real read models and a real database."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from application.envelope import Actor, Envelope
from application.ledger.accounts import OpenBooks
from application.tenants.tenants import PLATFORM, AddStaff, CreateTenant
from application.wallet.wallets import ChooseScheme
from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity.standing import Accounts
from infrastructure.postgres.reads import Reads
from infrastructure.processes.tenant_clock import TenantClock
from infrastructure.projections.engine import Engine
from infrastructure.projections.projector import ReadModels
from interfaces.http.app import create_app
from tests.http.conftest import MASTER_KEY, PEER, Api, services_for, settings_for
from tests.http.fakes import OTHER, TENANT, KnownKeys

LIRA = {"currency": "TRY"}


async def found(writer: Writer) -> str:
    """Found two tenants and give the id of the first one's staff member."""
    system = Actor("system")

    async def send(tenant: UUID, command: object) -> bytes:
        envelope = Envelope(tenant, uuid4(), b"h" * 32, command, system, "founding")
        return (await writer.send(envelope)).body

    for tenant in (PLATFORM, TENANT, OTHER):
        await writer.add_tenant(tenant)
    for tenant, slug in ((TENANT, "shop"), (OTHER, "other")):
        await send(PLATFORM, CreateTenant(str(tenant), slug, slug, test=True))
        await send(tenant, OpenBooks("TRY", "Europe/Istanbul"))
        await send(tenant, ChooseScheme(SchemeMode.LICENSED))
    added = await send(PLATFORM, AddStaff(str(TENANT), "Ada Finance"))
    return added.decode().split('"')[3]


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncGenerator[Api]:
    writer, reads = Writer(database_url, MasterKeys(MASTER_KEY)), Reads(database_url)
    stop = asyncio.Event()
    await writer.start()
    await reads.open()
    staff_id = await found(writer)
    engine = asyncio.create_task(Engine(database_url, ReadModels()).run(stop))
    accounts = Accounts(reads)
    asking = asyncio.create_task(accounts.run())
    log, directory = io.BytesIO(), KnownKeys()
    services = services_for(
        settings_for(redis_url, read_deadline_seconds=5),
        log,
        sender=writer,
        reads=reads,
        directory=directory,
        clock=TenantClock(database_url, writer),
        claim_keys=ClaimKeys(database_url, MasterKeys(MASTER_KEY)),
        accounts=accounts,
    )
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        api = Api(client, services.sender, directory, services, log, "")  # type: ignore[arg-type] - the real one
        api.secret = api.key(staff_id=staff_id)
        yield api
    stop.set()
    asking.cancel()
    await engine
    await writer.stop()
    await reads.close()
    await services.quota.close()


class Caller:
    """Sends one command after the other and reads its own writes."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.position = "0"

    async def post(self, path: str, body: object, **headers: str) -> dict[str, Any]:
        answer = await self.api.post(path, body, **{"Idempotency-Key": uuid4().hex} | headers)
        assert answer.status_code in {200, 201}, answer.text
        self.position = answer.headers.get("defter-position", self.position)
        return answer.json()

    async def get(self, path: str, **headers: str) -> httpx.Response:
        given = {"X-API-Key": self.api.secret, "Defter-Min-Position": self.position}
        return await self.api.client.get(path, headers=given | headers)

    async def wallet(self, owner: str, minor: int = 0) -> str:
        opened = await self.post("/api/wallet", {"owner": owner, "currency": "TRY"})
        wallet_id = opened["wallet_id"]
        if minor:
            body = {"amount": LIRA | {"minor": minor}, "note": "canary note"}
            await self.post(f"/api/wallet/{wallet_id}/top-ups", body)
        return wallet_id


async def test_a_wallets_money_is_seen_from_every_side(shop: Api) -> None:
    caller = Caller(shop)
    ada, bora = await caller.wallet("cus_ada1", 10_000), await caller.wallet("cus_bora")
    body = {"source": ada, "target": bora, "amount": LIRA | {"minor": 2_500}}
    await caller.post("/api/wallet/transfers", body)
    hold = await caller.post(
        f"/api/wallet/{ada}/holds", {"amount": LIRA | {"minor": 1_000}, "reference": "order 7"}
    )
    path = f"/api/wallet/{ada}/holds/{hold['hold_id']}"
    capture = await caller.post(f"{path}/captures", {"amount": LIRA | {"minor": 400}})
    refunds = f"{path}/captures/{capture['capture_id']}/refunds"
    await caller.post(refunds, {"amount": LIRA | {"minor": 100}})
    await caller.post(f"{path}/release", {})

    seen = await caller.get(f"/api/wallet/{ada}")
    assert seen.json()["available"] == LIRA | {"minor": 7_200}
    assert seen.json()["held"] == LIRA | {"minor": 0}
    again = await caller.get(f"/api/wallet/{ada}", **{"If-None-Match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    held = (await caller.get(path)).json()
    assert (held["status"], held["reference"]) == ("released", "order 7")
    assert held["captures"][0]["refunded"] == LIRA | {"minor": 100}
    assert len((await caller.get(f"/api/wallet/{ada}/holds")).json()["items"]) == 1

    balance = (await caller.get("/api/ledger/trial-balance")).json()
    assert balance["balanced"]
    sums = {row["code"]: row["balance"] for row in balance["items"] if row["balance"]}
    assert sums == {"bank": 10_000, "wallet.cash": -9_700, "sales": -300}


async def test_a_statement_goes_on_over_pages_and_says_the_same_as_csv(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    for minor in (100, 200, 300):
        await caller.post(f"/api/wallet/{ada}/top-ups", {"amount": LIRA | {"minor": minor}})
    first = (await caller.get(f"/api/wallet/{ada}/statement?limit=2")).json()
    path = f"/api/wallet/{ada}/statement?limit=2&cursor={first['next_cursor']}"
    second = (await caller.get(path)).json()
    assert second["next_cursor"] is None
    lines = first["items"] + second["items"]
    assert [line["balance"]["minor"] for line in lines] == [100, 300, 600]
    assert (first["opening"]["minor"], first["closing"]["minor"]) == (0, 600)
    table = await caller.get(f"/api/wallet/{ada}/statement", Accept="text/csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [int(row["balance_minor"]) for row in rows] == [100, 300, 600]
    assert [row["entry_id"] for row in rows] == [line["entry_id"] for line in lines]
    none = await caller.get(f"/api/wallet/{ada}/statement?from=2026-02-01&to=2026-01-01")
    assert (none.status_code, none.json()["code"]) == (422, "ledger.span_backwards")


async def test_history_opens_personal_text_for_those_who_may_read_it(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 500)
    happened = (await caller.get(f"/api/wallet/{ada}/history")).json()["items"]
    assert [one["type"] for one in happened] == ["wallet.funds_topped_up", "wallet.opened"]
    assert happened[0]["data"]["note"] == "canary note"
    blind = shop.key(scopes=("wallet.read", "events.read"))
    answer = await caller.get(f"/api/wallet/{ada}/history?limit=1", **{"X-API-Key": blind})
    assert answer.json()["items"][0]["data"]["note"] is None
    cursor = answer.json()["next_cursor"]
    rest = await caller.get(f"/api/wallet/{ada}/history?limit=1&cursor={cursor}")
    assert [one["version"] for one in rest.json()["items"]] == [1]
    feed = await caller.get("/api/events")
    assert "canary" not in feed.text


async def test_a_customer_sees_only_their_own(shop: Api) -> None:
    caller = Caller(shop)
    ada, bora = await caller.wallet("cus_ada1", 500), await caller.wallet("cus_bora")
    acting = {"Defter-Act-For": "cus_bora"}
    listed = (await caller.get("/api/wallet", **acting)).json()["items"]
    assert [one["wallet_id"] for one in listed] == [bora]
    for path in (f"/api/wallet/{ada}", f"/api/wallet/{ada}/statement", f"/api/wallet/{ada}/holds"):
        answer = await caller.get(path, **acting)
        assert (answer.status_code, answer.json()["code"]) == (404, "wallet.not_found")


async def test_another_tenants_id_is_as_absent_as_none(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 500)
    foreign = {"X-API-Key": shop.key(tenant_id=OTHER, slug="other"), "Defter-Min-Position": "0"}
    theirs = await caller.get(f"/api/wallet/{ada}", **foreign)
    absent = await caller.get("/api/wallet/wal_none", **foreign)
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json() | {"request_id": ""} == absent.json() | {"request_id": ""}


async def test_the_feed_gives_every_event_once_as_cloudevents(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 500)
    after = "0"
    positions: list[int] = []
    while True:
        page = await caller.get(f"/api/events?after={after}&limit=2")
        after = page.headers["defter-next-after"]
        if not page.json():
            break
        positions += [event["position"] for event in page.json()]
    assert positions == list(range(1, int(caller.position) + 1))
    assert page.headers["content-type"].startswith("application/cloudevents-batch+json")
    only = (await caller.get(f"/api/events?stream=wallet-{ada}&type=wallet.opened")).json()
    assert [(one["specversion"], one["source"], one["subject"]) for one in only] == [
        ("1.0", "/tenants/shop", f"wallet-{ada}")
    ]


async def test_the_journal_and_registers_tell_the_same_entries(shop: Api) -> None:
    caller = Caller(shop)
    await caller.wallet("cus_ada1", 500)
    body = {
        "postings": [
            {"account": "bank", "amount": LIRA | {"minor": 70}},
            {"account": "sales", "amount": LIRA | {"minor": -70}},
        ]
    }
    entry_id = (await caller.post("/api/ledger/entries", body))["entry_id"]
    await caller.post(f"/api/ledger/entries/{entry_id}/reversals", {"reason": "mistyped"})
    entry = (await caller.get(f"/api/ledger/entries/{entry_id}")).json()
    assert [line["amount"]["minor"] for line in entry["postings"]] == [70, -70]
    assert (await caller.get("/api/ledger/entries/journal-jrn_none.1")).status_code == 404
    first = (await caller.get("/api/ledger/entries?limit=2")).json()
    more = await caller.get(f"/api/ledger/entries?cursor={first['next_cursor']}")
    assert len(first["items"]) + len(more.json()["items"]) == 3
    register = (await caller.get("/api/ledger/accounts/bank/register")).json()
    assert [line["balance"]["minor"] for line in register["items"]] == [500, 570, 500]
    assert (await caller.get("/api/ledger/accounts/nowhere/register")).status_code == 422
    own = {"code": "sales.books", "type": "income", "name": "Books"}
    await caller.post("/api/ledger/accounts", own)
    accounts = (await caller.get("/api/ledger/accounts")).json()["items"]
    assert "sales.books" in {account["code"] for account in accounts}


async def test_a_key_is_shown_once_and_never_exceeds_its_maker(shop: Api) -> None:
    caller = Caller(shop)
    body = {"kind": KeyKind.SECRET.value, "scopes": ["wallet.read"]}
    made = await caller.post("/api/keys", body, **{"Idempotency-Key": "once"})
    again = await shop.post("/api/keys", body, **{"Idempotency-Key": "once"})
    assert (again.json()["key_id"], again.json()["secret"]) == (made["key_id"], None)
    assert made["secret"].startswith("dsk_test_")
    (listed,) = (await caller.get("/api/keys")).json()["items"]
    assert (listed["key_id"], listed["scopes"]) == (made["key_id"], ["wallet.read"])
    assert "hash" not in str(listed)
    poor = {"X-API-Key": shop.key(scopes=("keys.manage",))}
    for path, asked in (("/api/keys", body), (f"/api/keys/{made['key_id']}/rotation", {})):
        answer = await shop.post(path, asked, **poor)
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.scope_exceeded")
    successor = await caller.post(f"/api/keys/{made['key_id']}/rotation", {"overlap_hours": 1})
    assert successor["key_id"] != made["key_id"]
    await caller.post(f"/api/keys/{made['key_id']}/revocation", {})
    assert (await shop.post("/api/keys/key_none1/rotation", {})).status_code == 404


async def test_refuses_to_answer_before_it_knows(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    answer = await caller.get(f"/api/wallet/{ada}?min_position={10**9}")
    assert (answer.status_code, answer.json()["code"]) == (503, "service.read_model_behind")
    assert answer.headers["retry-after"] == "1"


async def test_a_test_tenants_clock_is_moved_and_what_became_due_has_happened(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 10_000)
    due = datetime.now(UTC) + timedelta(days=2)
    body = {"amount": LIRA | {"minor": 1_000}, "expires_at": due.isoformat()}
    hold = await caller.post(f"/api/wallet/{ada}/holds", body)
    to = (due + timedelta(hours=1)).isoformat()
    moved = await caller.post("/api/test/clock", {"to": to})
    assert moved["fired"] == 1
    assert datetime.fromisoformat(moved["now"]) == due + timedelta(hours=1)
    shown = (await caller.get(f"/api/wallet/{ada}/holds/{hold['hold_id']}")).json()
    assert (shown["status"], shown["remaining"]["minor"]) == ("expired", 0)


async def test_the_clock_of_a_real_tenant_is_not_moved_by_hand(shop: Api) -> None:
    real = shop.key(test=False)
    answer = await shop.post(
        "/api/test/clock", {"to": "2030-01-01T00:00:00Z"}, **{"X-API-Key": real}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.not_a_test_tenant")
