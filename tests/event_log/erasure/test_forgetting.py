"""USR-10: a key is destroyed with the event that forgets its person, on every process, for good."""

import asyncio

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg import sql
from psycopg.errors import CheckViolation, InsufficientPrivilege

from application.envelope import Actor
from application.identity.logins import EmailAddress
from application.users.customers import RegisterCustomer
from application.users.erasure import ErasePerson
from application.wallet.wallets import OpenWallet
from domain.kernel.events import Personal
from domain.users.customer import ErasureReason, Locale
from domain.users.events import PersonErased
from infrastructure.event_log.claim_keys import SUBJECT as TENANT_ITSELF
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.codec import Codec, decode
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.recorder import TenantRecorder
from infrastructure.postgres.connections import connect, runtime_conninfo
from tests.event_log.shop import MASTER_KEYS, Shop, open_shop

pytestmark = pytest.mark.row("USR-10")

ADA = "cus_ada1"
ERASE = ErasePerson(ADA, ErasureReason.ASKED, ("TRY",))
FOR_ADA = Actor("stf_deniz", "key_deniz", ADA, "198.51.100.7 curl")


async def register(shop: Shop, customer_id: str = ADA) -> None:
    email = EmailAddress(f"{customer_id}@example.com", customer_id)
    await shop.tell(RegisterCustomer("Ada", email, Locale.TURKISH, customer_id))


def keys(shop: Shop) -> dict[str, bool]:
    """Tell of each person whether their key is there."""
    found = shop.ask(
        "SELECT subject, wrapped IS NOT NULL, destroyed_at IS NULL FROM defter.subject_keys"
        " WHERE tenant_id = %s AND subject <> %s",
        shop.tenant_id,
        TENANT_ITSELF,
    )
    assert all(there == alive for _, there, alive in found)
    return {subject: there for subject, there, _ in found}


async def opened(shop: Shop) -> str | None:
    """Open the name that Ada was registered with."""
    (row,) = [row for row in shop.rows().events if row.type == "users.customer_registered"]
    name: Personal = getattr(decode(row.type, row.schema, row.data), "name")  # noqa: B009 - of this type
    async with await connect(shop.database_url) as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('app.tenants', %s, true)", (f"{{{shop.tenant_id}}}",)
        )
        return (await Opener(MASTER_KEYS).open(connection, shop.tenant_id, [name]))[name]


async def test_the_key_goes_with_the_event_and_leaves_a_tombstone(shop: Shop) -> None:
    await register(shop)
    assert await opened(shop) == "Ada"
    before = shop.rows().events
    await shop.tell(ERASE)
    assert keys(shop) == {ADA: False}
    assert await opened(shop) is None
    assert shop.rows().events[: len(before)] == before, "the log's bytes stay as they are"
    assert shop.ask("SELECT 1 FROM defter.claims WHERE kind = 'users.email'") == []


async def test_a_process_with_a_warm_memory_seals_nothing_more(shop: Shop) -> None:
    await register(shop)
    async with shop.beside() as warm:
        for n, place in enumerate((shop, warm)):  # both know Ada's key and her sealed origin
            await place.tell(RegisterCustomer(None, None, Locale.TURKISH), actor=FOR_ADA)
            await place.tell(OpenWallet(ADA, ("EUR", "USD")[n]), actor=FOR_ADA)
        own = ErasePerson(ADA, ErasureReason.ASKED, ("EUR", "TRY", "USD"))
        await shop.tell(own, actor=Actor(ADA, "key_1", ADA, "198.51.100.7 curl", "ses_1"))
        end = len(shop.rows().events)
        for place in (warm, shop):
            for command in (RegisterCustomer(None, None, Locale.TURKISH), OpenWallet(ADA, "GBP")):
                assert await place.refusal(command, actor=FOR_ADA) == "users.person_erased"
        assert len(shop.rows().events) == end
    assert keys(shop)[ADA] is False


async def test_a_batch_that_forgets_seals_nothing_after_it(shop: Shop) -> None:
    await register(shop)
    await shop.tell(OpenWallet("cus_bora", "TRY", "wal_bora"))
    await shop.tell(OpenWallet(ADA, "EUR"), actor=FOR_ADA)
    envelopes = [
        shop.envelope(ErasePerson(ADA, ErasureReason.ASKED, ("EUR",))),
        shop.envelope(RegisterCustomer(None, None, Locale.TURKISH), actor=FOR_ADA),
    ]
    first, second = await shop.writer.send_many(envelopes)
    assert not getattr(first, "refused")  # noqa: B009 - an outcome
    assert b"users.person_erased" in getattr(second, "body")  # noqa: B009 - as above


async def test_who_never_had_a_key_never_gets_one(shop: Shop) -> None:
    await shop.tell(RegisterCustomer(None, None, Locale.TURKISH, ADA))
    assert keys(shop) == {}
    await shop.tell(ERASE)
    assert keys(shop) == {ADA: False}
    bora = RegisterCustomer(None, None, Locale.TURKISH, "cus_bora")
    assert await shop.refusal(bora, actor=FOR_ADA) == "users.person_erased"
    assert keys(shop) == {ADA: False}


async def test_writers_that_race_never_seal_after_the_key_is_gone(shop: Shop) -> None:
    people = [f"cus_{n:04}" for n in range(12)]
    for one in people:
        await register(shop, one)
    async with shop.beside() as second:

        async def talk(place: Shop, one: str) -> None:
            for _ in range(6):
                actor = FOR_ADA._replace(on_behalf_of=one)
                await place.send(RegisterCustomer(None, None, Locale.TURKISH), actor=actor)

        async def erase(one: str) -> None:
            await asyncio.sleep(0)
            await shop.tell(ErasePerson(one, ErasureReason.ASKED, ("TRY",)))

        await asyncio.gather(
            *(talk(place, one) for place in (shop, second) for one in people),
            *(erase(one) for one in people),
        )
    gone: dict[str, int] = {}
    for row in shop.rows().events:
        if row.type == "users.person_erased":
            gone[row.stream.removeprefix("customer-")] = row.position
    assert gone.keys() == set(people)
    for row in shop.rows().events:
        for one in people:
            assert row.position <= gone[one] or one.encode() not in row.meta
    assert not any(keys(shop)[one] for one in people)


async def test_an_append_past_the_handlers_forgets_as_well(module_database_url: str) -> None:
    async with open_shop(module_database_url) as shop:
        await register(shop)
        await shop.tell(OpenWallet(ADA, "EUR"), actor=FOR_ADA)
        data = Codec(lambda _: "").encode(PersonErased(ADA, "asked", ADA, None))
        recorder = TenantRecorder(shop.database_url, shop.tenant_id)
        try:
            stored = StoredEvent(f"customer-{ADA}", 2, PersonErased.NAME, data)
            await asyncio.to_thread(recorder.insert_events, [stored])
        finally:
            recorder.close()
        assert keys(shop)[ADA] is False
        bora = RegisterCustomer(None, None, Locale.TURKISH, "cus_bora")
        assert await shop.refusal(bora, actor=FOR_ADA) == "users.person_erased"


async def test_the_key_of_claims_is_no_persons(shop: Shop) -> None:
    hashes = ClaimKeys(shop.database_url, MASTER_KEYS)
    made = await hashes.hash(shop.tenant_id, "ada@example.com")
    with psycopg.connect(shop.database_url) as admin, pytest.raises(InsufficientPrivilege):
        admin.execute(
            "UPDATE defter.subject_keys SET wrapped = NULL, destroyed_at = now()"
            " WHERE tenant_id = %s AND subject = 'claims'",
            (shop.tenant_id,),
        )
    again = ClaimKeys(shop.database_url, MASTER_KEYS)
    assert await again.hash(shop.tenant_id, "ada@example.com") == made


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE defter.subject_keys SET wrapped = '\\x00', destroyed_at = NULL WHERE subject = {}",
        "UPDATE defter.subject_keys SET destroyed_at = now() + '1 day' WHERE subject = {}",
        "UPDATE defter.subject_keys SET subject = 'cus_other' WHERE subject = {}",
        "DELETE FROM defter.subject_keys WHERE subject = {}",
        "TRUNCATE defter.subject_keys",
    ],
)
async def test_a_tombstone_stays_whoever_wants_it_away(shop: Shop, change: str) -> None:
    await register(shop)
    await shop.tell(ERASE)
    for role in (None, "replica"):
        with psycopg.connect(shop.database_url) as admin:
            if role:
                admin.execute("SET session_replication_role = replica")
            with pytest.raises(InsufficientPrivilege):
                admin.execute(sql.SQL(change).format(sql.Literal(ADA)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("UPDATE defter.subject_keys SET wrapped = '\\x00'", InsufficientPrivilege),
        ("UPDATE defter.subject_keys SET master_key = 'other'", InsufficientPrivilege),
        ("UPDATE defter.subject_keys SET wrapped = NULL WHERE subject <> 'claims'", CheckViolation),
        ("DELETE FROM defter.subject_keys", InsufficientPrivilege),
    ],
)
async def test_the_running_service_destroys_keys_and_does_nothing_else_to_them(
    shop: Shop, change: str, refusal: type[Exception]
) -> None:
    await register(shop)
    with psycopg.connect(runtime_conninfo(shop.database_url)) as runtime:
        runtime.execute("SELECT set_config('app.tenants', %s, false)", (f"{{{shop.tenant_id}}}",))
        with pytest.raises(refusal):
            runtime.execute(change)  # type: ignore[arg-type]


async def test_another_tenants_person_of_the_same_name_is_not_forgotten(
    module_database_url: str,
) -> None:
    async with open_shop(module_database_url) as one, open_shop(module_database_url) as other:
        for shop in (one, other):
            await register(shop)
        await one.tell(ERASE)
        assert (keys(one)[ADA], keys(other)[ADA]) == (False, True)
        assert await opened(other) == "Ada"
