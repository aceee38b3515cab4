"""SEC-08: after a rotation no key needs the old master key, and nothing else has changed."""

import asyncio
import base64
from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from application.identity.logins import EmailAddress
from application.tenants.tenants import PLATFORM
from application.users.customers import RegisterCustomer
from application.users.erasure import ErasePerson
from domain.kernel.events import Personal
from domain.users.customer import ErasureReason, Locale
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.codec import decode
from infrastructure.event_log.keyring import MasterKeys, MasterKeyWrong
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.rewrapping import Standing, rewrap, standing
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.postgres.connections import connect
from interfaces.cli.app import main
from tests.event_log.shop import MASTER_KEYS, Shop, open_books, writing

pytestmark = pytest.mark.row("SEC-08")

OLD, NEW = b"m" * 32, b"n" * 32
BOTH, NEW_ALONE = MasterKeys(NEW, OLD), MasterKeys(NEW)
PEOPLE = 7


async def inhabited(database_url: str, shop: Shop) -> tuple[str, list[dict[str, str]]]:
    """Let people and keys of all kinds be there; give a hash and the keys that verify."""
    await shop.writer.add_tenant(PLATFORM)
    for n in range(PEOPLE):
        email = EmailAddress(f"{n}@example.com", f"key{n}")
        await shop.tell(RegisterCustomer(f"Person {n}", email, Locale.TURKISH, f"cus_{n:04}"))
    await shop.tell(ErasePerson("cus_0000", ErasureReason.ASKED, ("TRY",)))
    hashed = await ClaimKeys(database_url, MASTER_KEYS).hash(shop.tenant_id, "ada")
    return hashed, await SigningKeys(database_url, MASTER_KEYS).jwks()


async def names(shop: Shop, keys: MasterKeys) -> list[str | None]:
    events = [decode(row.type, row.schema, row.data) for row in shop.rows().events]
    sealed: list[Personal] = [
        getattr(event, "name")  # noqa: B009 - of one type
        for event in events
        if event.NAME == "users.customer_registered"
    ]
    async with await connect(shop.database_url) as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('app.tenants', %s, true)", (f"{{{shop.tenant_id}}}",)
        )
        opened = await Opener(keys).open(connection, shop.tenant_id, sealed)
    return [opened[one] for one in sealed]


class Stop(Exception):
    pass


def stopping_after(commits: int) -> Callable[[int], None]:
    heard: list[int] = []

    def told(done: int) -> None:
        heard.append(done)
        if len(heard) == commits:
            raise Stop

    return told


async def test_a_rotation_is_stopped_begun_again_and_leaves_nothing_to_the_old_key(
    database_url: str,
) -> None:
    async with writing(database_url) as writer:
        shop = Shop(writer, database_url, uuid4())
        await open_books(shop)
        hashed, verifying = await inhabited(database_url, shop)
    before = shop.rows()
    async with await AsyncConnection.connect(database_url, autocommit=True) as owner:
        keys = PEOPLE - 1 + 2  # one was destroyed; claims and signing have one each
        assert await standing(owner, BOTH) == Standing(keys, older=keys)
        with pytest.raises(MasterKeyWrong):
            await rewrap(owner, NEW_ALONE)
        with pytest.raises(Stop):
            await rewrap(owner, BOTH, told=stopping_after(2), batch=3)
        left = await standing(owner, BOTH)
        assert 0 < left.older < keys
        assert await rewrap(owner, BOTH) == left.older
        assert await rewrap(owner, BOTH) == 0
        assert await standing(owner, NEW_ALONE) == Standing(keys, older=0)
    assert await names(shop, NEW_ALONE) == [None, *(f"Person {n}" for n in range(1, PEOPLE))]
    assert await ClaimKeys(database_url, NEW_ALONE).hash(shop.tenant_id, "ada") == hashed
    assert await SigningKeys(database_url, NEW_ALONE).jwks() == verifying
    assert shop.rows() == before
    with pytest.raises(MasterKeyWrong):
        await names(shop, MASTER_KEYS)


async def test_the_command_shows_first_and_does_it_when_told(
    database_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with psycopg.connect(database_url) as owner:
        wrapped = MASTER_KEYS.new_wrapped_key(PLATFORM, "cus_ada1")
        owner.execute("INSERT INTO defter.log_head VALUES (%s)", (PLATFORM,))
        owner.execute(
            "INSERT INTO defter.subject_keys VALUES (%s, 'cus_ada1', %s, %s)",
            (PLATFORM, wrapped, MASTER_KEYS.current),
        )
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    both = ",".join(base64.b64encode(key).decode() for key in (NEW, OLD))
    monkeypatch.setenv("DEFTER_MASTER_KEYS", both)
    for words, said in (
        ((), "1 keys; 1 are wrapped by an older master key\nnothing was changed"),
        (("--apply",), "no key needs an older master key any more"),
        ((), "1 keys; 0 are wrapped"),
    ):
        code = await asyncio.to_thread(main, ["master-keys", "rewrap", *words])
        assert (code, said in capsys.readouterr().out) == (0, True)
