"""USR-10: after an erasure nothing tells who the person was, and every book still says the same."""

import hashlib
import logging
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from application.identity.accounts import ReactivateAccount, SuspendAccount
from application.identity.sessions import BeginSession
from application.wallet.topups import TopUp
from domain.kernel.events import Personal
from domain.kernel.money import Money
from infrastructure.event_log.opening import Opener
from infrastructure.ledger_check.check import check_tenant
from infrastructure.postgres.connections import connect
from interfaces.http.wire.personal import sealed_in
from tests.http.erasure.mall import ADA, ADA_PEER, KEYS, SESSION, Mall, open_mall, valkey_of
from tests.http.fakes import TENANT
from tests.http.test_whole import LIRA, Caller
from tests.kit.receiver import receiving
from tests.notifications.post import PostOffice

pytestmark = pytest.mark.row("USR-10")

MARK = f"canary{uuid4().hex[:8]}"
IBAN = "TR330006100519786457841326"
EMAIL, NAME, AGENT = f"{MARK}@ada.example", f"Zeynep {MARK}", f"agent-{MARK}"
TRACES = (MARK, IBAN, ADA_PEER)

BESIDE = {
    "credentials": "(tenant_id, person_id, password_hash) VALUES (%s, %s, %s)",
    "refresh_tokens": "(tenant_id, person_id, token_hash, session_id, expires_at)"
    " VALUES (%s, %s, %s, 'ses_ada1', now())",
    "mailed_links": "(tenant_id, person_id, token_hash, purpose, login_key, expires_at)"
    " VALUES (%s, %s, %s, 'reset', 'x', now())",
    "effects": "(tenant_id, target, effect_id, effect, event_id, position, state, told)"
    " VALUES (%s, %s, gen_random_uuid(), 'to.somebody', gen_random_uuid(), 1, 'dead', %s)",
}
"""How a row of a person comes into each table beside the log; the last value is theirs."""


@pytest.fixture
async def mall(
    database_url: str, redis_url: str, caplog: pytest.LogCaptureFixture
) -> AsyncGenerator[Mall]:
    caplog.set_level(logging.WARNING, "mail.log")  # what her mail server notes is not ours
    async with open_mall(database_url, redis_url) as opened:
        yield opened


def leaks(mall: Mall) -> list[tuple[str, str]]:
    """Find where the person stands in clear."""
    places = mall.places().items()
    return [(place, trace) for place, text in places for trace in TRACES if trace in text]


async def live(mall: Mall) -> str:
    """Let Ada do everything that leaves something of her behind; give her wallet."""
    caller = mall.caller
    await mall.join(NAME, EMAIL, f"{ADA_PEER} {AGENT}")
    (wallet,) = (await mall.as_ada("GET", "/api/wallet", agent=AGENT)).json()["items"]
    path = f"/api/wallet/{wallet['wallet_id']}"
    lira = LIRA | {"minor": 1_000}
    await caller.post(f"{path}/top-ups", {"amount": lira, "note": f"note {MARK}"})
    for _ in range(110):  # so that a snapshot is kept
        await mall.tell(TopUp(wallet["wallet_id"], Money(1, "TRY"), note=f"many {MARK}"))
    hold = await caller.post(f"{path}/holds", {"amount": lira, "reference": f"order {MARK}"})
    await caller.post(f"{path}/holds/{hold['hold_id']}/captures", {})
    await caller.post(f"{path}/freeze", {"reason": f"freeze {MARK}"})
    await caller.post(f"{path}/unfreeze", {"reason": f"unfreeze {MARK}"})
    body = {"amount": LIRA | {"minor": 5}, "reference": f"receipt {MARK}"}
    asked = (await mall.as_ada("POST", f"{path}/topup-requests", body, agent=AGENT)).json()
    reject = f"/api/wallet/requests/{asked['request_id']}/reject"
    await caller.post(reject, {"reason": f"no {MARK}"})
    body = {"amount": LIRA | {"minor": 110}, "iban": IBAN, "reference": f"rent {MARK}"}
    refused = await mall.as_ada(
        "POST", f"{path}/withdrawals", body | {"amount": LIRA | {"minor": 10**9}}, agent=AGENT
    )
    assert refused.status_code == 409
    asked = (await mall.as_ada("POST", f"{path}/withdrawals", body, agent=AGENT)).json()
    decide = f"/api/wallet/requests/{asked['request_id']}"
    await caller.post(f"{decide}/approve", {})
    await caller.post(f"{decide}/paid", {"bank_reference": f"bank {MARK}"})
    await mall.tell(SuspendAccount(ADA, f"suspended {MARK}"))
    await mall.tell(ReactivateAccount(ADA))
    again = BeginSession(ADA, SESSION, "password", f"{ADA_PEER} {AGENT}", timedelta(days=1))
    await mall.tell(again)
    for table, columns in BESIDE.items():
        mall.ask(f"INSERT INTO defter.{table} {columns}", TENANT, ADA, f"of {ADA}")
    key = await mall.api.services.claim_keys.hash(TENANT, EMAIL)
    for who in (key, f"mail:{key}", f"{key}/place"):
        mall.ask("INSERT INTO defter.login_attempts VALUES (%s, %s, 1, now())", TENANT, who)
    return path


def log_hash(mall: Mall, until: int) -> str:
    rows = mall.ask(
        "SELECT * FROM defter.events WHERE tenant_id = %s AND position <= %s ORDER BY position",
        TENANT,
        until,
    )
    return hashlib.sha256(repr(rows).encode()).hexdigest()


async def openable(mall: Mall) -> tuple[int, int]:
    """Count what is sealed for Ada in the log, and how much of it opens."""
    sealed: set[Personal] = set()
    for data, meta in mall.ask("SELECT data, meta FROM defter.events WHERE tenant_id = %s", TENANT):
        for fields in (msgspec.json.decode(data), msgspec.json.decode(meta)):
            found = [one for one in map(sealed_in, fields.values()) if one is not None]
            sealed |= {one for one in found if one.subject == ADA}
    async with await connect(mall.database_url) as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.tenants', %s, true)", (f"{{{TENANT}}}",))
        texts = await Opener(KEYS).open(connection, TENANT, sealed)
    return len(sealed), sum(text is not None for text in texts.values())


async def books_of(mall: Mall) -> object:
    caller = mall.caller
    caller.position = str(mall.end)
    told = (await caller.get("/api/ledger/accounts")).json()
    del told["known"]  # up to where it was read: there is more to know afterwards
    return told


async def test_a_planted_leak_is_found_in_every_place(mall: Mall) -> None:
    assert leaks(mall) == []
    mall.ask("INSERT INTO defter.snapshots VALUES (%s, 's', 1, 1, %s)", TENANT, MARK.encode())
    with valkey_of(mall.redis_url) as valkey:
        valkey.hset(f"planted:{MARK[:3]}", "iban", IBAN)
        try:
            mall.second.log.write(f"from {ADA_PEER}\n".encode())
            found = leaks(mall)
        finally:
            valkey.delete(f"planted:{MARK[:3]}")
    assert found == [("tables", MARK), ("Valkey", IBAN), ("logs", ADA_PEER)]


async def test_nothing_is_left_of_whoever_was_erased_and_the_books_are_the_same(
    mall: Mall,
) -> None:
    async with PostOffice().open() as post, receiving() as receiver:
        hook = {"url": receiver.url, "types": ["*"], "description": "all"}
        await mall.caller.post("/api/webhooks/endpoints", hook)
        path = await live(mall)
        await mall.perform(post.url)
        assert any(MARK in str(mail["To"]) for mail in post.mails), "receipts were sent"
        assert receiver.received, "webhooks were delivered"
        assert not any(MARK in request.body.decode() for request in receiver.received)
        await _erase(mall, path)
        await mall.perform(post.url)


async def _check_beside(mall: Mall) -> None:
    """Hold what stands beside the log against the rule that nothing of hers is there."""
    for table in BESIDE.keys() - {"effects"}:
        assert mall.ask(f"SELECT 1 FROM defter.{table} WHERE person_id = %s", ADA) == []  # noqa: S608
    await mall.follow()
    assert mall.ask("SELECT 1 FROM defter.login_attempts") == []
    told = mall.ask("SELECT DISTINCT told FROM defter.effects WHERE target = %s", ADA)
    assert told == [(None,)]
    waiting = "SELECT count(*) FROM defter.effects WHERE target = %s AND state = 'waiting'"
    assert mall.ask(waiting, ADA) == [(0,)]
    assert mall.ask("SELECT count(*) FROM defter.person_tokens WHERE person_id = %s", ADA) == [(0,)]


async def _erase(mall: Mall, path: str) -> None:
    second = Caller(mall.second)
    second.position = str(mall.end)
    for at in (0, 1):  # both processes know her, and show her to staff
        assert (await mall.as_ada("GET", path, agent=AGENT, at=at)).status_code == 200
    seen = await second.get(f"/api/customers/{ADA}")
    assert (seen.json()["name"], seen.json()["email"]) == (NAME, EMAIL)
    assert MARK in (await second.get(f"{path}/history?limit=100")).text
    assert mall.ask("SELECT 1 FROM defter.snapshots WHERE tenant_id = %s", TENANT)
    end = mall.end
    before, books = log_hash(mall, end), await books_of(mall)
    sealed, opens = await openable(mall)
    assert sealed == opens > 100

    own = "/api/users/me/erasure"
    no = await mall.as_ada("POST", own, {"confirm": True}, agent=AGENT)
    assert (no.status_code, no.json()["code"]) == (403, "identity.step_up_required")
    await mall.step_up()
    done = await mall.as_ada("POST", own, {"confirm": True}, agent=AGENT)
    assert done.status_code == 201, done.text
    position = int(done.headers["defter-position"])

    await _check_beside(mall)

    assert log_hash(mall, end) == before
    assert await books_of(mall) == books
    assert (await openable(mall))[1] == 0
    assert leaks(mall) == []
    async with await connect(mall.database_url) as connection:
        checked = await check_tenant(connection, TENANT)
    assert (checked.damage, checked.differences) == (None, [])

    ((data, meta, _),) = mall.ask(
        "SELECT data, meta, recorded_at FROM defter.events WHERE type = 'users.person_erased'"
    )
    told, why = msgspec.json.decode(data), msgspec.json.decode(meta)
    assert (told["customer_id"], told["reason"]) == (ADA, "asked")
    assert (why["actor"], why["session"], why["command"]) == (ADA, SESSION, "users.erase_person")

    for at in (1, 0):
        gone = await mall.as_ada("GET", path, agent=AGENT, at=at)
        assert (gone.status_code, gone.json()["code"]) == (401, "auth.session_ended")
    for caller in (second, mall.caller):
        caller.position = str(position)
        assert (await caller.get(f"/api/customers/{ADA}")).status_code == 404
        for shown in (f"{path}/history?limit=100", "/api/customers", "/api/events?limit=100"):
            answer = await caller.get(shown)
            assert answer.status_code == 200
            assert not any(trace in answer.text for trace in TRACES)
        acting = {"Defter-Act-For": ADA, "Idempotency-Key": uuid4().hex}
        anew = await caller.api.post("/api/wallet", {"owner": ADA, "currency": "EUR"}, **acting)
        assert (anew.status_code, anew.json()["code"]) == (404, "users.person_erased")
    assert leaks(mall) == []
