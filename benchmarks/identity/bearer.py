"""Defter asked by somebody who has logged in: key, token, session and roles on every call."""

import asyncio
import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from application.envelope import Actor, Envelope
from application.identity.accounts import OpenAccount
from application.identity.logins import EmailAddress
from application.identity.sessions import BeginSession
from benchmarks.defter import BACKGROUND, TENANT, Defter
from domain.identity.account import Kind
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.onboarding import tenant_id_of

ISSUER = "http://localhost:8000"
PERSON = "stf_bench"


@dataclass
class Bearer(Defter):
    """Defter as a contender, whose caller brings an access token beside the key."""

    name: str = "defter, token"
    token: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        return with_token(super().headers, self.token)

    def start(self, processes: int, *, background: Sequence[str] = BACKGROUND) -> str:
        url = super().start(processes, background=background)
        self.token = token_of(self)
        return url


def with_token(headers: Mapping[str, str], token: str) -> Mapping[str, str]:
    return {**headers, "Authorization": f"Bearer {token}"}


def token_of(defter: Defter) -> str:
    """Log somebody in who may do everything, and give their token."""
    return asyncio.run(_token_of(defter))


async def _token_of(defter: Defter) -> str:
    keys = MasterKeys(base64.b64decode(defter.environment["DEFTER_MASTER_KEYS"]))
    tenant_id, session_id = tenant_id_of(TENANT), f"ses_{secrets.token_hex(8)}"
    writer = Writer(defter.database_url, keys)
    await writer.start()
    commands: tuple[Any, ...] = (
        OpenAccount(PERSON, Kind.STAFF, EmailAddress("b@b.example", "b"), ("tenant_admin",)),
        BeginSession(PERSON, session_id, "password", "bench", timedelta(days=1)),
    )
    try:
        for command in commands:
            actor = Actor("sys_bench")
            # An account that is open already is refused another one.
            await writer.send(Envelope(tenant_id, uuid4(), b"b" * 32, command, actor, "bench"))
    finally:
        await writer.stop()
    tokens = AccessTokens(SigningKeys(defter.database_url, keys), ISSUER)
    return (await tokens.issue(tenant_id, PERSON, session_id))[0]
