"""What claims hold of personal text: the same for one tenant for ever, and nothing for others."""

import asyncio
from uuid import uuid4

import psycopg

from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys, keyed_hash

OLD, NEW = b"o" * 32, b"n" * 32
EMAIL = "ada@example.com"


async def test_all_processes_make_the_same_of_the_same_text(module_database_url: str) -> None:
    tenant = uuid4()
    made = [ClaimKeys(module_database_url, MasterKeys(OLD)) for _ in range(4)]
    hashes = await asyncio.gather(*(keys.hash(tenant, EMAIL) for keys in made))
    assert len(set(hashes)) == 1
    assert await made[0].hash(tenant, EMAIL) == hashes[0]
    assert await made[0].hash(tenant, "bora@example.com") != hashes[0]


async def test_two_tenants_have_nothing_in_common(module_database_url: str) -> None:
    keys = ClaimKeys(module_database_url, MasterKeys(OLD))
    assert await keys.hash(uuid4(), EMAIL) != await keys.hash(uuid4(), EMAIL)


async def test_a_rotation_of_master_keys_leaves_them_as_they_are(module_database_url: str) -> None:
    tenant = uuid4()
    before = await ClaimKeys(module_database_url, MasterKeys(OLD)).hash(tenant, EMAIL)
    after = await ClaimKeys(module_database_url, MasterKeys(NEW, OLD)).hash(tenant, EMAIL)
    assert before == after


async def test_the_key_is_stored_wrapped(module_database_url: str) -> None:
    tenant, master = uuid4(), MasterKeys(OLD)
    made = await ClaimKeys(module_database_url, master).hash(tenant, EMAIL)
    with psycopg.connect(module_database_url) as owner:
        ((subject, wrapped, name),) = owner.execute(
            "SELECT subject, wrapped, master_key FROM defter.subject_keys WHERE tenant_id = %s",
            (tenant,),
        ).fetchall()
    secret = master.unwrap_secret(tenant, subject, name, wrapped)
    assert secret not in wrapped
    assert keyed_hash(secret, EMAIL) == made


def test_the_hash_is_the_hmac_of_rfc_4231() -> None:
    assert keyed_hash(b"Jefe", "what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
