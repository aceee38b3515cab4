"""Signing keys of access tokens, as processes find them in the database (IAM-03)."""

import asyncio
from uuid import uuid4

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.signing_keys import SigningKeys

MASTER_KEYS = MasterKeys(b"m" * 32)
ISSUER = "https://shop.test"
AT_ONCE = 64


def process(database_url: str) -> AccessTokens:
    return AccessTokens(SigningKeys(database_url, MASTER_KEYS), ISSUER)


async def test_a_process_that_has_just_started_refuses_none_of_those_who_come_at_once(
    module_database_url: str,
) -> None:
    tenant_id = uuid4()
    token, _ = await process(module_database_url).issue(tenant_id, "cus_ada", "ses_1")
    fresh = process(module_database_url)
    told = await asyncio.gather(*(fresh.verify(token.encode()) for _ in range(AT_ONCE)))
    assert {one.person_id for one in told} == {"cus_ada"}


async def test_a_key_that_another_process_rotated_is_found_by_all_who_bring_it(
    module_database_url: str,
) -> None:
    rotated = await SigningKeys(module_database_url, MASTER_KEYS).rotate()
    fresh = SigningKeys(module_database_url, MASTER_KEYS)
    told = await asyncio.gather(*(fresh.public(rotated) for _ in range(AT_ONCE)))
    assert all(told)
