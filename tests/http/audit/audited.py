"""A shop whose refusals are kept in its database, and people who look at it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.identity.account import Account, Kind, Session
from domain.tenants.tenant import KeyKind
from infrastructure.audit.refusals import Refusals
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.access_tokens import AccessTokens
from interfaces.http.app import create_app
from tests.http.conftest import MASTER_KEY, PEER, Api
from tests.http.fakes import ISSUER, TENANT, KnownAccounts, OneKey
from tests.http.test_whole import shop

__all__ = ["audited", "log_in", "shop", "written_refusals"]

KEYS = OneKey()
NAME, EMAIL = "Ada Canary", "ada.canary@mail.example"


@pytest.fixture
async def audited(shop: Api, database_url: str) -> AsyncGenerator[Api]:
    hashes = ClaimKeys(database_url, MasterKeys(MASTER_KEY))
    dropped = shop.services.metrics.refusals_dropped
    kept = Refusals(database_url, hashes.hash, dropped)
    tokens = AccessTokens(KEYS, ISSUER)
    services = replace(
        shop.services,
        refusals=kept,
        claim_keys=hashes,
        tokens=tokens,
        accounts=KnownAccounts(),
    )
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        shop.client, shop.services = client, services
        yield shop
    await kept.close()


async def log_in(api: Api, person_id: str, *roles: str) -> dict[str, str]:
    """Give the headers of somebody who has logged in."""
    accounts = api.services.accounts
    assert isinstance(accounts, KnownAccounts)
    session = Session(datetime.now(UTC) + timedelta(hours=1))
    kind = Kind.CUSTOMER if person_id.startswith("cus_") else Kind.STAFF
    accounts.known[person_id] = Account(
        person_id,
        kind,
        "key",
        roles,
        verified=True,
        suspended=False,
        closed=False,
        sessions={"ses_0001": session},
    )
    token, _ = await api.services.tokens.issue(TENANT, person_id, "ses_0001")
    return {"X-API-Key": api.key(KeyKind.PUBLISHABLE), "Authorization": f"Bearer {token}"}


async def written_refusals(api: Api) -> None:
    """Have what was refused so far in the database."""
    kept = api.services.refusals
    assert isinstance(kept, Refusals)
    await kept.flush()
