"""What all checks of the edge cost a command: `python -m benchmarks.identity.checks`.

Transfers over 64 connections to a process whose edge checks nothing, to one that checks a secret
key, and to one that checks a key, a token, its session and the roles on every call. The three take
turns, so that what else the machine does falls on all; medians are told. Both processes write the
same tenant, each in its turn, with all other roles running. The database is made for it.
"""

import asyncio
import base64
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from application.envelope import Actor, Envelope
from application.identity.accounts import OpenAccount
from application.identity.logins import EmailAddress
from application.identity.sessions import BeginSession
from benchmarks.defter import CURRENCY, TENANT, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.load import run_load
from benchmarks.processes import ServerProcess, free_port
from domain.identity.account import Kind
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.onboarding import tenant_id_of

ROUNDS = 5
SECONDS = 6.0
CONNECTIONS = 64
SHARE_MAX = 0.35
PERSON, SESSION = "stf_bench", "ses_bench"


async def token_of(database_url: str, master_key: str, issuer: str) -> str:
    """Open an account that may do everything, begin a session, and sign a token for it."""
    keys, tenant_id = MasterKeys(base64.b64decode(master_key)), tenant_id_of(TENANT)
    writer = Writer(database_url, keys)
    await writer.start()
    commands: tuple[Any, ...] = (
        OpenAccount(PERSON, Kind.STAFF, EmailAddress("b@b.example", "b"), ("tenant_admin",)),
        BeginSession(PERSON, SESSION, "password", "bench", timedelta(days=1)),
    )
    try:
        for command in commands:
            actor = Actor("sys_bench")
            await writer.send(Envelope(tenant_id, uuid4(), b"b" * 32, command, actor, "bench"))
    finally:
        await writer.stop()
    tokens = AccessTokens(SigningKeys(database_url, keys), issuer)
    return (await tokens.issue(tenant_id, PERSON, SESSION))[0]


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    defter = Defter(database_url, redis_url)
    defter.prepare()
    port = free_port()
    environment = defter.environment | {"DEFTER_PORT": str(port)}
    module = [sys.executable, "-P", "-m", "benchmarks.identity.unguarded"]
    unguarded = ServerProcess(module, port=port, environment=environment)
    defter.start(1)
    try:
        unguarded.wait_until_it_answers()
        master_key = defter.environment["DEFTER_MASTER_KEYS"]
        token = asyncio.run(token_of(database_url, master_key, "http://localhost:8000"))
        bearer = {**defter.headers, "Authorization": f"Bearer {token}"}
        asked: Mapping[str, tuple[str, Mapping[str, str]]] = {
            "nothing checked": (unguarded.url, defter.headers),
            "key": (defter.url, defter.headers),
            "key, token, session, roles": (defter.url, bearer),
        }
        seen: dict[str, list[float]] = {name: [] for name in asked}
        for number in range(ROUNDS + 1):
            for name, (url, headers) in asked.items():
                found = run_load(
                    url=f"{url}/api/wallet/transfers",
                    wallets=defter.wallets,
                    mode="uniform",
                    connections=CONNECTIONS,
                    seconds=SECONDS,
                    headers=headers,
                    currency=CURRENCY,
                    seed=number * 10 + len(seen[name]) * 100 + len(name),
                )
                if found.failed or found.refused:
                    raise RuntimeError(f"{name}: {found}")
                if number:  # the first round warms everything up
                    seen[name].append(found.per_second)
        defter.check()
    finally:
        unguarded.stop()
        defter.stop_roles()
    middle = {name: statistics.median(some) for name, some in seen.items()}
    bare = middle["nothing checked"]
    return tuple(
        Figure(
            name,
            f"{each:,.0f}/s, {1 - each / bare:.0%} of the bare throughput spent",
            f"at most {SHARE_MAX:.0%}" if each is not bare else "",
        )
        for name, each in middle.items()
    )


if __name__ == "__main__":
    raise SystemExit(tell(measure, "checks"))
