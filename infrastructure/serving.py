"""Everything on one machine: real servers, migrated, with a first tenant, and all roles running.

The roles load their modules while this process loads what migrates and onboards, so those imports
stand where they are used.
"""

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.embedded.folder import held, write_durably
from infrastructure.embedded.servers import embedded_postgres, embedded_servers, embedded_valkey
from infrastructure.supervisor import Role, Supervisor, Watched
from infrastructure.tenants.api_keys import key_of, new_key

FIRST_TENANT = "demo"
FIRST_STAFF = ("ayse", "mehmet", "zeynep")
"""What the keys of the first tenant's staff are called."""

MASTER_KEY_BYTES = 32
BACKGROUND_NICENESS = 5
"""Read models and effects may be some milliseconds behind; commands may not wait for them."""

ASK_SECONDS = 0.5


@dataclass(frozen=True)
class Serving:
    """A running service: where it answers, and the first tenant's and the platform's keys."""

    url: str
    tenant: str
    secret_key: str
    publishable_key: str
    database_url: str
    redis_url: str
    staff_keys: dict[str, str]
    platform_key: str
    folder: Path
    first_start: bool

    def ready_file(self) -> str:
        """Give what a ready file holds."""
        fields = asdict(self)
        kept = ("url", "tenant", "secret_key", "publishable_key", "database_url", "redis_url")
        return json.dumps({name: fields[name] for name in kept}, indent=2) + "\n"


def serve(
    *,
    host: str,
    port: int,
    folder: Path,
    ready_file: Path | None,
    announce: Callable[[Serving], None],
) -> None:
    """Run until SIGTERM or Ctrl-C. `announce` is called once everything answers."""
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    with _servers(folder) as (database_url, redis_url, watched):
        secret = _secrets(folder)
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        serving = Serving(
            url=url,
            tenant=FIRST_TENANT,
            secret_key=secret.keys[FIRST_STAFF[0]],
            publishable_key=secret.publishable_key,
            database_url=database_url,
            redis_url=redis_url,
            staff_keys=secret.keys,
            platform_key=secret.platform_key,
            folder=folder,
            first_start=secret.fresh,
        )

        def prepare() -> None:
            from infrastructure.event_log.migrate import migrate  # noqa: PLC0415 - see above

            migrate(database_url)
            asyncio.run(_first_tenant(database_url, secret))

        def ready() -> None:
            if ready_file is not None:
                write_durably(ready_file, serving.ready_file())
            announce(serving)

        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DEFTER_MASTER_KEYS": secret.master_key,
            "DEFTER_HOST": host,
            "DEFTER_PORT": str(port),
        }
        first_port = os.environ.get("DEFTER_OPERATIONS_PORT", "")
        Supervisor(
            _roles(url, first_port), watched=watched, environment=environment, prepare=prepare
        ).run(ready)
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def _roles(url: str, first_port: str) -> tuple[Role, ...]:
    """Give the roles; on one machine each answers for its metrics at a port of its own."""
    program = (sys.executable, "-P", "-m", "interfaces.cli")

    def answering_at(n: int) -> dict[str, str]:
        follows = first_port.isdecimal() and first_port != "0"
        return {"DEFTER_OPERATIONS_PORT": str(int(first_port) + n)} if follows else {}

    def role(name: str, n: int, *, late: bool) -> Role:
        argv, environment = (*program, name), answering_at(n)
        return Role(name, argv, niceness=BACKGROUND_NICENESS, late=late, environment=environment)

    return (
        role("projector", 0, late=False),
        Role("api", (*program, "api"), is_ready=lambda: _answers(url)),
        role("scheduler", 1, late=True),
        role("worker", 2, late=True),
    )


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/api/health/ready", timeout=ASK_SECONDS) as answer:  # noqa: S310 - our own address
            return answer.status == 200  # noqa: PLR2004 - OK
    except (URLError, OSError):
        return False


@contextmanager
def _servers(folder: Path) -> Generator[tuple[str, str, tuple[Watched, ...]]]:
    """Use the servers that the environment names, and embedded ones in place of the others."""
    database_url, redis_url = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with ExitStack() as stack:
        if database_url and redis_url:
            stack.enter_context(held(folder))
            yield database_url, redis_url, ()
        elif database_url:
            valkey = stack.enter_context(embedded_valkey(folder))
            yield database_url, valkey.url, (valkey,)
        elif redis_url:
            postgres = stack.enter_context(embedded_postgres(folder))
            yield postgres.url, redis_url, (postgres,)
        else:
            servers = stack.enter_context(embedded_servers(folder))
            yield servers.database_url, servers.redis_url, (servers.postgres, servers.valkey)


@dataclass(frozen=True)
class _Secrets:
    master_key: str
    keys: dict[str, str]
    publishable_key: str
    platform_key: str
    fresh: bool


def _secrets(folder: Path) -> _Secrets:
    """Read the folder's own secrets, made before anything is sealed or issued with them."""
    path = folder / "first-tenant.json"
    fresh = not path.exists()
    kept: dict[str, Any] = {} if fresh else json.loads(path.read_text(encoding="utf-8"))
    if fresh:
        kept["master_key"] = (
            os.environ.get("DEFTER_MASTER_KEYS")
            or base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode()
        )
        kept["keys"] = {name: new_key(KeyKind.SECRET, test=True).secret for name in FIRST_STAFF}
        kept["publishable_key"] = new_key(KeyKind.PUBLISHABLE, test=True).secret
    if "platform_key" not in kept:  # a folder of an earlier release has none
        kept["platform_key"] = new_key(KeyKind.SECRET, test=False).secret
        write_durably(path, json.dumps(kept, indent=2) + "\n")
    return _Secrets(**kept, fresh=fresh)


async def _first_tenant(database_url: str, secret: _Secrets) -> None:
    """Make the licensed test tenant, or find it as it was made."""
    from infrastructure.event_log.keyring import MasterKeys  # noqa: PLC0415 - see above
    from infrastructure.event_log.writing.writer import Writer  # noqa: PLC0415
    from infrastructure.onboarding import (  # noqa: PLC0415
        AUDITOR_SCOPES,
        FINANCE_SCOPES,
        PLATFORM_SCOPES,
        NewStaff,
        NewTenant,
        found_platform,
        onboard,
    )

    people = (
        ("Ayşe Demir, finance", FINANCE_SCOPES),
        ("Mehmet Kaya, finance", FINANCE_SCOPES),
        ("Zeynep Arslan, auditor", AUDITOR_SCOPES),
    )
    master_keys = MasterKeys(*map(base64.b64decode, secret.master_key.split(",")))
    writer = Writer(database_url, master_keys)
    await writer.start()
    admin = NewStaff("Platform admin", PLATFORM_SCOPES, key_of(secret.platform_key))
    try:
        await found_platform(writer, admin)
        await onboard(
            writer,
            NewTenant(
                slug=FIRST_TENANT,
                name="Demo shop",
                base_currency="TRY",
                time_zone="Europe/Istanbul",
                mode=SchemeMode.LICENSED,
                test=True,
                staff=tuple(
                    NewStaff(name, scopes, key_of(secret.keys[key]))
                    for key, (name, scopes) in zip(FIRST_STAFF, people, strict=True)
                ),
                publishable_key=key_of(secret.publishable_key),
            ),
        )
    finally:
        await writer.stop()
