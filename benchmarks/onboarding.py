"""A tenant for the benchmarks, with a secret key that is never kept."""

import asyncio
import base64

from domain.tenants.tenant import KeyKind
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.migrate import migrate
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import FINANCE_SCOPES, NewStaff, NewTenant, onboard
from infrastructure.tenants.api_keys import new_key


def onboard_bench_tenant(database_url: str, slug: str, currency: str, master_key: str) -> str:
    """Migrate the database and give a new tenant's secret key."""
    migrate(database_url)
    key = new_key(KeyKind.SECRET, test=True)

    async def run() -> None:
        writer = Writer(database_url, MasterKeys(base64.b64decode(master_key)))
        await writer.start()
        staff = NewStaff("Benchmark", FINANCE_SCOPES, key)
        tenant = NewTenant(
            slug=slug,
            name="Benchmark",
            base_currency=currency,
            time_zone="Europe/Istanbul",
            mode=SchemeMode.LICENSED,
            test=True,
            staff=(staff,),
        )
        try:
            await onboard(writer, tenant)
        finally:
            await writer.stop()

    asyncio.run(run())
    return key.secret
